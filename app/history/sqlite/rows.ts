/** Runs and log lines as rows of the history file, and which moves a row may make. */
import { messageOf } from "../../base/errors.ts";
import { LOG_LEVELS } from "../../base/log_level.ts";
import type { RunOutcome } from "../../model/history.ts";
import type { RunReason } from "../../model/reason.ts";
import {
  type Approval,
  isTerminal,
  type LogLine,
  mayFollow,
  type NumberedLine,
  type Run,
  RUN_CAUSES,
  RUN_STATUSES,
  type RunError,
  type RunStatus,
} from "../../model/run.ts";
import { DamagedRowError } from "./errors.ts";

/** The columns of `runs`, in their order. */
export const RUN_COLUMNS = [
  "id",
  "task_id",
  "status",
  "cause",
  "asked_by",
  "scheduled_at",
  "queued_at",
  "started_at",
  "finished_at",
  "attempt",
  "instants",
  "params",
  "message",
  "error",
  "reason",
  "result",
  "code_version",
  "host",
  "carillon_version",
  "note",
  "approval",
  "after_run",
] as const;

/** A row of `runs`; whether it is one that Carillon has written is found out when it is read. */
export type RunRow = Readonly<Record<(typeof RUN_COLUMNS)[number], unknown>>;

/** The columns that a {@link RunOutcome} is made of. */
export const OUTCOME_COLUMNS = RUN_COLUMNS.slice(0, 9).filter((name) => name !== "asked_by").join(", ");

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The facts of a row that calendars and timelines show; a record has no key for what it has not got. */
export function toOutcome(row: Omit<RunRow, "params">): RunOutcome {
  const outcome: Writable<RunOutcome> = {
    id: text(row.id),
    taskId: text(row.task_id),
    status: oneOf(RUN_STATUSES, row.status),
    cause: oneOf(RUN_CAUSES, row.cause),
    queuedAt: whole(row.queued_at),
  };
  if (isGiven(row.scheduled_at)) outcome.scheduledAt = whole(row.scheduled_at);
  if (isGiven(row.started_at)) outcome.startedAt = whole(row.started_at);
  if (isGiven(row.finished_at)) outcome.finishedAt = whole(row.finished_at);
  return outcome;
}

/** Throws a {@link DamagedRowError} for a row that no Carillon has written. */
export function toRun(row: RunRow): Run {
  const run: Writable<Run> = {
    ...toOutcome(row),
    attempt: whole(row.attempt),
    instants: whole(row.instants),
    params: object(row.params),
  };
  if (isGiven(row.asked_by)) run.by = text(row.asked_by);
  if (isGiven(row.message)) run.message = text(row.message);
  if (isGiven(row.error)) run.error = toError(object(row.error));
  if (isGiven(row.reason)) run.reason = toReason(object(row.reason));
  if (isGiven(row.result)) run.result = json(row.result);
  if (isGiven(row.code_version)) run.codeVersion = text(row.code_version);
  if (isGiven(row.host)) run.host = text(row.host);
  if (isGiven(row.carillon_version)) run.carillonVersion = text(row.carillon_version);
  if (isGiven(row.note)) run.note = text(row.note);
  if (isGiven(row.approval)) run.approval = toApproval(object(row.approval));
  if (isGiven(row.after_run)) run.after = text(row.after_run);
  return run;
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
    run.result === undefined ? null : JSON.stringify(run.result),
    run.codeVersion ?? null,
    run.host ?? null,
    run.carillonVersion ?? null,
    run.note ?? null,
    run.approval ? JSON.stringify(run.approval) : null,
    run.after ?? null,
  ];
}

export function toLine({ at, level, text: said }: Readonly<Record<string, unknown>>): LogLine {
  return { at: whole(at), level: oneOf(LOG_LEVELS, level), text: text(said) };
}

/** A file of an earlier version lacks columns. */
function isGiven(value: unknown): boolean {
  return value !== null && value !== undefined;
}

export function toNumberedLine(row: Readonly<Record<string, unknown>>): NumberedLine {
  return { number: whole(row.number), ...toLine(row) };
}

export function text(value: unknown): string {
  if (typeof value !== "string") throw new DamagedRowError(`${value} is no text`);
  return value;
}

export function whole(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new DamagedRowError(`${value} is no whole number`);
  return Number(value);
}

