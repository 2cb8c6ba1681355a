/** To which table a record belongs, by what it looks like: the tables' own roots may be damaged. */
import { LOG_LEVELS } from "../../../base/log_level.ts";
import type { LogLine, Run } from "../../../model/run.ts";
import type { TaskState } from "../../../model/history.ts";
import type { WatermarkValue } from "../../../model/order.ts";
import { RUN_COLUMNS, type RunRow, toLine, toRun } from "../rows.ts";
import { toPauses } from "../states.ts";
import { isRunId } from "../../run_id.ts";
import type { Stored } from "./cells.ts";

export type Found =
  | { readonly kind: "run"; readonly run: Run }
  | { readonly kind: "line"; readonly runId: string; readonly number: number; readonly line: LogLine }
  | { readonly kind: "state"; readonly taskId: string; readonly state: TaskState }
  | { readonly kind: "mark"; readonly taskId: string; readonly name: string; readonly value: WatermarkValue }
  | { readonly kind: "alive"; readonly at: number }
  | { readonly kind: "artifact"; readonly row: readonly (string | number)[] }
  | { readonly kind: "code"; readonly row: readonly (string | number)[] };

/** Versions and hashes. */
const CODE_KEY = /^(?:[0-9a-f]{16}|[0-9a-f]{64})$/;

/** Columns of the first version of `runs`; later ones have more at the end. */
const FIRST_RUN_COLUMNS = 14;

/** `t` a text, `i` a whole number, `-` null; anything else is in no row of ours. */
function shapeOf(record: readonly Stored[]): string {
  return record.map((value) =>
    value === null ? "-" : typeof value === "string" ? "t" : Number.isSafeInteger(value) ? "i" : "?"
  ).join("");
}

export function recognise(record: readonly Stored[]): Found | undefined {
  const shape = shapeOf(record);
  if (shape.length >= FIRST_RUN_COLUMNS) return asRun(record);
  if (shape === "-tiitt") return asLine(record.slice(1));
  // Lines had no number of their own in the first two versions.
  if (shape === "tiitt") return asLine(record);
  if (["titi", "titii", "titii-", "titiit"].includes(shape)) return asState(record);
  if (shape === "ttt") return asMark(record);
  if (shape === "ti" && record[0] === "alive") return { kind: "alive", at: Number(record[1]) };
  if (shape === "tittii" && isRunId(String(record[0]))) {
    return { kind: "artifact", row: record as (string | number)[] };
  }
  if (shape === "tti" && CODE_KEY.test(String(record[0]))) {
    return { kind: "code", row: record as (string | number)[] };
  }
  return undefined;
}

function asRun(record: readonly Stored[]): Found | undefined {
  if (!isRunId(String(record[0]))) return undefined;
  const row = Object.fromEntries(RUN_COLUMNS.map((name, i) => [name, record[i] ?? null]));
  try {
    return { kind: "run", run: toRun(row as unknown as RunRow) };
  } catch {
    // A column is damaged; there is no half of a run.
    return undefined;
  }
}

function asLine([runId, number, at, level, text]: readonly Stored[]): Found | undefined {
  const known: readonly unknown[] = LOG_LEVELS;
  if (!isRunId(String(runId)) || !known.includes(level)) return undefined;
  return { kind: "line", runId: String(runId), number: Number(number), line: toLine({ at, level, text }) };
}

function asState([taskId, firstSeen, trigger, settledTo, paused, pause]: readonly Stored[]): Found {
  const state: TaskState = {
    firstSeen: Number(firstSeen),
    trigger: String(trigger),
    settledTo: Number(settledTo),
    paused: paused === 1,
    ...pausesOf(pause, paused === 1),
  };
  return { kind: "state", taskId: String(taskId), state };
}

function pausesOf(stored: Stored | undefined, paused: boolean): ReturnType<typeof toPauses> {
  try {
    return toPauses(stored, paused);
  } catch {
    // It is damaged; that the task is paused counts nevertheless.
    return {};
  }
}

function asMark([taskId, name, json]: readonly Stored[]): Found | undefined {
  try {
    const value: unknown = JSON.parse(String(json));
    if (typeof value !== "string" && typeof value !== "number") return undefined;
    return { kind: "mark", taskId: String(taskId), name: String(name), value };
  } catch {
    // It is no value of a watermark.
    return undefined;
  }
}
