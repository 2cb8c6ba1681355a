/** Where runs are remembered. Every implementation passes the same conformance suite. */
import type { EpochMs } from "../time.ts";
import type { LogLine, Run, RunStatus } from "./run.ts";

/** Which runs are wanted; what is left out does not matter. */
export interface RunQuery {
  readonly taskId?: string;
  readonly statuses?: readonly RunStatus[];
  /** Queued at or after this moment. */
  readonly from?: EpochMs;
  /** Queued before this moment. */
  readonly to?: EpochMs;
  /** Part of a message, an error or a log line, whatever the case. */
  readonly text?: string;
  /** Id of a run: only older ones, for the next page. */
  readonly before?: string;
  readonly limit: number;
}

export interface OutcomeQuery {
  readonly taskId?: string;
  readonly from: EpochMs;
  /** The first moment that is not asked for. */
  readonly to: EpochMs;
  readonly limit: number;
}

/** What calendars and timelines show of a run. */
export type RunOutcome = Pick<
  Run,
  "id" | "taskId" | "status" | "cause" | "scheduledAt" | "queuedAt" | "startedAt" | "finishedAt"
>;

export interface HistoryStore {
  /** Inserts a run or moves it forward; a step backwards is not taken (I2). */
  save(run: Run): void;
  /** Adds a line to a run's log; a line for an unknown run is dropped. */
  log(runId: string, line: LogLine): void;
  /** Runs of a task, newest first. */
  recent(taskId: string, limit?: number): Run[];
  /** The newest run of each of these tasks, in one question. */
  lastRuns(taskIds: readonly string[]): ReadonlyMap<string, Run>;
  /** Runs that match, newest first. */
  find(query: RunQuery): Run[];
  /** The bare facts of runs that were queued from one moment to another, newest first. */
  outcomes(query: OutcomeQuery): RunOutcome[];
  /** How long the newest successful runs of a task took, in milliseconds, newest first. */
  durations(taskId: string, limit: number): number[];
  get(runId: string): Run | undefined;
  /** Log lines of a run, oldest first. */
  lines(runId: string): LogLine[];
  /** Does several writes as one: where there is a file, it has all of them or none. */
  batch<T>(work: () => T): T;
  close(): Promise<void>;
}

/** What is remembered of a task from one start of Carillon to the next. */
export interface TaskState {
  /** When the task was first seen: the anchor of intervals without a start date. */
  readonly firstSeen: EpochMs;
  /** The trigger it had, as `Trigger.identity` tells. */
  readonly trigger: string;
  /** Every due instant up to this one has its record. */
  readonly settledTo: EpochMs;
  /** True while a person has its trigger paused. */
  readonly paused: boolean;
}

export interface TaskStateStore {
  taskState(taskId: string): TaskState | undefined;
  saveTaskState(taskId: string, state: TaskState): void;
  /** When Carillon was last known to be at work, in this run of the program or the one before. */
  lastAlive(): EpochMs | undefined;
  saveAlive(now: EpochMs): void;
}
