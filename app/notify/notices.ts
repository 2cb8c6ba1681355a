/** Events of Carillon as notices; undefined for what nobody has to be told. */
import { likenessOf } from "./likeness.ts";
import type { Notice } from "./notice.ts";
import type { EpochMs } from "../base/time.ts";
import type { Events } from "../model/events.ts";
import { isBad, type Run } from "../model/run.ts";

/** A run that began so long after it was due is reported. */
export const LATE_MS = 5 * 60_000;

export const taskSubject = (taskId: string) => `task/${taskId}`;
export const fileSubject = (file: string) => `file/${file}`;
export const HISTORY_SUBJECT = "system/history";
export const AUDIT_SUBJECT = "system/audit";
export const HOSTS_SUBJECT = "system/hosts";
export const DISK_SUBJECT = "system/disk";

/** A run has ended badly: of one that was tried again and again, the last attempt. What a person ended is no news. */
export function failedNotice(run: Run): Notice | undefined {
  if (!isBad(run.status) || run.cause === "cli") return undefined;
  const error = errorOf(run);
  return {
    key: `run/${run.id}/ended`,
    kind: "failed",
    at: run.finishedAt ?? run.queuedAt,
    subject: taskSubject(run.taskId),
    likeness: likenessOf(run.status, error),
    task: run.taskId,
    run: run.id,
    error,
    values: { status: run.status, attempt: run.attempt },
  };
}

/** A run has succeeded: whatever was wrong with its task is over. */
export function recoveredNotice(run: Run): Notice | undefined {
  if (run.status !== "succeeded" || run.cause === "cli") return undefined;
  return {
    key: `run/${run.id}/ended`,
    kind: "recovered",
    at: run.finishedAt ?? run.queuedAt,
    subject: taskSubject(run.taskId),
    likeness: "recovered",
    task: run.taskId,
    run: run.id,
  };
}

export function missedNotice(run: Run): Notice {
  return {
    key: `run/${run.id}/missed/${run.instants}`,
    kind: "missed",
    at: run.finishedAt ?? run.queuedAt,
    subject: taskSubject(run.taskId),
    likeness: likenessOf("missed", run.reason?.key),
    task: run.taskId,
    run: run.id,
    error: run.message,
    values: { n: run.instants },
  };
}

/** Of a task that expects each of its instants to run. */
export function skippedNotice(run: Run): Notice {
  return {
    key: `run/${run.id}/skipped/${run.instants}`,
    kind: "skipped",
    at: run.finishedAt ?? run.queuedAt,
    subject: taskSubject(run.taskId),
    likeness: likenessOf("skipped", run.reason?.key),
    task: run.taskId,
    run: run.id,
    error: run.message,
  };
}

/** @param jitterMs by how much its task is spread on purpose */
export function lateNotice(run: Run, jitterMs: number): Notice | undefined {
  if (run.cause !== "schedule" || run.scheduledAt === undefined || run.startedAt === undefined) {
    return undefined;
  }
  if (run.attempt > 1) return undefined;
  const lateMs = run.startedAt - run.scheduledAt - jitterMs;
  if (lateMs < LATE_MS) return undefined;
  return {
    key: `run/${run.id}/late`,
    kind: "late",
    at: run.startedAt,
    subject: taskSubject(run.taskId),
    likeness: "late",
    task: run.taskId,
    run: run.id,
    values: { ms: lateMs },
  };
}

export function slowNotice({ run, limitMs, usual }: Events["run.slow"], now: EpochMs): Notice {
  return {
    key: `run/${run.id}/too_long`,
    kind: "too_long",
    at: now,
    subject: taskSubject(run.taskId),
    likeness: "too_long",
    task: run.taskId,
    run: run.id,
    values: { ms: now - (run.startedAt ?? now), limitMs, usual: usual ? 1 : 0 },
  };
}

export function undoneNotice({ taskId, day, doneBy, at }: Events["task.undone"]): Notice {
  return {
    key: `task/${taskId}/not_done/${day}`,
    kind: "not_done",
    at,
    subject: taskSubject(taskId),
    likeness: "not_done",
    task: taskId,
    values: { day, time: doneBy },
  };
}

export function brokenNotice(
  { file, message, sentence, place, taskId }: Events["task.broken"],
  now: EpochMs,
): Notice {
  return {
    key: `file/${file}/broken/${now}`,
    kind: "broken",
    at: now,
    subject: fileSubject(file),
    likeness: likenessOf("broken", message),
    task: taskId,
    error: message,
    sentence,
    values: { file: place ? `${file}:${place.line}:${place.column}` : file },
  };
}

/** A task was paused by itself after so many failed runs in a row. */
export function pausedNotice(taskId: string, failures: number, now: EpochMs): Notice {
  return {
    key: `task/${taskId}/paused/${now}`,
    kind: "paused",
    at: now,
    subject: taskSubject(taskId),
    likeness: "paused",
    task: taskId,
    values: { failures },
  };
}

/** A run waits for the word of another person. */
export function awaitingNotice(run: Run): Notice {
  return {
    key: `run/${run.id}/awaiting_approval`,
    kind: "awaiting_approval",
    at: run.queuedAt,
    subject: taskSubject(run.taskId),
    likeness: "awaiting_approval",
    task: run.taskId,
    run: run.id,
    error: run.note,
    values: { by: run.approval?.askedBy ?? "", role: run.approval?.role ?? "" },
  };
}

export function backfillStartedNotice(
  { plan: { id, taskId, by }, total }: Events["backfill.started"],
  now: EpochMs,
): Notice {
  return {
    key: `backfill/${id}/started`,
    kind: "backfill_started",
    at: now,
    subject: `backfill/${id}`,
    likeness: `backfill ${id}`,
    task: taskId,
    values: { total, by: by ?? "" },
  };
}

/** Its failed runs are trouble of the task, and told as such. */
export function backfillEndedNotice(
  { progress: { plan: { id, taskId }, state, total, ended } }: Events["backfill.ended"],
  now: EpochMs,
): Notice {
  return {
    key: `backfill/${id}/ended`,
    kind: "backfill_ended",
    at: now,
    subject: `backfill/${id}`,
    likeness: `backfill ${id}`,
    task: taskId,
    values: { state, total, good: ended.succeeded ?? 0 },
  };
}

/** Trouble of Carillon itself. @param key what makes two of them the same one, beside the moment */
export function systemNotice(
  kind: "history" | "audit" | "disk" | "host" | "watch",
  subject: string,
  now: EpochMs,
  rest: Pick<Notice, "error" | "task" | "values">,
): Notice {
  return {
    key: `${subject}/${kind}/${now}`,
    kind,
    at: now,
    subject,
    likeness: likenessOf(kind, rest.error),
    ...rest,
  };
}

/** The end of trouble that no run tells of. */
export function overNotice(subject: string, now: EpochMs): Notice {
  return { key: `${subject}/over/${now}`, kind: "recovered", at: now, subject, likeness: "recovered" };
}

/** The name and message of the error, or why Carillon ended the run. */
function errorOf({ error, message }: Run): string | undefined {
  if (!error) return message;
  return error.name === "Error" || error.message.startsWith(error.name)
    ? error.message
    : `${error.name}: ${error.message}`;
}
