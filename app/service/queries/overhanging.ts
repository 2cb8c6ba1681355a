/** Runs that were queued before a moment and ended after it: what a day shows of the days before. */
import type { EpochMs } from "../../base/time.ts";
import type { RunReader } from "../../contracts.ts";
import type { RunOutcome } from "../../model/history.ts";

/** How long before a moment they are looked for; what goes on is known without that. */
const BEFORE_MS = 7 * 86_400_000;
/** Runs that are looked through, the newest. */
const MAX_READ = 20_000;
/** Moments whose runs are kept: those that pages are refreshed for. */
const MAX_MOMENTS = 8;

export class Overhanging {
  readonly #byMoment = new Map<EpochMs, Promise<RunOutcome[]>>();

  constructor(readonly reader: Pick<RunReader, "outcomes">) {}

  /** Those that have ended; read once for a moment, then what ends is added. */
  async into(moment: EpochMs): Promise<readonly RunOutcome[]> {
    const kept = this.#byMoment.get(moment);
    if (kept) return await kept;
    const [oldest] = this.#byMoment.keys();
    if (oldest !== undefined && this.#byMoment.size >= MAX_MOMENTS) this.#byMoment.delete(oldest);
    const found = this.reader.outcomes({ from: moment - BEFORE_MS, to: moment, limit: MAX_READ })
      .then((runs) => runs.filter((run) => reaches(run, moment)));
    this.#byMoment.set(moment, found);
    // What could not be read is asked for again.
    found.catch(() => this.#byMoment.delete(moment));
    return await found;
  }

  /** Adds a run that has ended. */
  keep(outcome: RunOutcome): void {
    for (const [moment, runs] of this.#byMoment) {
      if (reaches(outcome, moment)) void runs.then((found) => found.push(outcome), () => {});
    }
  }
}

function reaches({ queuedAt, finishedAt }: RunOutcome, moment: EpochMs): boolean {
  return queuedAt < moment && finishedAt !== undefined && finishedAt >= moment;
}
