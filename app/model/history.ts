/** Questions to a history, and what it keeps of tasks beside their runs. */
import type { EpochMs } from "../base/time.ts";
import type { PauseTerms } from "./pause.ts";
import type { Run, RunCause, RunStatus } from "./run.ts";

/** Which runs are wanted; what is left out does not matter. */
export interface RunQuery {
  readonly taskId?: string | undefined;
  /** Only runs of these tasks. */
  readonly taskIds?: readonly string[] | undefined;
  readonly statuses?: readonly RunStatus[] | undefined;
  readonly causes?: readonly RunCause[] | undefined;
  /** Queued at or after this moment. */
  readonly from?: EpochMs | undefined;
  /** Queued before this moment. */
  readonly to?: EpochMs | undefined;
  /** Part of a message, an error or a log line, whatever the case. */
  readonly text?: string | undefined;
  /** Id of a run: only older ones, for the next page. */
  readonly before?: string | undefined;
  readonly limit: number;
}

export interface OutcomeQuery {
  readonly taskId?: string | undefined;
  /** Only runs of these tasks. */
  readonly taskIds?: readonly string[] | undefined;
  readonly from: EpochMs;
  /** The first moment that is not asked for. */
  readonly to: EpochMs;
  readonly limit: number;
}

/** Which lines of a run's log are wanted; without any of it those that are kept at hand: the beginning, the end, warnings. */
export interface LogQuery extends LogPartsQuery {
  readonly limit?: number | undefined;
}

/** Which lines of a whole log are wanted. */
export interface LogPartsQuery {
  /** Number of the first one; counted from 0. */
  readonly from?: number | undefined;
  /** Part of a line, whatever the case. */
  readonly text?: string | undefined;
  /** Aborted once nobody wants them any more: its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** How much of a run's log there is. */
export interface LogSize {
  /** Lines that the run has written so far. */
  readonly lines: number;
  /** Bytes of the file that has the whole log, compressed; undefined where all of it is at hand. */
  readonly fileBytes?: number | undefined;
}

/** What calendars and timelines show of a run. */
export type RunOutcome = Pick<
  Run,
  "id" | "taskId" | "status" | "cause" | "scheduledAt" | "queuedAt" | "startedAt" | "finishedAt"
>;

/** A file that a run has left. */
export interface Artifact {
  readonly title: string;
  /** Name of the file in the run's folder of artifacts. */
  readonly path: string;
  readonly bytes: number;
  readonly at: EpochMs;
}

/** How much is kept of a task's runs where that is not what holds for all tasks. */
export interface TaskKeeping {
  /** Runs; the oldest finished ones go first. */
  readonly keep?: number | undefined;
  /** Milliseconds. */
  readonly keepMs?: number | undefined;
}

/** What is remembered of a task from one start of Carillon to the next. */
export interface TaskState {
  /** When the task was first seen: the anchor of intervals without a start date. */
  readonly firstSeen: EpochMs;
  /** The trigger it had, as `Trigger.identity` gives it. */
  readonly trigger: string;
  /** Every due instant up to this one has its record. */
  readonly settledTo: EpochMs;
  /** True while a person has its trigger paused. */
  readonly paused: boolean;
  /** Until when and why, while it is paused; undefined where nobody said anything of it. */
  readonly pause?: PauseTerms | undefined;
  /** When its trigger went on after a pause, the last time. */
  readonly resumedAt?: EpochMs | undefined;
}

/** How what is behind the memory is. */
export interface HistoryHealth {
  /** Why it is not being written; undefined while it is, or where there is nothing behind the memory. */
  readonly trouble?: string | undefined;
  /** Where a damaged file was put, since the start of the program. */
  readonly setAside?: string | undefined;
  /** When the file was found deleted or replaced, and was written again, since the start of the program. */
  readonly rewrittenAt?: EpochMs | undefined;
}
