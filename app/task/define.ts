/** What a task author writes: `defineTask` and the types completion shows. */
import type { z } from "zod";
import type { DurationLike } from "../duration.ts";
import type { LocalText } from "../locale/locale.ts";
import type { RunCause } from "../history/run.ts";
import type { OverlapPolicy } from "../scheduler/policy.ts";
import type { TriggerSpec } from "../trigger/trigger.ts";

/** Writes lines to the log of the run, where its page shows them. Values that are no text are printed as the console does. */
export interface RunLog {
  debug(...values: unknown[]): void;
  info(...values: unknown[]): void;
  warn(...values: unknown[]): void;
  error(...values: unknown[]): void;
}

/** What a task is given when it runs. */
export interface RunContext<P = Record<string, unknown>> {
  /** Checked by the task's `params`, defaults filled in. */
  readonly params: P;
  /** Aborted when the run is cancelled, times out, or Carillon stops: hand it to `fetch` and `query`. */
  readonly signal: AbortSignal;
  readonly log: RunLog;
  /** Shows how far the run is. @param fraction 0 to 1 */
  progress(fraction: number, note?: string): void;
  readonly run: RunFacts;
}

export interface RunFacts {
  readonly id: string;
  readonly taskId: string;
  readonly cause: RunCause;
  /** The due instant; when the run was asked for, where it was started by hand. */
  readonly scheduledAt: Temporal.Instant;
  /** 1 for the first try. */
  readonly attempt: number;
}

/** A zod object: its fields become the fields of "run with parameters". */
export type ParamsSchema = z.ZodObject;

export interface TaskDefinition<S extends ParamsSchema = ParamsSchema> {
  /** Name for people; the file's name when left out. */
  readonly title?: LocalText;
  readonly description?: LocalText;
  /** Words by which the list of tasks can be filtered. */
  readonly tags?: string | readonly string[];
  /** When it fires: one trigger, a list (any of them), or none for a task that is only started by hand. */
  readonly trigger?: TriggerSpec | readonly TriggerSpec[];
  readonly params?: S;
  /** Each attempt is ended after this long, and the run is `timed_out`; no limit when left out. */
  readonly timeout?: DurationLike;
  /** Tries again what failed or timed out; once when left out. */
  readonly retry?: RetryOptions;
  /** What a due instant does while the task is still at work; `"skip"` when left out. Runs asked for by people wait. */
  readonly overlap?: OverlapPolicy;
  /** Most runs of this task at one time: 1 when left out, with `overlap: "allow"` as many as there are workers. */
  readonly concurrency?: number;
  /** What becomes of due instants that were not noticed in time: the machine slept, or Carillon was stopped. */
  readonly misfire?: MisfireOptions;
  /** Each start is put off by a time between 0 and this, so that many tasks do not all begin on the same second. */
  readonly jitter?: DurationLike;
  /** Where more runs want to start than there are workers, the greater goes first; 0 when left out. */
  readonly priority?: number;
  /** Names that are held while it runs: two runs that share one never run at the same time, whatever their tasks. */
  readonly locks?: string | readonly string[];
  /** Times in which its trigger starts nothing. Local to the task's zone. */
  readonly blackout?: BlackoutOptions | readonly BlackoutOptions[];
  /** Its trigger starts it on working days only. */
  readonly calendar?: CalendarOptions;
  /** Runs it when another task has ended: `"other_task"` when that succeeded. Beside its trigger, or without one. */
  readonly after?: string | AfterOptions | readonly (string | AfterOptions)[];
  /** Where it runs; `"worker"` when left out. */
  readonly executor?: ExecutorKind;
  /** What its code may reach; all else is refused. Left out, it may what `[permissions]` of carillon.ini allows. */
  readonly permissions?: PermissionOptions;
  /** The work. What it returns becomes the run's one-line message; what it throws, its error. */
  run(context: RunContext<z.output<S>>): unknown;
}

