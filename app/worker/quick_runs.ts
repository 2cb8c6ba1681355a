/**
 * In the clock: runs that are over as soon as they have begun. A few of them are better done one after another by hosts
 * that are warm than side by side by as many as there may be: with more hosts than processors each takes several times
 * the processor time, because nothing that it needs is in the caches any more.
 */

/** A run that took its host no longer than this is quick. */
const QUICK_MS = 10;
/**
 * A task whose runs were quick may have so many long ones in a row: a run of a busy moment that waits for a processor must
 * not get its next one another host, which makes the moment busier.
 */
const MOST_LONG = 1;
/** Modules of quick runs for which one host is enough; it holds few hundred before it is replaced. */
const MODULES_A_HOST = 200;
/** For fewer runs that wait, for each host that is at a quick run, no host is used that never was. */
const WORTH_A_HOST = 8;
/** More modules than this are not remembered. */
const MOST_MODULES = 20_000;

/** A host's run, as far as it matters here. */
export interface Occupied {
  /** When the host got it, on a clock that only goes forward, in milliseconds. */
  readonly begunAt: number;
  readonly module: string;
}

export class QuickRuns {
  /** Of each module how many of its last runs were long, one after the other. */
  readonly #modules = new Map<string, number>();

  /** @param processors how many runs can use a processor at one time */
  constructor(readonly processors: number) {}

  /** A run is over. @param ms how long it had its host; @param waited true where it waited for something in between */
  over(module: string, ms: number, waited: boolean): void {
    const long = ms > QUICK_MS ? (this.#modules.get(module) ?? MOST_LONG) + 1 : 0;
    if (waited || long > MOST_LONG) this.#modules.delete(module);
    else if (this.has(module) || this.#modules.size < MOST_MODULES) this.#modules.set(module, long);
  }

  /** True for a task whose last runs were quick. */
  has(module: string): boolean {
    return this.#modules.has(module);
  }

  /**
   * Whether a quick run gets a host now. Otherwise it had better wait for one that is about to be free: as many are at
   * quick runs as there are processors. A host whose run takes longer than it used to does not count.
   *
   * @param busy hosts that could take the run if they were free
   * @param waiting where the host has never had a run: how many runs wait. A few are not worth it
   */
  gets(busy: Iterable<Occupied>, now: number, waiting = Infinity): boolean {
    let at = 0;
    for (const { begunAt, module } of busy) if (now - begunAt < QUICK_MS && this.has(module)) at++;
    const most = Math.max(this.processors, Math.ceil(this.#modules.size / MODULES_A_HOST));
    return at < most && waiting > at * WORTH_A_HOST;
  }
}

/** After so long what waits for a warm host is looked at again: by then the hosts are free, or do not count any more. */
export const LOOK_AGAIN_MS = QUICK_MS;
