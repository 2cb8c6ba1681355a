/** `after`: which task runs when another one has ended, and what is wrong with such links. */
import type { TextValues } from "../locale/locale.ts";
import type { AfterRule } from "./policies.ts";
import type { Task } from "./registry.ts";

export interface Follow {
  /** The task that follows. */
  readonly task: string;
  readonly on: AfterRule["on"];
}

/** The followers of each task. A task that would follow itself, over whichever way, does not follow. */
export function followers(tasks: readonly Task[]): ReadonlyMap<string, readonly Follow[]> {
  const found = new Map<string, Follow[]>();
  const links = linksOf(tasks);
  for (const { id, description } of tasks) {
    for (const { task, on } of description.policies.after) {
      if (cycleFrom(id, task, links)) continue;
      found.set(task, [...found.get(task) ?? [], { task: id, on }]);
    }
  }
  return found;
}

/** What is wrong with a link, for every language to say. */
export interface FollowProblem {
  readonly key: "warning.after_unknown" | "warning.after_cycle";
  readonly values: TextValues;
}

/** Links that lead nowhere or in a circle, by the task that declares them. */
export function followProblems(tasks: readonly Task[]): ReadonlyMap<string, readonly FollowProblem[]> {
  const ids = tasks.map(({ id }) => id);
  const links = linksOf(tasks);
  const problems = new Map<string, FollowProblem[]>();
  for (const { id, description } of tasks) {
    for (const { task } of description.policies.after) {
      const cycle = cycleFrom(id, task, links)?.join(" → ");
      const problem: FollowProblem | undefined = !ids.includes(task)
        ? { key: "warning.after_unknown", values: { task, known: ids.join(", ") } }
        : cycle === undefined
        ? undefined
        : { key: "warning.after_cycle", values: { task, cycle } };
      if (problem) problems.set(id, [...problems.get(id) ?? [], problem]);
    }
  }
  return problems;
}

/** The tasks that each task runs after. */
function linksOf(tasks: readonly Task[]): ReadonlyMap<string, readonly string[]> {
  return new Map(
    tasks.map(({ id, description }) => [id, description.policies.after.map(({ task }) => task)]),
  );
}

/** The way from `start` over `first` back to `start`, where there is one. */
function cycleFrom(
  start: string,
  first: string,
  links: ReadonlyMap<string, readonly string[]>,
): string[] | undefined {
  const seen = new Set<string>();
  const ways: string[][] = [[start, first]];
  for (let way = ways.shift(); way; way = ways.shift()) {
    const at = way.at(-1) ?? "";
    if (at === start) return way;
    if (seen.has(at)) continue;
    seen.add(at);
    for (const next of links.get(at) ?? []) ways.push([...way, next]);
  }
  return undefined;
}
