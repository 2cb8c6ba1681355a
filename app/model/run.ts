/** A run as a value: what is recorded of one execution of a task, and how its status may move. */

import type { LogLevel } from "../base/log_level.ts";
import type { EpochMs } from "../base/time.ts";
import type { RunReason } from "./reason.ts";

export const RUN_STATUSES = [
  "awaiting_approval",
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

/**
 * What asked for a run: `start` is a start of Carillon, `after` another task that ended, `retry` a person who wanted the
 * same run again, `again` a run that was cut off, whose id is in `by`; `backfill` a person who wanted the due instants of
 * a range, its id is in `by`; `file` a new file, its path is in `by`; `hook` a program's signed request, the id of its
 * delivery is in `by`; `planned` another run, by `schedule`, the plan's id is in `by`.
 */
export const RUN_CAUSES = [
  "schedule",
  "catch_up",
  "start",
  "after",
  "manual",
  "api",
  "cli",
  "retry",
  "again",
  "backfill",
  "file",
  "hook",
  "planned",
] as const;
export type RunCause = (typeof RUN_CAUSES)[number];

/** True for the causes of records that are the due instants of a trigger. */
export function isDueCause(cause: RunCause): cause is "schedule" | "catch_up" {
  return cause === "schedule" || cause === "catch_up";
}

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

/** What another person has to say to a run before it may begin, and what they said. */
export interface Approval {
  /** The role that may decide. */
  readonly role: string;
  /** Who asked for the run, as they sign in: nobody decides on their own. */
  readonly askedBy: string;
  /** Where nobody has decided by then, the run is cancelled. */
  readonly expiresAt: EpochMs;
  /** Hash of the task's code when the run was asked for. */
  readonly version?: string;
  readonly decision?: "approved" | "declined";
  readonly decidedBy?: string;
  readonly decidedAt?: EpochMs;
  /** What was said to the decision. */
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
  /** Id of the run that it was started after, or that a run which it repeats was started after. */
  readonly after?: string;
  /** Why they asked for it, in their words. */
  readonly note?: string;
  /** Where it needs, or needed, the word of another person. */
  readonly approval?: Approval;
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
  /** What the task returned, as JSON; at most 64 KB of it. */
  readonly result?: unknown;
  /** Hash of the task's code; its text is in the history once. */
  readonly codeVersion?: string;
  /** Name of the machine that ran it. */
  readonly host?: string;
  /** Version of the Carillon that ran it. */
  readonly carillonVersion?: string;
}

export interface LogLine {
  readonly at: EpochMs;
  readonly level: LogLevel;
  readonly text: string;
}

/** A line with its place in the log, counted from 0: where lines are not kept any more, there is a gap. */
export interface NumberedLine extends LogLine {
  readonly number: number;
}

const TERMINAL = 3;

const RANK: Readonly<Record<RunStatus, number>> = {
  awaiting_approval: 0,
  queued: 1,
  running: 2,
  succeeded: TERMINAL,
  failed: TERMINAL,
  timed_out: TERMINAL,
  cancelled: TERMINAL,
  interrupted: TERMINAL,
  skipped: TERMINAL,
  missed: TERMINAL,
};

/** True for a status that never changes any more. */
export function isTerminal(status: RunStatus): boolean {
  return RANK[status] === TERMINAL;
}

/** Since when a run waits for its start: since it was asked for, or since another person let it begin. */
export function waitingSince({ queuedAt, approval }: Pick<Run, "queuedAt" | "approval">): EpochMs {
  return approval?.decision === "approved" ? approval.decidedAt ?? queuedAt : queuedAt;
}

/** Statuses of runs that began and did not go well; a person who cancels one knows. */
export const BAD_STATUSES: readonly RunStatus[] = ["failed", "timed_out", "interrupted"];

/** True for a run that began and did not go well. */
export function isBad(status: RunStatus): boolean {
  return BAD_STATUSES.includes(status);
}

/**
 * True where a record may take the place of another of the same run (I2): its status is further on, or it is news of
 * the same unfinished one, or a stretch of skipped instants has grown. A missed stretch may also become shorter: where
 * the clock is set back, instants that were thought to have gone by are still to come.
 */
export function mayFollow(
  before: Pick<Run, "status" | "instants">,
  after: Pick<Run, "status" | "instants">,
): boolean {
  if (RANK[after.status] > RANK[before.status]) return true;
  if (after.status !== before.status) return false;
  if (!isTerminal(before.status) || after.instants > before.instants) return true;
  return before.status === "missed" && after.instants < before.instants;
}

/** How long a run took or has taken so far, in milliseconds; undefined where it never started. */
export function durationOf(run: Run, now: EpochMs): number | undefined {
  return run.startedAt === undefined ? undefined : (run.finishedAt ?? now) - run.startedAt;
}
