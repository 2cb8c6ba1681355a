/**
 * Which runs may start: they wait for a free worker, for their task's own limit and for named locks, the most urgent
 * first. Every limit on the number of runs is decided here, for due instants and for runs that wait alike.
 */
import { type Admission, admit, type OverlapPolicy } from "../policy/overlap.ts";
import { ActiveRuns, type Unfinished } from "./active_runs.ts";

/** What one unfinished run asks for. */
export interface Claim extends Unfinished {
  /** The least goes first, see `startRank`: it grows with the time of queueing, so nobody waits for ever. */
  readonly rank: number;
  readonly locks: readonly string[];
  /** Most runs of the task at one time. */
  readonly concurrency: number;
  /** True for a run of a backfill: what is due waits for it instead of being skipped, and does not take its place. */
  readonly isBackfill: boolean;
  /** False where it needs no worker. */
  readonly needsSlot: boolean;
  /** `between` two attempts a run counts as one of its task's and holds neither worker nor locks. */
  place: "waiting" | "started" | "between";
}

/** Why a run waits. */
export type WaitReason =
  | { readonly kind: "lock"; readonly lock: string; readonly holder: string }
  | { readonly kind: "concurrency" }
  | { readonly kind: "workers" };

/** Runs that were queued within so many milliseconds may pass each other for a worker that suits them better. */
const BESIDE_MS = 200;
/** So many are looked at for that; a start costs no more where thousands wait. */
const BESIDE_COUNT = 32;

/** A run that a free worker alone is enough for. */
function takesWorkerAlone({ needsSlot, locks }: Claim): boolean {
  return needsSlot && locks.length === 0;
}

export class StartQueue<C extends Claim> {
  /** All that have entered and not left, waiting or not. */
  readonly active = new ActiveRuns<C>();
  /** The most urgent first; of equals, whoever came first. */
  readonly #waiting: C[] = [];
  /** Of those that wait, how many ask for something else than a worker. */
  #choosy = 0;
  /** Grows with each run that comes to wait or no longer does. */
  #changes = 0;
  /** Runs of each task that have started and not left. */
  readonly #started = new Map<string, number>();
  readonly #locks = new Map<string, C>();
  #slots = 0;
  #closed = false;

  /**
   * @param limit workers there are
   * @param start called for each run that may start
   * @param suits how well a run suits the workers that are free; the least suits best, 0 perfectly
   */
  constructor(
    readonly limit: number,
    readonly start: (claim: C) => void,
    readonly suits: (claim: C) => number = () => 0,
  ) {}

  /** How many workers are taken. */
  get slots(): number {
    return this.#slots;
  }

  /**
   * What a due instant may do beside the runs of its task that there are.
   *
   * @param owed true for an instant that is caught up
   * @param oldest when the longest-standing run was due, in words; asked for only where somebody reads them
   */
  decide(
    taskId: string,
    { overlap, concurrency }: { readonly overlap: OverlapPolicy; readonly concurrency: number },
    owed: boolean,
    oldest: () => string,
  ): Admission {
    const all = this.active.of(taskId).filter(({ isBackfill }) => !isBackfill);
    if (all.length < concurrency) return { kind: "start" };
    const waiting = all.filter(({ place }) => place === "waiting").length;
    return admit(overlap, { live: all.length, waiting, concurrency, oldest: oldest() }, owed);
  }

  /** From now on nobody starts any more: who waits goes on waiting, and so does who comes. */
  close(): void {
    this.#closed = true;
  }

  /** A run comes in: it starts now, or as soon as it may. */
  enter(claim: C): void {
    this.active.add(claim);
    this.request(claim);
  }

  /** Asks for a start: the first one, or that of another attempt. */
  request(claim: C): void {
    if (!this.#closed && claim.locks.length === 0 && this.#why(claim, undefined) === undefined) {
      this.#admit(claim);
      return;
    }
    this.#wait(claim);
    this.#startWaiting();
  }

  /** Gives worker and locks back between two attempts; the run goes on counting as one of its task's. */
  pause(claim: C): void {
    this.#giveBack(claim);
    claim.place = "between";
    this.#startWaiting();
  }

