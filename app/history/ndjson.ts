/** The history as NDJSON, a record a line, and PyScheduler's `task_history.json`. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { LOG_LEVELS } from "../base/log_level.ts";
import { type Approval, type NumberedLine, type Run, RUN_CAUSES, RUN_STATUSES } from "../model/run.ts";
import { messageOf } from "../base/errors.ts";
import { idFloor } from "./run_id.ts";
import type { HistoryReading } from "./sqlite/reading.ts";
import type { SqliteLedger } from "./sqlite/store.ts";

const moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/** One line of an export. */
const RECORD = z.strictObject({
  kind: z.literal("run"),
  id: z.uuid(),
  task: z.string().min(1),
  status: z.enum(RUN_STATUSES),
  cause: z.enum(RUN_CAUSES),
  by: z.string().optional(),
  scheduled_at: moment.optional(),
  queued_at: moment,
  started_at: moment.optional(),
  finished_at: moment.optional(),
  attempt: z.int().min(1),
  // None is left of a stretch that was thought to have been missed while the clock was ahead.
  instants: z.int().min(0),
  params: z.record(z.string(), z.unknown()),
  message: z.string().optional(),
  error: z.strictObject({ name: z.string(), message: z.string(), stack: z.string().optional() }).optional(),
  reason: z.strictObject({
    key: z.string(),
    values: z.record(z.string(), z.union([z.string(), z.number()])),
    lastAt: z.int().optional(),
  }).optional(),
  result: z.unknown().optional(),
  code_version: z.string().optional(),
  host: z.string().optional(),
  carillon_version: z.string().optional(),
  note: z.string().optional(),
  after: z.string().optional(),
  approval: z.strictObject({
    role: z.string(),
    asked_by: z.string(),
    expires_at: moment,
    version: z.string().optional(),
    decision: z.enum(["approved", "declined"]).optional(),
    decided_by: z.string().optional(),
    decided_at: moment.optional(),
    note: z.string().optional(),
  }).transform(({ role, asked_by, expires_at, version, decision, decided_by, decided_at, note }) => ({
    role,
    askedBy: asked_by,
    expiresAt: expires_at,
    version,
    decision,
    decidedBy: decided_by,
    decidedAt: decided_at,
    note,
  })).optional(),
  lines: z.array(
    z.strictObject({
      number: z.int().min(0).optional(),
      at: moment,
      level: z.enum(LOG_LEVELS),
      text: z.string(),
    }),
  ),
});

/** PyScheduler's record of a run that has ended. */
const PYSCHEDULER_RECORD = z.object({
  job_id: z.string().min(1),
  status: z.string(),
  timestamp: z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/, "is not YYYY-MM-DD HH:MM:SS")
    .transform((text, context) => {
      try {
        return { text, at: Temporal.PlainDateTime.from(text.replace(" ", "T")) };
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        context.addIssue({ code: "custom", message: "there is no such day or time" });
        return z.NEVER;
      }
    }),
});

/** What PyScheduler's tasks wrote on success; everything else is an error's text. */
const PYSCHEDULER_DONE = "已完成";

/** All runs with their logs, the oldest first. */
export function* exportHistory(store: Pick<HistoryReading, "runs" | "lines">): Iterable<string> {
  for (const run of store.runs()) {
    const { id, taskId: task, status, cause, by, attempt, instants, params, message, error, reason } = run;
    yield JSON.stringify({
      kind: "run",
      id,
      task,
      status,
      cause,
      by,
      scheduled_at: iso(run.scheduledAt),
      queued_at: iso(run.queuedAt),
      started_at: iso(run.startedAt),
      finished_at: iso(run.finishedAt),
      attempt,
      instants,
      params,
      message,
      error,
      reason,
      result: run.result,
      code_version: run.codeVersion,
      host: run.host,
      carillon_version: run.carillonVersion,
      note: run.note,
      after: run.after,
      approval: run.approval && approvalRecord(run.approval),
      // A line says its number where others are missing before it.
      lines: store.lines(id).map(({ number, at, level, text }, i) => ({
        number: number === i ? undefined : number,
        at: iso(at),
        level,
        text,
      })),
    });
  }
}

