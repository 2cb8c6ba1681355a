/** A clock that a test moves: time passes when it says so, and only then. */
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

  now(): Temporal.Instant {
    return Temporal.Instant.fromEpochMilliseconds(this.#ms);
  }

  /** How many sleep at the moment. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  sleepUntil(t: Temporal.Instant, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const at = t.epochMilliseconds;
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

  #after(duration: Temporal.DurationLike): number {
    return this.now().toZonedDateTimeISO("UTC").add(duration).epochMilliseconds;
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
