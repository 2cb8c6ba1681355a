/** Time, as the one thing that may be asked for it. Everything else takes a {@link Clock}. */
import type { EpochMs } from "../time.ts";
import { setImmediate } from "node:timers/promises";

export interface Clock {
  now(): EpochMs;
  /** Resolves when `t` is reached; rejects with the signal's reason when it is aborted first. */
  sleepUntil(t: EpochMs, signal: AbortSignal): Promise<void>;
}

/** Long sleeps are cut into pieces, so that a system clock that was set anew is noticed within seconds. */
const LONGEST_TIMER_MS = 5_000;

/**
 * Timers of the runtime overshoot by about a millisecond; so long before the moment they are left. The rest is waited
 * for in naps between the turns of the event loop, in which others go on working.
 */
const EARLY_MS = 2;
const NAP_MS = 0.1;
const napping = new Int32Array(new SharedArrayBuffer(4));

export const systemClock: Clock = {
  now: () => Date.now(),

  async sleepUntil(t, signal) {
    for (;;) {
      signal.throwIfAborted();
      const left = t - Date.now();
      if (left <= 0) return;
      if (left > EARLY_MS) {
        await timer(Math.min(left - EARLY_MS, LONGEST_TIMER_MS), signal);
      } else {
        await setImmediate();
        Atomics.wait(napping, 0, 0, NAP_MS);
      }
    }
  },
};

function timer(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(id);
      reject(signal.reason);
    };
    const id = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}

/** Sleeps for a time on a clock; see {@link Clock.sleepUntil}. */
export function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return clock.sleepUntil(clock.now() + ms, signal);
}

/** Calls `then` after a time on a clock, unless the signal is aborted before. */
export async function after(clock: Clock, ms: number, signal: AbortSignal, then: () => void): Promise<void> {
  try {
    await sleep(clock, ms, signal);
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
  then();
}