function approvalRecord(approval: Approval) {
  return {
    role: approval.role,
    asked_by: approval.askedBy,
    expires_at: iso(approval.expiresAt),
    version: approval.version,
    decision: approval.decision,
    decided_by: approval.decidedBy,
    decided_at: iso(approval.decidedAt),
    note: approval.note,
  };
}

export interface Imported {
  readonly added: number;
  readonly known: number;
  /** A sentence for each record that was left out, with its line. */
  readonly wrong: readonly string[];
}

/** Adds the runs that are not there yet, as a whole or not at all; a record that cannot be read is told and left out. */
export function importHistory(
  store: Pick<SqliteLedger, "get" | "save" | "logs" | "batch">,
  given: string,
  timezone: string,
): Imported {
  const wrong: string[] = [];
  // Editors of Windows put a byte order mark before a text.
  const text = given.replace(/^\uFEFF/, "");
  const runs = text.trimStart().startsWith("[")
    ? fromPyScheduler(text, timezone, wrong)
    : fromNdjson(text, wrong);
  let added = 0;
  let known = 0;
  store.batch(() => {
    for (const { run, lines } of runs) {
      if (store.get(run.id)) {
        known++;
        continue;
      }
      store.save(run);
      store.logs.save(run.id, lines);
      added++;
    }
  });
  return { added, known, wrong };
}

interface ImportedRun {
  readonly run: Run;
  readonly lines: readonly NumberedLine[];
}

function fromNdjson(text: string, wrong: string[]): ImportedRun[] {
  return text.split("\n").flatMap((line, i) => {
    if (line.trim() === "") return [];
    const record = checked(RECORD, line, `line ${i + 1}`, wrong);
    if (!record) return [];
    const { kind: _kind, task, lines, scheduled_at, queued_at, started_at, finished_at, ...others } = record;
    const { code_version, carillon_version, ...rest } = others;
    const run = {
      ...rest,
      taskId: task,
      scheduledAt: scheduled_at,
      queuedAt: queued_at,
      startedAt: started_at,
      finishedAt: finished_at,
      codeVersion: code_version,
      carillonVersion: carillon_version,
    };
    return [{ run: run as Run, lines: lines.map((line, i) => ({ ...line, number: line.number ?? i })) }];
  });
}

function fromPyScheduler(text: string, timezone: string, wrong: string[]): ImportedRun[] {
  let records: unknown;
  try {
    records = JSON.parse(text);
  } catch (error) {
    wrong.push(`it is not JSON: ${messageOf(error)}`);
    return [];
  }
  const seen = new Map<string, number>();
  return (records as unknown[]).flatMap((each, i) => {
    const record = checked(PYSCHEDULER_RECORD, each, `record ${i + 1}`, wrong);
    if (!record) return [];
    const { job_id, status, timestamp } = record;
    const at = timestamp.at.toZonedDateTime(timezone).epochMilliseconds;
    // The same record gets the same id whenever it is read; equal ones are counted.
    const key = JSON.stringify([job_id, status, timestamp.text]);
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    const done = status === PYSCHEDULER_DONE;
    const run: Run = {
      id: idFrom(at, `${key} ${times}`),
      taskId: job_id,
      status: done ? "succeeded" : "failed",
      cause: "schedule",
      queuedAt: at,
      finishedAt: at,
      attempt: 1,
      instants: 1,
      params: {},
      message: done ? status : undefined,
      error: done ? undefined : { name: "Error", message: status },
    };
    return [{ run, lines: [] }];
  });
}

/** A UUIDv7 whose random part comes from a text. */
function idFrom(at: number, text: string): string {
  const hash = createHash("sha256").update(text).digest("hex");
  return `${idFloor(at)}-7${hash.slice(0, 3)}-8${hash.slice(3, 6)}-${hash.slice(6, 18)}`;
}

function checked<T>(schema: z.ZodType<T>, given: unknown, place: string, wrong: string[]): T | undefined {
  let value = given;
  if (typeof given === "string") {
    try {
      value = JSON.parse(given);
    } catch (error) {
      wrong.push(`${place}: it is not JSON: ${messageOf(error)}`);
      return undefined;
    }
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const reasons = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  wrong.push(`${place}: ${reasons.join("; ")}`);
  return undefined;
}

function iso(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}
