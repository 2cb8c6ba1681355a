/** What the clock and a host say about one attempt at a run. Plain data only: it crosses a process boundary. */
import type { EpochMs } from "../base/time.ts";
import type { ArtifactLimits } from "./artifact.ts";
import type { RunPlan } from "./planned_run.ts";
import type { RunCause, RunError, RunStatus } from "./run.ts";
import type { LogLevel } from "../base/log_level.ts";

/** `worker`: a host used again while clean. `process`: a fresh host. `shared`: one host for many tiny asynchronous runs. */
export const EXECUTOR_KINDS = ["worker", "process", "shared"] as const;
export type ExecutorKind = (typeof EXECUTOR_KINDS)[number];

export const PERMISSION_KINDS = ["net", "read", "write", "env", "run", "sys"] as const;
/** What `sys` may list: Deno's names (`--allow-sys`). */
export const SYSTEM_FACTS = [
  "hostname",
  "osRelease",
  "osUptime",
  "loadavg",
  "networkInterfaces",
  "systemMemoryInfo",
  "uid",
  "gid",
  "username",
  "userInfo",
  "cpus",
  "homedir",
  "statfs",
  "getPriority",
  "setPriority",
] as const;
export type SystemFact = (typeof SYSTEM_FACTS)[number];
/** What task code may reach: all, nothing, or what is listed. An empty list allows nothing. */
export type Permissions = Readonly<Record<(typeof PERMISSION_KINDS)[number], boolean | readonly string[]>>;

/** A number, or a text such as a moment. */
export type WatermarkValue = string | number;
/** The watermarks of one task, by name. */
export type TaskWatermarks = Readonly<Record<string, WatermarkValue>>;

/** One thing that is wrong with a parameter; `name` is empty where it concerns all of them. */
export interface ParamProblem {
  readonly name: string;
  readonly message: string;
}

/** A run of another task that has ended, as the run is told that was started after it. */
export interface CausingRun {
  /** Id of the run. */
  readonly run: string;
  /** Id of its task. */
  readonly task: string;
  readonly status: RunStatus;
  /** As they were given, before its task's defaults. */
  readonly params: Readonly<Record<string, unknown>>;
  /** What it returned, as far as JSON holds it; undefined where it returned nothing or did not succeed. */
  readonly result?: unknown;
}

/** A span of time: `from` belongs to the window before, `to` to this one. */
export interface TimeWindow {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** One attempt, with everything that its host needs to know. */
export interface RunOrder {
  readonly runId: string;
  readonly taskId: string;
  /** Address of the task's module. */
  readonly module: string;
  readonly executor: ExecutorKind;
  /** What its code may reach; `[permissions]` of carillon.ini where undefined. */
  readonly permissions?: Permissions | undefined;
  /** Names of `[secrets]` that it may ask for; all that `[permissions]` allows where undefined. */
  readonly secrets?: readonly string[] | undefined;
  /** Sections of database.ini that it may use; all that `[permissions]` allows where undefined. */
  readonly databases?: readonly string[] | undefined;
  readonly cause: RunCause;
  /** With the cause `after`, the run that has ended; with `after: { all }`, the last of them. */
  readonly after?: CausingRun | undefined;
  /** 1 for the first try. */
  readonly attempt: number;
  readonly scheduledAt: EpochMs;
  /** The span that the run stands for, where its task has `window`. */
  readonly window?: TimeWindow | undefined;
  readonly params: Readonly<Record<string, unknown>>;
  /** What earlier runs of the task have left. */
  readonly watermarks: TaskWatermarks;
  /** How much of the files that it leaves is kept; undefined where none is. */
  readonly artifacts?: ArtifactLimits | undefined;
  /** `traceparent` of W3C Trace Context for what it does elsewhere; undefined where nobody traces. */
  readonly traceparent?: string | undefined;
}

/** A part of an attempt that has just ended, as a trace has it. Ids are 16 hexadecimal digits. */
export interface AttemptSpan {
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly ms: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** Undefined where it went well. */
  readonly error?: string | undefined;
}

export interface SucceededAnswer {
  readonly kind: "succeeded";
  /** What the task returned, in one line. */
  readonly message?: string | undefined;
  /** The same as JSON, of at most 64 KB; undefined where nothing was returned, or more. */
  readonly result?: string | undefined;
  readonly watermarks?: TaskWatermarks | undefined;
  /** Runs that are to begin once, each at its moment. */
  readonly plans?: readonly RunPlan[] | undefined;
}

export interface FailedAnswer {
  readonly kind: "failed";
  readonly error: RunError;
  /** True where the task's own `retry.only` asked for another attempt. */
  readonly retryable?: boolean | undefined;
}

/** What an attempt ends with. */
export type RunAnswer =
  | SucceededAnswer
  /** The parameters did not pass the task's schema: nothing of the task was run. */
  | { readonly kind: "refused"; readonly problems: readonly ParamProblem[] }
  | FailedAnswer
  /** Its host was lost for a reason that is not the run's own: another run in it, the machine, an operator. */
  | { readonly kind: "interrupted"; readonly message: string };

/** News of an attempt that is going on. */
export type RunNews =
  | { readonly kind: "log"; readonly level: LogLevel; readonly text: string }
  | { readonly kind: "progress"; readonly fraction: number; readonly note?: string | undefined }
  /** Its code is in a host now; only while somebody traces. Found by the clock; no host says so. */
  | { readonly kind: "hosted" }
  | { readonly kind: "span"; readonly span: AttemptSpan }
  /** A piece of a file that the run leaves; `data` is base64. See `ArtifactPiece`. */
  | {
    readonly kind: "artifact";
    readonly id: number;
    readonly title: string;
    readonly name: string;
    readonly data: string;
    readonly last: boolean;
  };
