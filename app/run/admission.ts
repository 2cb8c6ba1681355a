/** Who may start: runs wait for a free worker, for their task's own limit and for named locks, the most urgent first. */

/** What is asked for by one run that wants to start. */
export interface Claim {
  readonly taskId: string;
  /** Greater goes first. */
  readonly priority: number;
  readonly locks: readonly string[];
  /** Most runs of the task at one time. */
  readonly concurrency: number;
  /** False where it needs no worker. */
  readonly needsSlot: boolean;
  /** True while the run counts as one of its task's, also between two attempts. */
  counted: boolean;
}

/** Why a run waits. */
export type WaitReason =
  | { readonly kind: "lock"; readonly lock: string; readonly holder: string }
  | { readonly kind: "concurrency" }
  | { readonly kind: "workers" };

export class Admission<C extends Claim> {
  /** The most urgent first; of equals, whoever came first. */
  readonly #waiting: C[] = [];
  readonly #running = new Map<string, number>();
  readonly #locks = new Map<string, C>();
  #slots = 0;

  /** @param limit workers there are; @param start called for each run that may start */
  constructor(readonly limit: number, readonly start: (claim: C) => void) {}

  get waiting(): readonly C[] {
    return this.#waiting;
  }

  /** How many workers are taken. */
  get slots(): number {
    return this.#slots;
  }

  /** Starts it now, or as soon as it may. */
  request(claim: C): void {
    if (claim.locks.length === 0 && this.#why(claim, undefined) === undefined) {
      this.#admit(claim);
      return;
    }
    const place = this.#waiting.findLastIndex((each) => each.priority >= claim.priority);
    this.#waiting.splice(place + 1, 0, claim);
    this.#startWaiting();
  }

  /** Takes a run that waits out of the line. */
  withdraw(claim: C): void {
    const place = this.#waiting.indexOf(claim);
    if (place !== -1) this.#waiting.splice(place, 1);
  }

  /** Gives back what was taken. @param over false between two attempts: the run then still counts as one of its task's */
  release(claim: C, over: boolean): void {
    if (claim.needsSlot) this.#slots--;
    for (const lock of claim.locks) this.#locks.delete(lock);
    if (over) this.leave(claim);
    else this.#startWaiting();
  }

  /** A run that waited between two attempts ends without another one. */
  leave(claim: C): void {
    if (claim.counted) {
      claim.counted = false;
      this.#running.set(claim.taskId, (this.#running.get(claim.taskId) ?? 1) - 1);
    }
    this.#startWaiting();
  }

  /** Why a run is still waiting; undefined for one that is not. */
  reasonOf(claim: C): WaitReason | undefined {
    if (!this.#waiting.includes(claim)) return undefined;
    return this.#why(claim, undefined) ?? { kind: "workers" };
  }

  #admit(claim: C): void {
    if (!claim.counted) {
      claim.counted = true;
      this.#running.set(claim.taskId, (this.#running.get(claim.taskId) ?? 0) + 1);
    }
    if (claim.needsSlot) this.#slots++;
    for (const lock of claim.locks) this.#locks.set(lock, claim);
    this.start(claim);
  }

  #startWaiting(): void {
    if (this.#waiting.length === 0) return;
    // Whoever waits for a lock keeps those behind from taking it first: nobody waits for ever.
    const promised = new Set<string>();
    for (const claim of [...this.#waiting]) {
      if (this.#slots >= this.limit && claim.needsSlot && claim.locks.length === 0) continue;
      if (this.#why(claim, promised) === undefined) {
        this.withdraw(claim);
        this.#admit(claim);
      } else {
        for (const lock of claim.locks) promised.add(lock);
      }
    }
  }

  #why(claim: C, promised: ReadonlySet<string> | undefined): WaitReason | undefined {
    if (!claim.counted && (this.#running.get(claim.taskId) ?? 0) >= claim.concurrency) {
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