export interface RetryOptions {
  /** Tries in all, the first one included: 3 is the first and two more. */
  readonly attempts: number;
  /** Wait before the second attempt; none when left out. */
  readonly delay?: DurationLike;
  /** Each further wait is this many times the one before; 1 when left out, so that all are alike. */
  readonly backoff?: number;
  /** No wait is longer than this; an hour when left out. */
  readonly maxDelay?: DurationLike;
  /**
   * Which errors are worth another try: their names (`"TimeoutError"` is the time limit), or a function that is given
   * the error. A function cannot be asked about an attempt that had to be ended; that one is not tried again.
   */
  readonly only?: string | readonly string[] | ((error: unknown) => boolean);
}

export interface MisfireOptions {
  /** An instant that is noticed later than this was missed; 60 s when left out. */
  readonly grace?: DurationLike;
  /**
   * `"none"` (when left out) records what was missed and waits for the next instant; `"latest"` runs the latest of
   * them; `"all"` runs each, one after the other.
   */
  readonly catchUp?: "none" | "latest" | "all";
  /** With `"all"`, how many at the most, the latest ones; 100 when left out. */
  readonly limit?: number;
}

/** `{ from: "22:00", to: "06:00" }` every day, with `weekdays: "mon-fri"` on some; or once, with dates: `{ from: "2026-12-24T18:00", to: "2027-01-02" }`. */
export interface BlackoutOptions {
  readonly from: string;
  /** The first moment that is free again. */
  readonly to: string;
  /** APScheduler's notation, such as `"mon-fri"` or `"sat,sun"`: the days on which the window begins. */
  readonly weekdays?: string;
}

export interface CalendarOptions {
  /** Days of the week that are worked, in APScheduler's notation; `"mon-fri"` when left out. */
  readonly weekdays?: string;
  /** Days off: `"2026-10-01"`, or `"2026-10-01/2026-10-07"` for several, both included. */
  readonly holidays?: readonly string[];
  /** Days that are worked although the rest says otherwise. */
  readonly workingDays?: readonly string[];
  /**
   * An iCalendar file (RFC 5545) with whole-day events, relative to the task file: days off, and days that are worked
   * after all where Apple's `X-APPLE-SPECIAL-DAY:ALTERNATE-WORKDAY` or a name with 班 marks them.
   */
  readonly file?: string;
}

export interface AfterOptions {
  readonly task: string;
  /** `"success"` when left out. */
  readonly on?: "success" | "failure" | "end";
}

/**
 * `"worker"`: a thread of its own that can be ended. `"process"`: a process of its own, the strongest isolation, some
 * tenths of a second slower to start. `"inline"`: the scheduler's own thread, for tiny asynchronous work only: a loop
 * in it stops everything.
 */
export type ExecutorKind = "worker" | "process" | "inline";

/** Each is `true` for all, `false` for nothing, or a list of what is allowed. What is left out is nothing. */
export interface PermissionOptions {
  /** Hosts, such as `"api.example.com"` or `"db.local:5432"`. */
  readonly net?: boolean | readonly string[];
  /** Files and folders, relative to the folder that Carillon was started in. */
  readonly read?: boolean | readonly string[];
  readonly write?: boolean | readonly string[];
  /** Names of environment variables. */
  readonly env?: boolean | readonly string[];
  /** Programs. */
  readonly run?: boolean | readonly string[];
}

const DEFINED = Symbol.for("carillon.task");

/** A definition that went through {@link defineTask}. */
export interface DefinedTask extends TaskDefinition {
  readonly [DEFINED]: true;
}

/**
 * Declares the task of a file; make it the file's default export. The task's id is the file's name.
 *
 * @example
 * export default defineTask({
 *   trigger: cron({ hour: 6, minute: 30 }),
 *   async run({ log }) {
 *     log.info("good morning");
 *   },
 * });
 */
export function defineTask<S extends ParamsSchema>(task: TaskDefinition<S>): TaskDefinition<S> {
  return Object.freeze({ ...task, [DEFINED]: true });
}

/** True for what {@link defineTask} returned. */
export function isDefinedTask(value: unknown): value is DefinedTask {
  return typeof value === "object" && value !== null && DEFINED in value;
}
