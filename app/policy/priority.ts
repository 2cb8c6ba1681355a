/** `priority`: who goes first where more runs want to start than there are workers; waiting makes up for it. */
import type { EpochMs } from "../base/time.ts";
import { wholeNumber } from "./option.ts";
import type { Policy } from "./policy.ts";

export interface PriorityKeys {
  /**
   * Where more runs want to start than there are workers, the greater goes first; 0 when left out. A step of 1 is worth
   * one minute of waiting, so that a low one starts too.
   */
  readonly priority?: number;
}

const MAX_PRIORITY = 1_000;

/** Waiting for so long is worth one step of priority. */
export const AGEING_MS = 60_000;

export const priority: Policy<PriorityKeys, { readonly priority: number }> = {
  keys: { priority: "policy.priority" },
  read: ({ priority }) => ({
    priority: priority === undefined ? 0 : wholeNumber("priority", priority, -MAX_PRIORITY, MAX_PRIORITY),
  }),
  wordsOf: ({ priority }) => ({ priority: priority === 0 ? undefined : String(priority) }),
};

/** A run of a backfill has so many steps less than its task: it passes nothing that is due within these minutes. */
export const BACKFILL_STEPS = 10;

/**
 * Where a run stands among those that wait: the least goes first. All waiting runs grow older at the same pace, so what
 * a minute is worth can be said once, when the run is queued: a run of priority 5 passes those of priority 0 that were
 * queued up to five minutes before it. Of equals, whoever came first goes first.
 */
export function startRank(priority: number, queuedAt: EpochMs): number {
  return queuedAt - priority * AGEING_MS;
}
