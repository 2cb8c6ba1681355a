/** Runs as rows of the history file, and which rows a question is about. */
import type { EpochMs } from "../time.ts";
import type { RunReason } from "./reason.ts";
import { isTerminal, type Run, RUN_STATUSES, type RunCause, type RunError, type RunStatus } from "./run.ts";
import type { RunOutcome, RunQuery } from "./store.ts";

/** A row of `runs` as SQLite gives it. */
export interface RunRow {
  readonly id: string;
  readonly task_id: string;
  readonly status: string;
  readonly cause: string;
  readonly asked_by: string | null;
  readonly scheduled_at: number | null;
  readonly queued_at: number;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly attempt: number;
  readonly instants: number;
  readonly params: string;
  readonly message: string | null;
  readonly error: string | null;
  readonly reason: string | null;
}

/** The facts of a row that calendars and timelines show. */
export function toOutcome(
  row: Pick<
    RunRow,
    "id" | "task_id" | "status" | "cause" | "scheduled_at" | "queued_at" | "started_at" | "finished_at"
  >,
): RunOutcome {
  return {
    id: row.id,
    taskId: row.task_id,
    status: row.status as RunStatus,
    cause: row.cause as RunCause,
    queuedAt: row.queued_at,
    ...(row.scheduled_at === null ? {} : { scheduledAt: row.scheduled_at }),
    ...(row.started_at === null ? {} : { startedAt: row.started_at }),
    ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
  };
}

export function toRun(row: RunRow): Run {
  return {
    ...toOutcome(row),
    attempt: row.attempt,
    instants: row.instants,
    params: JSON.parse(row.params) as Record<string, unknown>,
    ...(row.asked_by === null ? {} : { by: row.asked_by }),
    ...(row.message === null ? {} : { message: row.message }),
    ...(row.error === null ? {} : { error: JSON.parse(row.error) as RunError }),
    ...(row.reason === null ? {} : { reason: JSON.parse(row.reason) as RunReason }),
  };
}

/** The columns in the order of the table. */
export function toRow(run: Run): (string | number | null)[] {
  return [
    run.id,
    run.taskId,
    run.status,
    run.cause,
    run.by ?? null,
    run.scheduledAt ?? null,
    run.queuedAt,
    run.startedAt ?? null,
    run.finishedAt ?? null,
    run.attempt,
    run.instants,
    JSON.stringify(run.params),
    run.message ?? null,
    run.error ? JSON.stringify(run.error) : null,
    run.reason ? JSON.stringify(run.reason) : null,
  ];
}

/** No id of a run that was queued at or after this moment is smaller: ids are UUIDv7 (RFC 9562), 48 bits of milliseconds first. */
export function idFloor(ms: EpochMs): string {
  const hex = Math.max(0, Math.floor(ms)).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}`;
}

/** Statuses of the index `runs_unwell`. */
const UNWELL = RUN_STATUSES.filter((each) => isTerminal(each) && each !== "succeeded");
/** So many matching lines are looked at, the newest ones. */
const MAX_MATCHES = 5_000;
/** The trigram index finds texts of at least three characters. */
const SHORTEST_INDEXED = 3;

/** How far the index of the lines' text goes. */
export interface IndexState {
  /** Number of the last line that is in the index. */
  readonly indexedTo: number;
  /** Number of the line from which on texts are read that the index cannot find. */
  readonly readFrom: number;
}

/** A statement for a question, and its values. */
export function findStatement(
  query: RunQuery,
  { indexedTo, readFrom }: IndexState,
): { readonly sql: string; readonly values: (string | number)[] } {
  const { taskId, statuses, from, to, text, before, limit } = query;
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const where = (condition: string, ...given: (string | number)[]) => {
    conditions.push(condition);
    values.push(...given);
  };
  if (taskId !== undefined) where("task_id = ?", taskId);
  if (statuses) {
    const list = (all: readonly RunStatus[]) => all.map((each) => `'${each}'`).join(", ");
    // Said twice: with the first the partial index fits, the second says what is wanted.
    if (statuses.every((each) => UNWELL.includes(each))) where(`status IN (${list(UNWELL)})`);
    where(`status IN (${statuses.map(() => "?").join(", ")})`, ...statuses);
  }
  if (from !== undefined) where("id >= ?", idFloor(from));
  if (to !== undefined) where("id < ?", idFloor(to));
  if (before !== undefined) where("id < ?", before);
  if (text !== undefined) {
    const like = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
    const indexed = [...text].length >= SHORTEST_INDEXED;
    where(
      `id IN (SELECT run_id FROM lines WHERE id IN (
         SELECT * FROM (SELECT id FROM lines WHERE id > ? AND text LIKE ? ESCAPE '\\' ORDER BY id DESC LIMIT ${MAX_MATCHES})
         ${
        indexed
          ? `UNION SELECT * FROM (SELECT rowid FROM lines_fts WHERE lines_fts MATCH ? ORDER BY rowid DESC LIMIT ${MAX_MATCHES})`
          : ""
      }))`,
      indexed ? indexedTo : readFrom,
      like,
      ...(indexed ? [`"${text.replaceAll('"', '""')}"`] : []),
    );
  }
  const all = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
  values.push(limit);
  return { sql: `SELECT * FROM runs ${all} ORDER BY id DESC LIMIT ?`, values };
}
