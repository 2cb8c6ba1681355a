/** A run that is to begin once, at a moment that another run has named. */
import type { EpochMs } from "../base/time.ts";

/** As a task's code asks for it. */
export interface RunPlan {
  readonly taskId: string;
  readonly at: EpochMs;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Plans that one run may make, and characters of all of them as JSON. */
export const MAX_PLANS = 1_000;
export const MAX_PLANS_LENGTH = 256_000;

export interface PlannedRun extends RunPlan {
  /** Its run has this in `by`. */
  readonly id: string;
  /** Id of the run that asked for it. */
  readonly askedBy: string;
  readonly askedAt: EpochMs;
}
