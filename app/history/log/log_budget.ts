/** What the logs of runs that have ended take together in memory: the oldest are shortened, then emptied. */
import type { KeptLog } from "./kept_log.ts";

interface Counted {
  readonly log: KeptLog;
  /** What it was counted with, in characters: a log may grow later. */
  readonly weight: number;
}

export class LogBudget {
  /** The oldest first: logs as they came, and those that were shortened. */
  readonly #whole = new Map<string, Counted>();
  readonly #short = new Map<string, Counted>();
  #weight = 0;

  /** @param limit of all together, in characters */
  constructor(readonly limit: number) {}

  /** What they take together, in characters, roughly. */
  get weight(): number {
    return this.#weight;
  }

  /** Counts the log of a run that has ended, and makes room for it. */
  add(runId: string, log: KeptLog): void {
    this.remove(runId);
    this.#count(this.#whole, runId, log);
    while (this.#weight > this.limit && (this.#shortenOldest() || this.#emptyOldest())) continue;
  }

  /** The log of a run is not counted any more; it is not changed. */
  remove(runId: string): void {
    for (const counted of [this.#whole, this.#short]) {
      this.#weight -= counted.get(runId)?.weight ?? 0;
      counted.delete(runId);
    }
  }

  #count(among: Map<string, Counted>, runId: string, log: KeptLog): void {
    const { weight } = log;
    among.set(runId, { log, weight });
    this.#weight += weight;
  }

  #shortenOldest(): boolean {
    const [oldest] = this.#whole;
    if (!oldest) return false;
    const [runId, { log }] = oldest;
    this.remove(runId);
    log.shorten();
    this.#count(this.#short, runId, log);
    return true;
  }

  #emptyOldest(): boolean {
    const [oldest] = this.#short;
    if (!oldest) return false;
    const [runId, { log }] = oldest;
    this.remove(runId);
    log.empty();
    return true;
  }
}
