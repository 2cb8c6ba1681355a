/** A run as a value: what is recorded of one execution of a task, and how its status may move. */

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

export type RunCause = "schedule" | "catch_up" | "manual" | "api" | "cli" | "retry";

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
  readonly scheduledAt?: Temporal.Instant;
  readonly queuedAt: Temporal.Instant;
  readonly startedAt?: Temporal.Instant;
  readonly finishedAt?: Temporal.Instant;
  /** 1 for the first try. */
  readonly attempt: number;
  /** How many due instants the record stands for; more than 1 only for `missed`. */
  readonly instants: number;
  /** As the person or the trigger gave them, before the task's defaults. */
  readonly params: Readonly<Record<string, unknown>>;
  /** What the task returned, or why it was skipped or missed, in one line. */
  readonly message?: string;
  readonly error?: RunError;
  readonly progress?: RunProgress;
}

export type LogLevel = "debug" | "info" | "warn" | "error";
export const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

export interface LogLine {
  readonly at: Temporal.Instant;
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

/** True where a record may go from one status to the other: forward, or news of the same unfinished one (I2). */
export function mayFollow(before: RunStatus, after: RunStatus): boolean {
  return RANK[after] > RANK[before] || (after === before && !isTerminal(before));
}

/** How long a run took or has taken so far, in milliseconds; undefined where it never started. */
export function durationOf(run: Run, now: Temporal.Instant): number | undefined {
  if (!run.startedAt) return undefined;
  return (run.finishedAt ?? now).epochMilliseconds - run.startedAt.epochMilliseconds;
}
