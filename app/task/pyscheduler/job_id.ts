/** What a job is called: by config.py, and as a task. */
import { isTaskFile } from "../source.ts";
import { isTaskId } from "../task_id.ts";
import type { Expression } from "./expression.ts";
import type { Names } from "./names.ts";
import { UnknownValue, valueOf } from "./values.ts";

export interface KnownJobId {
  readonly kind: "given" | "made";
  readonly id: string;
}

export type JobId =
  | KnownJobId
  | { readonly kind: "unknown"; readonly why: string };

/**
 * Scripts know a job by its id: one that is known only when it is run is not made up.
 *
 * @param made for a job that has none
 */
export function idOf(given: Expression | undefined, names: Names, made: string): JobId {
  try {
    const id = given && valueOf(given, names);
    if (isText(id)) return { kind: "given", id };
    if (typeof id === "number") return { kind: "given", id: String(id) };
  } catch (error) {
    if (!(error instanceof UnknownValue)) throw error;
    return { kind: "unknown", why: error.message };
  }
  return { kind: "made", id: made };
}

/** What the tasks of jobs are called: no two jobs are the same task because of a name that was made here. */
export class TaskIds {
  readonly #ofIds = new Map<string, string>();
  readonly #taken: Set<string>;

  /** @param given all ids that config.py gives to jobs; those that a task can have are kept for it */
  constructor(given: readonly string[]) {
    this.#taken = new Set(given.filter((id) => taskIdFor(id) === id));
  }

  /** The same for the same id, as a job may take the place of another; a new one for each job without. */
  of({ kind, id }: KnownJobId): string {
    if (kind === "made") return this.#unused(taskIdFor(id));
    const found = this.#ofIds.get(id) ?? (taskIdFor(id) === id ? id : this.#unused(taskIdFor(id)));
    this.#ofIds.set(id, found);
    return found;
  }

  #unused(wanted: string): string {
    let name = wanted;
    for (let number = 2; this.#taken.has(name); number++) name = `${wanted.slice(0, 90)}_${number}`;
    this.#taken.add(name);
    return name;
  }
}

/** A task is called as its file is, which must not look like a test's. */
function taskIdFor(id: string): string {
  const name = isTaskId(id) ? id : slug(id);
  return isTaskFile(`${name}.ts`) ? name : `${name}_task`;
}

function slug(id: string): string {
  return id.replace(/[^\p{L}\p{N}_.-]+/gu, "_").replace(/^[_.-]+/, "").slice(0, 100) || "task";
}

export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
