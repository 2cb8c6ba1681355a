/** Which tasks of the list are wanted: read from the address, written back to it as short as may be. */
import { type Locale, text, type TextKey } from "../locale/locale.ts";
import { BAD_STATUSES, type RunStatus } from "../history/run.ts";
import type { TaskView } from "../../templates/views.ts";
import { RequestProblem } from "./problem.ts";

/** What a task's last run, or the task itself, can be looked for by. */
export const TASK_STATES = ["running", "succeeded", "failed", "skipped", "paused", "never"] as const;
export type TaskState = (typeof TASK_STATES)[number];

export interface TaskFilter {
  /** Part of a name, an id, a description or a tag, whatever the case. */
  readonly q: string;
  readonly status: TaskState | "";
  readonly tag: string;
  /** What the tasks are put together by: their folder when left out, or the first of their tags. */
  readonly group: "" | "tag";
}

const MEANT: Readonly<Record<Exclude<TaskState, "paused" | "never">, readonly RunStatus[]>> = {
  running: ["queued", "running"],
  succeeded: ["succeeded"],
  failed: BAD_STATUSES,
  skipped: ["skipped", "missed", "cancelled"],
};

export function readTaskFilter(params: URLSearchParams): TaskFilter {
  const status = params.get("status") ?? "";
  const known = TASK_STATES.find((each) => each === status);
  if (status !== "" && !known) {
    throw new RequestProblem(400, "problem.request", {
      reason: `status: "${status}" is not one of ${TASK_STATES.join(", ")}`,
    });
  }
  const group = params.get("group") ?? "";
  if (group !== "" && group !== "tag") {
    throw new RequestProblem(400, "problem.request", { reason: `group: "${group}" is not "tag"` });
  }
  return {
    q: (params.get("q") ?? "").trim(),
    status: known ?? "",
    tag: params.get("tag") ?? "",
    group,
  };
}

export function passesFilter(task: TaskView, { q, status, tag }: TaskFilter): boolean {
  if (tag !== "" && !task.tags.includes(tag)) return false;
  if (!hasState(task, status)) return false;
  const wanted = q.toLowerCase();
  return wanted === "" ||
    [task.title, task.id, task.description ?? "", ...task.tags].some((each) =>
      each.toLowerCase().includes(wanted)
    );
}

/** How many tasks have each state that is worth a look. */
export function countStates(tasks: readonly TaskView[]): { readonly state: TaskState; readonly n: number }[] {
  return (["running", "failed", "paused"] as const).map((state) => ({
    state,
    n: tasks.filter((task) => hasState(task, state)).length,
  })).filter(({ n }) => n > 0);
}

function hasState(task: TaskView, state: TaskState | ""): boolean {
  switch (state) {
    case "":
      return true;
    case "paused":
      return task.paused;
    case "never":
      return task.last === undefined;
    default:
      return task.last !== undefined && MEANT[state].includes(task.last.status);
  }
}

/** The states with their words, for a choice. */
export function taskStateChoices(locale: Locale): { readonly value: TaskState; readonly label: string }[] {
  return TASK_STATES.map((value) => ({ value, label: text(locale, `filter.${value}` satisfies TextKey) }));
}
