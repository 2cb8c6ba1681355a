/** What a task author writes: `defineTask` and the types completion shows. */
import type { z } from "zod";
import type { DurationLike } from "../duration.ts";
import type { LocalText } from "../locale/locale.ts";
import type { RunCause } from "../history/run.ts";
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
  /** When it fires: one trigger, a list (any of them), or none for a task that is only started by hand. */
  readonly trigger?: TriggerSpec | readonly TriggerSpec[];
  readonly params?: S;
  /** The run is ended and `timed_out` after this long; no limit when left out. */
  readonly timeout?: DurationLike;
  /** The work. What it returns becomes the run's one-line message; what it throws, its error. */
  run(context: RunContext<z.output<S>>): unknown;
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
