/** `pauseAfter`: a task that fails again and again is paused. */
import { text } from "../locale/locale.ts";
import type { RunStatus } from "../model/run.ts";
import { wholeNumber } from "./option.ts";
import type { Policy } from "./policy.ts";

export interface PauseAfterKeys {
  /** Its trigger is paused after so many runs in a row that did not succeed, each with all its attempts; never when left out. */
  readonly pauseAfter?: number;
}

const MAX_IN_A_ROW = 1_000;

export const pauseAfter: Policy<PauseAfterKeys, { readonly pauseAfter?: number | undefined }> = {
  keys: { pauseAfter: "policy.pause_after" },
  read: ({ pauseAfter }) => ({
    pauseAfter: pauseAfter === undefined ? undefined : wholeNumber("pauseAfter", pauseAfter, 1, MAX_IN_A_ROW),
  }),
  wordsOf: ({ pauseAfter }, locale) => ({
    pauseAfter: pauseAfter === undefined
      ? undefined
      : text(locale, "policy.pause_after_value", { n: pauseAfter }),
  }),
};

/**
 * How many runs failed since the last success. What was cancelled, cut off, skipped or missed says nothing about the
 * task and counts neither way.
 *
 * @param statuses of its runs, the newest first
 */
export function failuresInRow(statuses: Iterable<RunStatus>): number {
  let failures = 0;
  for (const status of statuses) {
    if (status === "succeeded") break;
    if (status === "failed" || status === "timed_out") failures++;
  }
  return failures;
}

/** Whether a task is paused now that a run of it has ended. @param statuses of its runs, the newest first */
export function pausesNow(pauseAfter: number | undefined, statuses: Iterable<RunStatus>): boolean {
  return pauseAfter !== undefined && failuresInRow(statuses) >= pauseAfter;
}
