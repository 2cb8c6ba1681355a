/** A clock that a test moves: time passes when it says so, and only then. */
import { setImmediate } from "node:timers/promises";
import { type EpochMs, instantOf } from "../../app/base/time.ts";
import type { Clock } from "../../app/contracts.ts";

interface Sleeper {
  /** On the wall, or on the machine's own clock, which nobody sets. */
  readonly kind: "wall" | "own";
  readonly at: number;
  readonly wake: () => void;
}

export class VirtualClock implements Clock {
  #wall: number;
  #own = 0;
  readonly #sleepers = new Set<Sleeper>();

  constructor(start: string) {
    this.#wall = Temporal.Instant.from(start).epochMilliseconds;
  }

  now(): EpochMs {
    return this.#wall;
  }

  /** How many sleep at the moment. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  sleepUntil(at: EpochMs, signal: AbortSignal): Promise<void> {
    return this.#sleep("wall", at, signal);
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return this.#sleep("own", this.#own + ms, signal);
  }

  turn(): Promise<void> {
    return setImmediate();
  }

  /** Lets time pass; whoever sleeps until a moment on the way wakes at that moment. */
  async advance(duration: Temporal.DurationLike): Promise<void> {
    let left = this.#length(duration);
    await settled();
    for (;;) {
      const next = Math.max(0, Math.min(...[...this.#sleepers].map((each) => this.#leftFor(each))));
      if (next > left) break;
      this.#pass(next);
      left -= next;
      await this.#wakeDue();
    }
    this.#pass(left);
    await settled();
  }

  /** Time jumps, as after a stall: sleepers wake late, all at once. */
  async jump(duration: Temporal.DurationLike): Promise<void> {
    await settled();
    this.#pass(this.#length(duration));
    await this.#wakeDue();
  }

  /** The system's time is set, forward or back. Whoever sleeps until a moment of it looks again. */
  async set(time: string): Promise<void> {
    await settled();
    this.#wall = Temporal.Instant.from(time).epochMilliseconds;
    for (const sleeper of [...this.#sleepers]) if (sleeper.kind === "wall") sleeper.wake();
    await settled();
  }

  #sleep(kind: Sleeper["kind"], at: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const stop = () => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason);
      };
      const sleeper: Sleeper = {
        kind,
        at,
        wake: () => {
          signal.removeEventListener("abort", stop);
          this.#sleepers.delete(sleeper);
          resolve();
        },
      };
      if (this.#leftFor(sleeper) <= 0) return resolve();
      this.#sleepers.add(sleeper);
      signal.addEventListener("abort", stop, { once: true });
    });
  }

  #leftFor({ kind, at }: Sleeper): number {
    return at - (kind === "wall" ? this.#wall : this.#own);
  }

  #pass(ms: number): void {
    this.#wall += ms;
    this.#own += ms;
  }

  #length(duration: Temporal.DurationLike): number {
    const end = instantOf(this.#wall).toZonedDateTimeISO("UTC").add(duration).epochMilliseconds;
    return end - this.#wall;
  }

  async #wakeDue(): Promise<void> {
    for (const sleeper of [...this.#sleepers]) {
      if (this.#leftFor(sleeper) <= 0) sleeper.wake();
    }
    await settled();
  }
}

/** Resolves when everything that was ready to go on has done so. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await setImmediate();
}
