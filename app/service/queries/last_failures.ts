/** Runs that did not go well, in the order in which they ended: one that took long may have been queued before all others. */
import type { RunOutcome } from "../../model/history.ts";
import { isBad } from "../../model/run.ts";

/** So many are kept, the last. */
const MAX_KEPT = 1_000;

export class LastFailures {
  /** The last to end is the last. */
  readonly #all: RunOutcome[] = [];

  /** Adds an outcome, or takes the place of an earlier one of the same run. */
  keep(outcome: RunOutcome): void {
    if (!isBad(outcome.status)) return;
    const before = this.#all.findLastIndex(({ id }) => id === outcome.id);
    if (before !== -1) this.#all.splice(before, 1);
    const at = this.#all.findLastIndex((each) => endOf(each) <= endOf(outcome));
    this.#all.splice(at + 1, 0, outcome);
    if (this.#all.length > MAX_KEPT) this.#all.shift();
  }

  /** The last to end comes first. */
  get newestFirst(): readonly RunOutcome[] {
    return this.#all.toReversed();
  }
}

/** A run of which no end was written down counts from its begin. */
function endOf({ finishedAt, queuedAt }: RunOutcome): number {
  return finishedAt ?? queuedAt;
}
