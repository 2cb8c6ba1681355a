/** Which run the code that is being executed belongs to, also across `await`. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Watermark } from "../../datasource/watermark.ts";
import type { RunLog } from "../task/define.ts";

export interface RunEnvironment {
  readonly log: RunLog;
  readonly signal: AbortSignal;
  /** A value of the task that is kept between its runs. */
  watermark(name: string): Watermark;
  /** Told of a rejected promise that nobody awaits. */
  onStray(thrown: unknown): void;
}

export const currentRun = new AsyncLocalStorage<RunEnvironment>();
