/** A clock that a test moves: time passes when it says so, and only then. */
import { type EpochMs, instantOf } from "../../app/time.ts";
import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../app/scheduler/clock.ts";

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export class VirtualClock implements Clock {
  #ms: number;
  readonly #sleepers = new Set<Sleeper>();

  constructor(start: string) {
    this.#ms = Temporal.Instant.from(start).epochMilliseconds;
  }

  now(): EpochMs {
    return this.#ms;
  }

  /** How many sleep at the moment. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  sleepUntil(at: EpochMs, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      if (at <= this.#ms) return resolve();
      const stop = () => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason);
      };
      const sleeper: Sleeper = {
        at,
        wake: () => {
          signal.removeEventListener("abort", stop);
          this.#sleepers.delete(sleeper);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal.addEventListener("abort", stop, { once: true });
    });
  }

  /** Lets time pass; whoever sleeps until a moment on the way wakes at that moment. */
  async advance(duration: Temporal.DurationLike): Promise<void> {
    const end = this.#after(duration);
    await settled();
    for (;;) {
      const next = Math.min(...[...this.#sleepers].map(({ at }) => at));
      if (next > end) break;
      this.#ms = Math.max(this.#ms, next);
      await this.#wakeDue();
    }
    this.#ms = end;
    await settled();
  }

  /** Time jumps, as after a stall or when the system clock is set: sleepers wake late, all at once. */
  async jump(duration: Temporal.DurationLike): Promise<void> {
    await settled();
    this.#ms = this.#after(duration);
    await this.#wakeDue();
  }

  /** The system clock is set, forward or back; nobody who sleeps is told. */
  set(time: string): void {
    this.#ms = Temporal.Instant.from(time).epochMilliseconds;
  }

  #after(duration: Temporal.DurationLike): number {
    return instantOf(this.#ms).toZonedDateTimeISO("UTC").add(duration).epochMilliseconds;
  }

  async #wakeDue(): Promise<void> {
    for (const sleeper of [...this.#sleepers]) {
      if (sleeper.at <= this.#ms) sleeper.wake();
    }
    await settled();
  }
}

/** Resolves when everything that was ready to go on has done so. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await setImmediate();
}
