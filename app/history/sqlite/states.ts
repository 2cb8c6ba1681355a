/** What the history file keeps of tasks beside their runs. */
import type { TaskState } from "../../model/history.ts";
import type { PauseTerms } from "../../model/pause.ts";
import type { TaskWatermarks, WatermarkValue } from "../../model/order.ts";
import { json, text, whole } from "./rows.ts";
import type { Row, Statements } from "./statements.ts";

export function readState(sql: Statements, taskId: string): TaskState | undefined {
  const row = sql.one("SELECT * FROM task_states WHERE task_id = ?", taskId);
  return row && toState(row);
}

/** Of all tasks. */
export function readStates(sql: Statements): ReadonlyMap<string, TaskState> {
  return new Map(sql.all("SELECT * FROM task_states").map((row) => [text(row.task_id), toState(row)]));
}

function toState(row: Row): TaskState {
  const state = {
    firstSeen: whole(row.first_seen),
    trigger: text(row.trigger_identity),
    settledTo: whole(row.settled_to),
    paused: row.paused === 1,
  };
  return { ...state, ...toPauses(row.pause, state.paused) };
}

/** What is stored of a task's pauses: the terms of the one that goes on, and when the last one was over. */
export function toPauses(stored: unknown, paused: boolean): Pick<TaskState, "pause" | "resumedAt"> {
  return { pause: paused ? toPause(stored) : undefined, resumedAt: toResumedAt(stored) };
}

function fromPauses({ paused, pause, resumedAt }: TaskState): string | null {
  const terms = paused ? pause : undefined;
  return terms || resumedAt !== undefined ? JSON.stringify({ ...terms, resumedAt }) : null;
}

function toResumedAt(stored: unknown): number | undefined {
  const read = typeof stored === "string" ? json(stored) : null;
  const { resumedAt } = (typeof read === "object" ? read ?? {} : {}) as { readonly resumedAt?: unknown };
  return typeof resumedAt === "number" && Number.isSafeInteger(resumedAt) ? resumedAt : undefined;
}

/** Until when and why a trigger is paused; undefined for what says nothing of it. That it is paused stands elsewhere. */
function toPause(stored: unknown): PauseTerms | undefined {
  const read = typeof stored === "string" ? json(stored) : null;
  if (typeof read !== "object" || read === null) return undefined;
  const { until, note, by } = read as Readonly<Record<string, unknown>>;
  if (until === undefined && note === undefined && by === undefined) return undefined;
  return {
    until: typeof until === "number" && Number.isSafeInteger(until) ? until : undefined,
    note: typeof note === "string" ? note : undefined,
    by: typeof by === "string" ? by : undefined,
  };
}

export function writeState(sql: Statements, taskId: string, state: TaskState): void {
  sql.run(
    `INSERT INTO task_states (task_id, first_seen, trigger_identity, settled_to, paused, pause)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (task_id) DO UPDATE SET first_seen = excluded.first_seen, trigger_identity = excluded.trigger_identity,
       settled_to = excluded.settled_to, paused = excluded.paused, pause = excluded.pause`,
    taskId,
    state.firstSeen,
    state.trigger,
    state.settledTo,
    state.paused ? 1 : 0,
    fromPauses(state),
  );
}

export function readWatermarks(sql: Statements, taskId: string): TaskWatermarks {
  const rows = sql.all("SELECT name, value FROM watermarks WHERE task_id = ?", taskId);
  return Object.fromEntries(rows.map(({ name, value }) => [text(name), json(value) as WatermarkValue]));
}

/** Tasks that have watermarks. */
export function markedTasks(sql: Statements): readonly string[] {
  return sql.all("SELECT DISTINCT task_id FROM watermarks").map(({ task_id }) => text(task_id));
}

export function writeWatermarks(sql: Statements, taskId: string, marks: TaskWatermarks): void {
  for (const [name, value] of Object.entries(marks)) {
    sql.run(
      `INSERT INTO watermarks VALUES (?, ?, ?)
       ON CONFLICT (task_id, name) DO UPDATE SET value = excluded.value`,
      taskId,
      name,
      JSON.stringify(value),
    );
  }
}
