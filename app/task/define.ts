/** What a task author writes: `defineTask` and the types completion shows. */
import type { z } from "zod";
import { instantOf } from "../base/time.ts";
import type { LocalText } from "../model/locale.ts";
import type { CausingRun, TimeWindow } from "../model/order.ts";
import type { RunCause } from "../model/run.ts";
import type { PolicyOptions } from "../policy/policies.ts";
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
  /**
   * The span that the run stands for, as the task's `window` has it: for a due instant, a catch-up, another attempt, a run
   * again and a backfill the same one; for a run by hand, since the last due instant. `from` belongs to the window before.
   *
   * @throws Error where the task has no `window`
   */
  readonly window: RunWindow;
  /** The run of another task after which this one was started (`after`); undefined where something else asked for it. */
  readonly cause?: CausingRun | undefined;
}

export interface RunWindow {
  readonly from: Temporal.Instant;
  readonly to: Temporal.Instant;
}

/** The window of an order, as a task is given it. @throws Error where there is none */
export function runWindow(window: TimeWindow | undefined): RunWindow {
  if (!window) throw new Error(`the task has no window; write window: "sinceLastDue" in its definition`);
  return { from: instantOf(window.from), to: instantOf(window.to) };
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

export interface TaskDefinition<S extends ParamsSchema = ParamsSchema> extends PolicyOptions {
  /**
   * The task's id, when it is not the file's name: where a file has several tasks. Letters, digits, `_`, `-`, `.` and blanks within; a
   * task keeps its history as long as it keeps its id.
   */
  readonly id?: string;
  /** Name for people; the id when left out. */
  readonly title?: LocalText;
  readonly description?: LocalText;
  /** Words by which the list of tasks can be filtered. */
  readonly tags?: string | readonly string[];
  /** When it fires: one trigger, a list (any of them), or none for a task that is only started by hand. */
  readonly trigger?: TriggerSpec | readonly TriggerSpec[];
  readonly params?: S;
  /** The work. What it returns becomes the run's one-line message; what it throws, its error. */
  run(context: RunContext<z.output<S>>): unknown;
}

const DEFINED = Symbol.for("carillon.task");

/** A definition that went through {@link defineTask}. */
export interface DefinedTask extends TaskDefinition {
  readonly [DEFINED]: true;
}

/**
 * Declares a task; make it the file's default export. Its id is then the file's name. A file has several tasks where its
 * default export is a list of them, each with an `id`, or where it exports them by name.
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
