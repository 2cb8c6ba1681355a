/**
 * The tick of the event loop that the clock works in, and whether what is due is taken. It is measured in the machine's own
 * time, which nobody sets: it speaks of this process and not of any due instant.
 */
import type { EpochMs } from "../base/time.ts";
import type { Clock, Service } from "../contracts.ts";

const TICK_MS = 500;
/** A tick that is so much too late is a stall: something kept the clock from its work. */
const STALL_MS = 1_000;
/** What is due is taken within milliseconds; after so long the scheduler does not work. */
const STUCK_MS = 30_000;

export interface PulseParts {
  readonly clock: Clock;
  /** When the next instant is to be taken; in the past where it is overdue. */
  readonly earliest: () => EpochMs | undefined;
  /** The clock stood still for so many milliseconds. */
  readonly onStall: (ms: number) => void;
}

export class Pulse implements Service {
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #tickedAt: number | undefined;

  constructor(readonly parts: PulseParts) {}

  start(): void {
    this.#tick();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#tickedAt = undefined;
    return Promise.resolve();
  }

  /** Calls on each tick while the scheduler takes what is due. */
  onTick(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Milliseconds since the last tick; Infinity where the clock does not run. */
  get ageMs(): number {
    return this.#tickedAt === undefined ? Infinity : Math.max(0, performance.now() - this.#tickedAt);
  }

  /** How many milliseconds the oldest due instant is overdue; 0 where none is. */
  get overdueMs(): number {
    const now = this.parts.clock.now();
    return Math.max(0, now - (this.parts.earliest() ?? now));
  }

  #tick(): void {
    const now = performance.now();
    const lateMs = now - (this.#tickedAt ?? now) - TICK_MS;
    this.#tickedAt = now;
    if (lateMs > STALL_MS) this.parts.onStall(Math.round(lateMs));
    // A scheduler that does not take what is due is as bad as a clock that stands still.
    if (this.overdueMs < STUCK_MS) { for (const each of this.#listeners) each(); }
  }
}
