/** In the clock: what hosts say takes so much time of each turn of the event loop and so many bytes a second, and no more. */
import { setImmediate } from "node:timers";
import { eventLoopTurn } from "../base/event_loop_turn.ts";

/** Milliseconds of one turn of the event loop that handling messages may take, of all hosts together. */
const TURN_MS = 3;
/** What one host may say for long, in bytes a second, and at once. */
const BYTES_A_SECOND = 8_000_000;
const BURST_BYTES = 4_000_000;
/** A line costs this much beside its text: it is kept, masked, written and shown. */
const LINE_BYTES = 800;

/** The share of a turn that is left for hosts. Others go on before a new turn begins. */
export class TurnBudget {
  #spent = 0;
  #ending = false;
  #next: Promise<void> | undefined;

  /** True where the rest of this turn is others'. */
  get isSpent(): boolean {
    return this.#spent >= TURN_MS;
  }

  /** Does a piece of work, and counts it. */
  spend(work: () => void): void {
    const begun = performance.now();
    try {
      work();
    } finally {
      this.#spent += performance.now() - begun;
      if (!this.#ending) {
        this.#ending = true;
        setImmediate(() => this.#endTurn());
      }
    }
  }

  /** Resolves when there is time for another piece of work: others have gone on, also those that are spoken to from outside. */
  async available(): Promise<void> {
    while (this.isSpent) await (this.#next ??= this.#nextTurn());
  }

  #endTurn(): void {
    this.#ending = false;
    if (!this.isSpent) this.#spent = 0;
  }

  async #nextTurn(): Promise<void> {
    await eventLoopTurn();
    this.#spent = 0;
    this.#next = undefined;
  }
}

/** Bytes that one host may say: it fills up with time. */
export class Allowance {
  #left = BURST_BYTES;
  #at = performance.now();

  /** Counts lines and bytes, and answers how many milliseconds to wait before more is read. */
  take(bytes: number, lines: number): number {
    const now = performance.now();
    this.#left = Math.min(BURST_BYTES, this.#left + (now - this.#at) / 1_000 * BYTES_A_SECOND);
    this.#at = now;
    this.#left -= bytes + lines * LINE_BYTES;
    return this.#left >= 0 ? 0 : -this.#left / BYTES_A_SECOND * 1_000;
  }

  /** So many bytes more. */
  grant(bytes: number): void {
    this.#left = Math.min(BURST_BYTES, this.#left + bytes);
  }
}

/** Waits in real time: it is real processes that are waited for. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
