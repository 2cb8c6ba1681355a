/** Which run the code that is being executed belongs to, also across `await`. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Watermark } from "../../datasource/watermark.ts";
import type { RunPlan } from "../model/planned_run.ts";
import type { RunLog } from "../task/define.ts";

export interface RunEnvironment {
  readonly log: RunLog;
  readonly signal: AbortSignal;
  /** A value of the task that is kept between its runs. */
  watermark(name: string): Watermark;
  /** Keeps a file with the run. */
  artifact(path: string, title: string): Promise<void>;
  /** Adds a run that is to be begun once, after this one has succeeded. */
  plan(plan: RunPlan): void;
  /** Which of the runs of this process it is. */
  readonly number: number;
  /** Called with a rejection that nobody handles. */
  onStray(thrown: unknown): void;
}

export const currentRun = new AsyncLocalStorage<RunEnvironment>();
