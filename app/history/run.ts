/** A run as a value: what is recorded of one execution of a task, and how its status may move. */

import type { EpochMs } from "../time.ts";
import type { RunReason } from "./reason.ts";

export const RUN_STATUSES = [
  "queued",
  "running",
  "succeeded",
  "failed",
  "timed_out",
  "cancelled",
  "interrupted",
  "skipped",
  "missed",
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** What asked for a run; `after` is another task that ended, `retry` a person who wanted the same run again. */
export type RunCause = "schedule" | "catch_up" | "after" | "manual" | "api" | "cli" | "retry";

export interface RunError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

export interface RunProgress {
  /** 0 to 1. */
  readonly fraction?: number;
  readonly note?: string;
}

export interface Run {
  /** UUIDv7: sorts by the time of queueing. */
  readonly id: string;
  readonly taskId: string;
  readonly status: RunStatus;
  readonly cause: RunCause;
  /** Who asked for it, where somebody did. */
  readonly by?: string;
  /** The due instant; for a `missed` record of a stretch, its first instant. */
  readonly scheduledAt?: EpochMs;
  readonly queuedAt: EpochMs;
  readonly startedAt?: EpochMs;
  readonly finishedAt?: EpochMs;
  /** 1 for the first try. */
  readonly attempt: number;
  /** How many due instants the record stands for; more than 1 only for `missed` and `skipped`. */
  readonly instants: number;
  /** As the person or the trigger gave them, before the task's defaults. */
  readonly params: Readonly<Record<string, unknown>>;
  /** What the task returned, or the reason in English, in one line. */
  readonly message?: string;
  /** Why Carillon ended it, or did not start it. */
  readonly reason?: RunReason;
  readonly error?: RunError;
  readonly progress?: RunProgress;
}

export type LogLevel = "debug" | "info" | "warn" | "error";
export const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

export interface LogLine {
  readonly at: EpochMs;
  readonly level: LogLevel;
  readonly text: string;
}

const RANK: Readonly<Record<RunStatus, number>> = {
  queued: 0,
  running: 1,
  succeeded: 2,
  failed: 2,
  timed_out: 2,
  cancelled: 2,
  interrupted: 2,
  skipped: 2,
  missed: 2,
};

/** True for a status that never changes any more. */
export function isTerminal(status: RunStatus): boolean {
  return RANK[status] === 2;
}

/** Statuses of runs that began and did not go well; a person who cancels one knows. */
export const BAD_STATUSES: readonly RunStatus[] = ["failed", "timed_out", "interrupted"];

/** True for a run that began and did not go well. */
export function isBad(status: RunStatus): boolean {
  return BAD_STATUSES.includes(status);
}

/**
 * True where a record may take the place of another of the same run (I2): its status is further on, or it is news of
 * the same unfinished one, or a stretch of skipped or missed instants has grown.
 */
export function mayFollow(
  before: Pick<Run, "status" | "instants">,
  after: Pick<Run, "status" | "instants">,
): boolean {
  if (RANK[after.status] > RANK[before.status]) return true;
  return after.status === before.status &&
    (!isTerminal(before.status) || after.instants > before.instants);
}

/** How long a run took or has taken so far, in milliseconds; undefined where it never started. */
export function durationOf(run: Run, now: EpochMs): number | undefined {
  return run.startedAt === undefined ? undefined : (run.finishedAt ?? now) - run.startedAt;
}