  /** The run is over, whatever it was doing: it gives back what it has. */
  leave(claim: C): void {
    if (claim.place !== "started") this.#waitNoMore(this.#waiting.indexOf(claim));
    this.#giveBack(claim);
    if (claim.place !== "waiting") {
      this.#started.set(claim.taskId, (this.#started.get(claim.taskId) ?? 1) - 1);
    }
    this.active.remove(claim);
    this.#startWaiting();
  }

  /** Why a run is still waiting; undefined for one that is not. */
  reasonOf(claim: C): WaitReason | undefined {
    if (!this.#waiting.includes(claim)) return undefined;
    return this.#why(claim, undefined) ?? { kind: "workers" };
  }

  #giveBack(claim: C): void {
    if (claim.place !== "started") return;
    if (claim.needsSlot) this.#slots--;
    for (const lock of claim.locks) this.#locks.delete(lock);
  }

  #admit(claim: C): void {
    if (claim.place === "waiting") {
      this.#started.set(claim.taskId, (this.#started.get(claim.taskId) ?? 0) + 1);
    }
    claim.place = "started";
    if (claim.needsSlot) this.#slots++;
    for (const lock of claim.locks) this.#locks.set(lock, claim);
    this.start(claim);
  }

  #wait(claim: C): void {
    const place = this.#waiting.findLastIndex((each) => each.rank <= claim.rank);
    this.#waiting.splice(place + 1, 0, claim);
    if (!takesWorkerAlone(claim)) this.#choosy++;
    this.#changes++;
  }

  /** @param at where in the queue; nowhere for -1 */
  #waitNoMore(at: number): void {
    const [claim] = at === -1 ? [] : this.#waiting.splice(at, 1);
    if (!claim) return;
    if (!takesWorkerAlone(claim)) this.#choosy--;
    this.#changes++;
  }

  #startWaiting(): void {
    // Whoever waits for a lock keeps those behind from taking it first: nobody waits for ever.
    const promised = new Set<string>();
    let at = 0;
    while (!this.#closed && at < this.#waiting.length) {
      const isFull = this.#slots >= this.limit;
      if (isFull && this.#choosy === 0) return;
      const claim = this.#waiting[at];
      if (!claim) return;
      if ((isFull && takesWorkerAlone(claim)) || this.#why(claim, promised) !== undefined) {
        for (const lock of claim.locks) promised.add(lock);
        at++;
        continue;
      }
      const next = this.#bestBeside(at);
      const starting = this.#waiting[next] ?? claim;
      this.#waitNoMore(next);
      const changes = this.#changes;
      this.#admit(starting);
      if (changes === this.#changes) continue;
      // A start made others come or go.
      at = 0;
      promised.clear();
    }
  }

  /** Where in the queue the run is that goes next: this one, or one that waits about as long and suits the free workers better. */
  #bestBeside(at: number): number {
    const claim = this.#waiting[at];
    if (!claim || !takesWorkerAlone(claim)) return at;
    let best = at;
    let least = this.suits(claim);
    const end = Math.min(this.#waiting.length, at + 1 + BESIDE_COUNT);
    for (let place = at + 1; least > 0 && place < end; place++) {
      const other = this.#waiting[place];
      if (!other || other.rank > claim.rank + BESIDE_MS) break;
      if (!takesWorkerAlone(other) || this.#why(other, undefined) !== undefined) continue;
      const suited = this.suits(other);
      if (suited >= least) continue;
      best = place;
      least = suited;
    }
    return best;
  }

  #why(claim: C, promised: ReadonlySet<string> | undefined): WaitReason | undefined {
    if (claim.place === "waiting" && (this.#started.get(claim.taskId) ?? 0) >= claim.concurrency) {
      return { kind: "concurrency" };
    }
    for (const lock of claim.locks) {
      const holder = this.#locks.get(lock);
      if (holder) return { kind: "lock", lock, holder: holder.taskId };
      if (promised?.has(lock)) return { kind: "lock", lock, holder: claim.taskId };
    }
    return claim.needsSlot && this.#slots >= this.limit ? { kind: "workers" } : undefined;
  }
}
