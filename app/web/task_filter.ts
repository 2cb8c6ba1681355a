/** Which tasks of the list are wanted, and in which order: read from the address, written back to it as short as may be. */
import type { Locale, LocalText } from "../model/locale.ts";
import { localText, text } from "../locale/locale.ts";
import { isBad } from "../model/run.ts";
import type { Task } from "../task/task.ts";
import type { TaskActivity } from "../service/queries/activity.ts";
import { oneOfIn, wordIn } from "./query_words.ts";

/**
 * What tasks can be looked for by. Outcome, running and paused are separate facts: a task that runs may have failed before.
 * `skipped` are those whose newest due instant became no run.
 */
export const TASK_STATES = ["running", "succeeded", "failed", "skipped", "paused", "never"] as const;
export type TaskState = (typeof TASK_STATES)[number];
export const TASK_SORTS = ["name", "next", "last", "took", "failed"] as const;
export type TaskSort = (typeof TASK_SORTS)[number];

/** Stands for no folder, or no tag. */
export const NONE = ".";

export interface TaskFilter {
  /** Part of a name, an id, a description or a tag, whatever the case. */
  readonly q: string;
  readonly status: TaskState | "";
  readonly tag: string;
  /** Folder; {@link NONE} for the tasks folder itself. */
  readonly folder: string;
  /** The first of its tags, which is the group it stands in; {@link NONE} for a task without one. */
  readonly first: string;
  /** What the tasks are put together by: their folder when left out, or the first of their tags. */
  readonly group: "" | "tag";
  /** A column, with `-` before it for the other way round; by name when left out. */
  readonly sort: "" | `${"" | "-"}${TaskSort}`;
  /** Folders whose rows are wanted, where a long list has them folded. */
  readonly open: readonly string[];
}

/** What is known of a task before its row is made. */
export interface ListedTask {
  readonly task: Task;
  readonly paused: boolean;
  readonly hasTrigger: boolean;
  readonly activity: TaskActivity;
}

export function readTaskFilter(params: URLSearchParams): TaskFilter {
  const word = (name: string) => wordIn(params, name);
  const oneOf = <T extends string>(name: string, known: readonly T[]) => oneOfIn(params, name, known);
  const sorts = TASK_SORTS.flatMap((each) => [each, `-${each}` as const]);
  return {
    q: word("q"),
    status: oneOf("status", TASK_STATES),
    tag: word("tag"),
    folder: word("folder"),
    first: word("first"),
    group: oneOf("group", ["tag"]),
    sort: oneOf("sort", sorts),
    open: params.getAll("open"),
  };
}

export function folderOf({ path }: Task): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

export function passesFilter(listed: ListedTask, { q, status, tag, folder, first }: TaskFilter): boolean {
  const { task } = listed;
  const { tags, title, description } = task.description;
  if (tag !== "" && !tags.includes(tag)) return false;
  if (folder !== "" && (folderOf(task) || NONE) !== folder) return false;
  if (first !== "" && (tags[0] || NONE) !== first) return false;
  if (!hasState(listed, status)) return false;
  const wanted = q.toLowerCase();
  return wanted === "" ||
    [task.id, ...tags, ...wordsIn(title), ...wordsIn(description)].some((each) =>
      each.toLowerCase().includes(wanted)
    );
}

/** Every language is looked through: whoever searches may know a name from somebody else. */
function wordsIn(given: LocalText | undefined): readonly string[] {
  if (given === undefined) return [];
  return typeof given === "string" ? [given] : Object.values(given);
}

export function titleOf({ id, description: { title } }: Task, locale: Locale): string {
  return title === undefined ? id : localText(title, locale);
}

/** How many tasks have each state that is worth a look. */
export function countStates(
  tasks: readonly ListedTask[],
): { readonly state: TaskState; readonly n: number }[] {
  return (["failed", "running", "paused"] as const).map((state) => ({
    state,
    n: tasks.filter((task) => hasState(task, state)).length,
  })).filter(({ n }) => n > 0);
}

export function hasState({ paused, activity }: ListedTask, state: TaskState | ""): boolean {
  const { outcome, verdict, notRun, active } = activity;
  switch (state) {
    case "":
      return true;
    case "paused":
      return paused;
    case "running":
      return active.length > 0;
    case "skipped":
      return notRun !== undefined || outcome?.status === "cancelled";
    case "succeeded":
      return verdict?.status === "succeeded";
    case "failed":
      return verdict !== undefined && isBad(verdict.status);
    case "never":
      return outcome === undefined && notRun === undefined && active.length === 0;
  }
}

/** Names in the order that people expect: `task 2` before `task 10`. */
export const NAMES = new Intl.Collator(undefined, { numeric: true });

/** The tasks in the order of a column; those without a value come last. */
export function sorted(
  tasks: readonly ListedTask[],
  sort: TaskFilter["sort"],
  valueOf: (task: ListedTask, column: TaskSort) => number | string | undefined,
): readonly ListedTask[] {
  const descends = sort.startsWith("-");
  const column = TASK_SORTS.find((each) => each === sort.replace("-", "")) ?? "name";
  const values = new Map(tasks.map((each) => [each, valueOf(each, column)]));
  return tasks.toSorted((a, b) => {
    const [x, y] = [values.get(a), values.get(b)];
    if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? 1 : -1;
    const order = typeof x === "string" ? NAMES.compare(x, String(y)) : x - Number(y);
    return descends ? -order : order;
  });
}

/** The states with their words, for a choice. */
export function taskStateChoices(locale: Locale): { readonly value: TaskState; readonly label: string }[] {
  return TASK_STATES.map((value) => ({ value, label: text(locale, `filter.${value}`) }));
}
