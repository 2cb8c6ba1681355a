/** What the scheduler's thread and a worker say to each other. Plain data only: it is copied between threads. */
import type { LogLevel, RunCause, RunError } from "../history/run.ts";
import type { TaskDescription } from "../task/description.ts";
import type { ParamProblem } from "../task/params.ts";

/** Heap of a worker in megabytes; a task that needs more ends its own run. */
export const HEAP_LIMIT_MB = 512;

/** The error of a run that needed more. */
export const OUT_OF_MEMORY =
  `the task needed more than the ${HEAP_LIMIT_MB} MB of memory that a run may have`;

/** Set once, when a worker starts. */
export interface WorkerSettings {
  /** Path of database.ini. */
  readonly databaseFile: string;
}

/** One run, as the worker needs it. */
export interface RunOrder {
  readonly runId: string;
  readonly taskId: string;
  /** Address of the task's module. */
  readonly module: string;
  readonly cause: RunCause;
  readonly attempt: number;
  /** Milliseconds since 1970-01-01T00:00Z. */
  readonly scheduledAt: number;
  readonly params: Readonly<Record<string, unknown>>;
}

export type ToWorker =
  | { readonly kind: "describe"; readonly module: string }
  | { readonly kind: "check"; readonly module: string; readonly params: Readonly<Record<string, unknown>> }
  | { readonly kind: "run"; readonly order: RunOrder }
  /** Aborts the signal of the run that is going on. */
  | { readonly kind: "abort"; readonly reason: string };

/** What a request to a worker ends with. */
export type WorkerAnswer =
  | { readonly kind: "described"; readonly description: TaskDescription }
  | { readonly kind: "checked"; readonly problems: readonly ParamProblem[] }
  | { readonly kind: "succeeded"; readonly message?: string }
  /** The parameters did not pass the task's schema: nothing of the task was run. */
  | { readonly kind: "refused"; readonly problems: readonly ParamProblem[] }
  /** `fatal` where the worker cannot be trusted with another request. */
  | { readonly kind: "failed"; readonly error: RunError; readonly fatal?: boolean };

/** News of the run that is going on. */
export type WorkerNews =
  | { readonly kind: "log"; readonly level: LogLevel; readonly text: string }
  | { readonly kind: "progress"; readonly fraction: number; readonly note?: string };

export type FromWorker = WorkerAnswer | WorkerNews;
