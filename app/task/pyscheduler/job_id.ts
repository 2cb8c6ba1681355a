/** What a job is called: by config.py, and as a task. */
import { isTaskFile } from "../source.ts";
import { isTaskId } from "../task_id.ts";
import type { Expression } from "./expression.ts";
import type { FunctionPlace, Names } from "./names.ts";
import { UnknownValue, valueOf } from "./values.ts";

export type JobId =
  | { readonly kind: "given" | "made"; readonly id: string }
  | { readonly kind: "unknown"; readonly why: string };

/** Scripts know a job by its id: one that is known only when it is run is not made up. */
export function idOf(given: Expression | undefined, names: Names, place: FunctionPlace): JobId {
  try {
    const id = given && valueOf(given, names);
    if (isText(id)) return { kind: "given", id };
    if (typeof id === "number") return { kind: "given", id: String(id) };
  } catch (error) {
    if (!(error instanceof UnknownValue)) throw error;
    return { kind: "unknown", why: error.message };
  }
  return { kind: "made", id: place.function.replaceAll(".", "_") };
}

/** A task is called as its file is, which must not look like a test's. */
export function taskIdFor(id: string): string {
  const name = isTaskId(id) ? id : slug(id);
  return isTaskFile(`${name}.ts`) ? name : `${name}_task`;
}

function slug(id: string): string {
  return id.replace(/[^\p{L}\p{N}_.-]+/gu, "_").replace(/^[_.-]+/, "").slice(0, 100) || "task";
}

export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
