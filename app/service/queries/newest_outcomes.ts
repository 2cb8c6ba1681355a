/** The outcomes of all tasks in one order, so that a question about a window reads what it answers and sorts nothing. */
import type { EpochMs } from "../../base/time.ts";
import type { RunOutcome } from "../../model/history.ts";

/** So many more than are wanted are kept before those that are too old are cut off. */
const SPARE = 5_000;
/** Outcomes that are kept, the newest: more would be memory that nobody looks at. */
const MAX_KEPT = 100_000;

export class NewestOutcomes {
  /** By id, which is the order in which runs were queued. */
  #all: RunOutcome[] = [];

  /** Adds an outcome, or takes the place of an earlier one of the same run. */
  keep(outcome: RunOutcome): void {
    // Nearly always among the last: a run ends not long after others were queued.
    let at = this.#all.length;
    while (at > 0 && (this.#all[at - 1]?.id ?? "") > outcome.id) at--;
    if (this.#all[at - 1]?.id === outcome.id) this.#all[at - 1] = outcome;
    else this.#all.splice(at, 0, outcome);
  }

  /** Lets those go that were queued before a moment, now and then. */
  forget(before: EpochMs): void {
    const tooMany = this.#all.length - MAX_KEPT;
    if (tooMany < SPARE && (this.#all[SPARE]?.queuedAt ?? Infinity) >= before) return;
    const first = this.#all.findIndex(({ queuedAt }) => queuedAt >= before);
    this.#all = first === -1 ? [] : this.#all.slice(Math.max(first, tooMany));
  }

  /** False where some that were queued since this moment are not kept, as there are too many. */
  isWholeSince(from: EpochMs): boolean {
    return this.#all.length < MAX_KEPT || (this.#all[0]?.queuedAt ?? Infinity) < from;
  }

  /** Those that were queued in a window, newest first. */
  *within(from: EpochMs, to: EpochMs): Iterable<RunOutcome> {
    for (let i = this.#all.length - 1; i >= 0; i--) {
      const outcome = this.#all[i];
      if (!outcome || outcome.queuedAt < from) return;
      if (outcome.queuedAt < to) yield outcome;
    }
  }
}
