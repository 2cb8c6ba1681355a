/** What the scheduler's thread and the one that runs a task say to each other. Plain data only: it is copied. */
import type { LogLevel, RunCause, RunError } from "../history/run.ts";
import type { ParamsDescription, TaskDescription } from "../task/description.ts";
import type { ParamProblem } from "../task/params.ts";
import type { ApiSettings } from "../../datasource/default_api.ts";
import type { TaskWatermarks } from "./watermarks.ts";

/** The error of a run that needed more memory than it may have. */
export function outOfMemory(limitMb: number): string {
  return `the task needed more than the ${limitMb} MB of memory that a run may have`;
}

/** Set once, when a thread or a process starts. */
export interface HostSettings {
  /** Path of database.ini. */
  readonly databaseFile: string;
  /** Heap of a run in megabytes; a task that needs more ends its own run. */
  readonly memoryMb: number;
  /** `[secrets]`, by name. */
  readonly secrets: Readonly<Record<string, string>>;
  /** `[api]`, where it names an address. */
  readonly api?: ApiSettings;
  /** Further values that are taken out of whatever a task writes. */
  readonly masked: readonly string[];
}

/** One attempt at a run, as the one that executes it needs it. */
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
  /** What earlier runs of the task have left. */
  readonly watermarks: TaskWatermarks;
}

/** What is answered by one {@link HostAnswer}. */
export type HostRequest =
  | { readonly kind: "describe"; readonly module: string }
  /** The parameters with the defaults of this moment. */
  | { readonly kind: "params"; readonly module: string }
  | { readonly kind: "check"; readonly module: string; readonly params: Readonly<Record<string, unknown>> }
  /** Connects to a database of database.ini and asks it the smallest question. */
  | { readonly kind: "test_database"; readonly name: string }
  | { readonly kind: "run"; readonly order: RunOrder };

export type ToHost =
  | HostRequest
  /** Aborts the signal of the run that is going on. */
  | { readonly kind: "abort"; readonly reason: string };

export interface FailedAnswer {
  readonly kind: "failed";
  readonly error: RunError;
  /** True where the task's own `retry.only` asked for another attempt. */
  readonly retryable?: boolean;
  /** True where the thread cannot be trusted with another request. */
  readonly fatal?: boolean;
}

/** What an attempt ends with. */
export type RunAnswer =
  | { readonly kind: "succeeded"; readonly message?: string; readonly watermarks?: TaskWatermarks }
  /** The parameters did not pass the task's schema: nothing of the task was run. */
  | { readonly kind: "refused"; readonly problems: readonly ParamProblem[] }
  | FailedAnswer;

export type HostAnswer =
  | { readonly kind: "described"; readonly description: TaskDescription }
  | { readonly kind: "params"; readonly params: ParamsDescription }
  | { readonly kind: "checked"; readonly problems: readonly ParamProblem[] }
  | { readonly kind: "database_tested"; readonly version: string; readonly ms: number }
  | RunAnswer;

/** News of the run that is going on. */
export type RunNews =
  | { readonly kind: "log"; readonly level: LogLevel; readonly text: string }
  | { readonly kind: "progress"; readonly fraction: number; readonly note?: string };

export type FromHost = HostAnswer | RunNews;