export function json(value: unknown): unknown {
  try {
    return JSON.parse(text(value));
  } catch (cause) {
    throw new DamagedRowError(`it is not JSON: ${messageOf(cause)}`, { cause });
  }
}

function oneOf<T>(known: readonly T[], value: unknown): T {
  const found = known.find((each) => each === value);
  if (found === undefined) throw new DamagedRowError(`${value} is none of ${known.join(", ")}`);
  return found;
}

function object(value: unknown): Record<string, unknown> {
  const read = json(value);
  if (typeof read !== "object" || read === null || Array.isArray(read)) {
    throw new DamagedRowError("it is no JSON object");
  }
  return read as Record<string, unknown>;
}

function toError({ name, message, stack }: Record<string, unknown>): RunError {
  const error: Writable<RunError> = { name: text(name), message: text(message) };
  if (stack !== undefined) error.stack = text(stack);
  return error;
}

function toReason({ key, values, lastAt }: Record<string, unknown>): RunReason {
  if (!text(key).startsWith("reason.") || typeof values !== "object" || values === null) {
    throw new DamagedRowError(`${key} is no reason`);
  }
  const reason = { key, values } as Writable<RunReason>;
  if (typeof lastAt === "number") reason.lastAt = lastAt;
  return reason;
}

function toApproval(given: Record<string, unknown>): Approval {
  const { role, askedBy, expiresAt, version, decision, decidedBy, decidedAt, note } = given;
  const approval: Writable<Approval> = {
    role: text(role),
    askedBy: text(askedBy),
    expiresAt: whole(expiresAt),
  };
  if (version !== undefined) approval.version = text(version);
  if (decision !== undefined) approval.decision = oneOf(["approved", "declined"] as const, decision);
  if (decidedBy !== undefined) approval.decidedBy = text(decidedBy);
  if (decidedAt !== undefined) approval.decidedAt = whole(decidedAt);
  if (note !== undefined) approval.note = text(note);
  return approval;
}

/** Statuses as a list in SQL. */
export function sqlList(statuses: readonly RunStatus[]): string {
  return statuses.map((each) => `'${each}'`).join(", ");
}

export const UNFINISHED: readonly RunStatus[] = RUN_STATUSES.filter((each) => !isTerminal(each));

/** A run that nobody has let begin yet goes on waiting, whatever becomes of the program. */
export const AWAITING: RunStatus = "awaiting_approval";

/** Inserts a run or moves it forward, exactly where {@link mayFollow} allows it. */
export const SAVE_RUN = `INSERT INTO runs (${RUN_COLUMNS.join(", ")}) VALUES (${
  RUN_COLUMNS.map(() => "?").join(", ")
})
  ON CONFLICT (id) DO UPDATE SET status = excluded.status, started_at = excluded.started_at,
    finished_at = excluded.finished_at, attempt = excluded.attempt, params = excluded.params,
    instants = excluded.instants, message = excluded.message, error = excluded.error, reason = excluded.reason,
    result = excluded.result, code_version = excluded.code_version, host = excluded.host,
    carillon_version = excluded.carillon_version, note = excluded.note, approval = excluded.approval
  WHERE CASE runs.status ${RUN_STATUSES.map(moveFrom).join(" ")} END`;

function moveFrom(before: RunStatus): string {
  const next = (had: number, has: number) =>
    RUN_STATUSES.filter((status) => mayFollow({ status: before, instants: had }, { status, instants: has }));
  const always = next(1, 1);
  const only = (sign: string, statuses: readonly RunStatus[]) => {
    const further = statuses.filter((status) => !always.includes(status));
    return further.length === 0
      ? ""
      : ` OR (excluded.instants ${sign} runs.instants AND ${isOneOf(further)})`;
  };
  return `WHEN '${before}' THEN ${isOneOf(always)}${only(">", next(1, 2))}${only("<", next(2, 1))}`;
}

/** The shorter way to say it: SQLite builds a table for a list of more than two. */
function isOneOf(statuses: readonly RunStatus[]): string {
  const others = RUN_STATUSES.filter((status) => !statuses.includes(status));
  return others.length < statuses.length
    ? `excluded.status NOT IN (${sqlList(others)})`
    : `excluded.status IN (${sqlList(statuses)})`;
}
