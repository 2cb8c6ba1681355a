/** How many runs of a task have not gone well lately, however many there are. */
import type { EpochMs } from "../../base/time.ts";

/** Those that are counted, the newest. */
const MAX_COUNTED = 50_000;
const LEAST_ROOM = 64;

/** What a task's activity tells of it. */
export type FailureCount = Pick<Failures, "since">;

export class Failures {
  #at: EpochMs[] = [];
  /** Old ones go once so many are kept, which is each time they have doubled: no run that ends looks through all. */
  #room = LEAST_ROOM;

  /** @param at when the run was queued @param oldest nobody asks for what was before */
  add(at: EpochMs, oldest: EpochMs): void {
    this.#at.push(at);
    if (this.#at.length <= this.#room) return;
    this.#at = this.#at.filter((each) => each >= oldest).slice(-MAX_COUNTED);
    this.#room = Math.max(LEAST_ROOM, 2 * this.#at.length);
  }

  /** How many were queued from a moment on. */
  since(from: EpochMs): number {
    return this.#at.reduce((n, at) => at >= from ? n + 1 : n, 0);
  }
}

/** Of a task that has not run. */
export const NO_FAILURES: FailureCount = new Failures();
