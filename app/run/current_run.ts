/** Which run the code that is being executed belongs to, also across `await`. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { RunLog } from "../task/define.ts";

export interface RunEnvironment {
  readonly log: RunLog;
  readonly signal: AbortSignal;
}

export const currentRun = new AsyncLocalStorage<RunEnvironment>();
