/** `after`: which task runs when another one has ended, and what is wrong with such links. */
import { sentence } from "../locale/sentence.ts";
import type { EpochMs } from "../base/time.ts";
import { list, text } from "../locale/locale.ts";
import type { Locale } from "../model/locale.ts";
import { listOf, objectOf, oneOf, refuse, textsOf } from "./option.ts";
import type { Policy, TaskWarning } from "./policy.ts";

export interface FollowKeys {
  /**
   * Runs it when another task has ended: `"other_task"` when that succeeded; `{ all: ["a", "b"] }` when each of them has
   * succeeded since this task's last start. Beside its trigger, or without one.
   */
  readonly after?:
    | string
    | AfterOptions
    | AfterAllOptions
    | readonly (string | AfterOptions | AfterAllOptions)[];
}

export interface AfterOptions {
  readonly task: string;
  /** `"success"` when left out. */
  readonly on?: FollowOn;
}

export interface AfterAllOptions {
  /** Ids of tasks, each of which has to succeed after this task was started the last time. */
  readonly all: readonly string[];
}

const FOLLOW_ON = ["success", "failure", "end"] as const;
/** How the other task has to end. */
export type FollowOn = (typeof FOLLOW_ON)[number];

export type AfterRule =
  | { readonly kind: "one"; readonly task: string; readonly on: FollowOn }
  | { readonly kind: "all"; readonly tasks: readonly string[] };

const MAX_RULES = 100;

export const follow: Policy<FollowKeys, { readonly after: readonly AfterRule[] }> = {
  keys: { after: "policy.after" },
  read: ({ after }) => ({ after: listOf("after", after, MAX_RULES).map(readRule) }),
  wordsOf: ({ after }, locale) => ({
    after: after.length === 0 ? undefined : list(locale, after.map((rule) => ruleText(rule, locale))),
  }),
};

function readRule(after: unknown): AfterRule {
  if (typeof after === "string") return { kind: "one", task: taskName("after", after), on: "success" };
  const { task, on, all } = objectOf("after", after, ["task", "on", "all"]);
  if (all === undefined) {
    return {
      kind: "one",
      task: taskName("after.task", task),
      on: oneOf("after.on", on ?? "success", FOLLOW_ON),
    };
  }
  if (task !== undefined || on !== undefined) refuse("after.all", sentence("mistake.after.all"));
  const tasks = textsOf("after.all", all, MAX_RULES);
  return tasks.length > 0 ? { kind: "all", tasks } : refuse("after.all", sentence("mistake.after.tasks"));
}

function taskName(key: string, name: unknown): string {
  if (typeof name !== "string" || name === "") return refuse(key, sentence("mistake.after.task"));
  return textsOf(key, name)[0] ?? name;
}

function ruleText(rule: AfterRule, locale: Locale): string {
  return rule.kind === "one"
    ? text(locale, `after.${rule.on}`, { task: rule.task })
    : text(locale, "after.all", { tasks: list(locale, rule.tasks) });
}

/** What is asked of a task here. */
export interface FollowingTask {
  readonly id: string;
  readonly description: { readonly policies: { readonly after: readonly AfterRule[] } };
}

export interface Follow {
  /** The task that follows. */
  readonly task: string;
  readonly on: FollowOn;
  /** Where given, it follows only once {@link allSucceeded} of these, the one that has just ended among them. */
  readonly all?: readonly string[];
}

/** The followers of each task. A task that would follow itself, over whichever way, does not follow. */
export function followers(tasks: readonly FollowingTask[]): ReadonlyMap<string, readonly Follow[]> {
  const found = new Map<string, Follow[]>();
  const links = linksOf(tasks);
  for (const { id, description } of tasks) {
    for (const rule of description.policies.after) {
      const others = tasksOf(rule);
      if (others.some((other) => cycleFrom(id, other, links))) continue;
      const follow: Follow = rule.kind === "one"
        ? { task: id, on: rule.on }
        : { task: id, on: "success", all: rule.tasks };
      for (const other of others) found.set(other, [...found.get(other) ?? [], follow]);
    }
  }
  return found;
}

/**
 * Whether each of the tasks has succeeded since the follower was started the last time.
 *
 * @param succeededAt when the newest success of a task was over
 * @param startedAt when the newest run of the follower was queued, whatever asked for it; undefined where it has none
 */
export function allSucceeded(
  all: readonly string[],
  succeededAt: (task: string) => EpochMs | undefined,
  startedAt: EpochMs | undefined,
): boolean {
  return all.every((task) => {
    const at = succeededAt(task);
    return at !== undefined && (startedAt === undefined || at > startedAt);
  });
}

/** What is wrong with a link, for every language to say. */
export interface FollowProblem extends TaskWarning {
  readonly key: "warning.after_unknown" | "warning.after_cycle";
}

/** Of so many tasks the names are given where one is not known. */
const MAX_TOLD = 50;

/** Links that lead nowhere or in a circle, by the task that declares them. */
export function followProblems(
  tasks: readonly FollowingTask[],
): ReadonlyMap<string, readonly FollowProblem[]> {
  const links = linksOf(tasks);
  const ids = [...links.keys()];
  const known = ids.length > MAX_TOLD ? [...ids.slice(0, MAX_TOLD), "…"] : ids;
  const problems = new Map<string, FollowProblem[]>();
  for (const { id, description } of tasks) {
    for (const task of description.policies.after.flatMap(tasksOf)) {
      const cycle = cycleFrom(id, task, links)?.join(" → ");
      const problem: FollowProblem | undefined = !links.has(task)
        ? { key: "warning.after_unknown", values: { task, known: known.join(", ") } }
        : cycle === undefined
        ? undefined
        : { key: "warning.after_cycle", values: { task, cycle } };
      if (problem) problems.set(id, [...problems.get(id) ?? [], problem]);
    }
  }
  return problems;
}

/** The tasks that each task runs after. */
function linksOf(tasks: readonly FollowingTask[]): ReadonlyMap<string, readonly string[]> {
  return new Map(
    tasks.map(({ id, description }) => [id, description.policies.after.flatMap(tasksOf)]),
  );
}

function tasksOf(rule: AfterRule): readonly string[] {
  return rule.kind === "one" ? [rule.task] : rule.tasks;
}

/** The way from `start` over `first` back to `start`, the shortest there is; undefined where there is none. */
function cycleFrom(
  start: string,
  first: string,
  links: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined {
  const cameFrom = new Map([[first, start]]);
  // A list that grows while it is walked: those to be looked at, the nearest first.
  const reached = [first];
  for (const at of reached) {
    if (at === start) return wayTo(start, cameFrom);
    for (const next of links.get(at) ?? []) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      reached.push(next);
    }
  }
  return undefined;
}

function wayTo(start: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const way = [start];
  let at = cameFrom.get(start);
  for (; at !== undefined && at !== start; at = cameFrom.get(at)) way.unshift(at);
  return [start, ...way];
}
