/** The system's time. Nobody else asks for it; everything takes a {@link Clock}. */
import type { Clock } from "../contracts.ts";
import { eventLoopTurn } from "../base/event_loop_turn.ts";

/** Long sleeps are cut into pieces, so that a system clock that was set is noticed within seconds. */
const LONGEST_TIMER_MS = 5_000;
/** The system's time and the machine's own differ by more than this where it was set, in milliseconds. */
const STEP_MS = 1_000;

/**
 * Timers of the runtime overshoot by one to two milliseconds; so long before the moment they are left. The rest is
 * waited for in naps between turns of the event loop, in which others go on working.
 */
const EARLY_MS = 2;
const NAP_MS = 0.1;
const napping = new Int32Array(new SharedArrayBuffer(4));

/** `setTimeout` takes no more milliseconds than this (HTML standard: a signed 32-bit number). */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),

  async sleepUntil(t, signal) {
    const began = { wall: Date.now(), own: performance.now() };
    for (;;) {
      signal.throwIfAborted();
      const wall = Date.now();
      const left = t - wall;
      if (left <= 0) return;
      const stepped = Math.abs(wall - began.wall - (performance.now() - began.own)) > STEP_MS;
      if (stepped) return;
      if (left > EARLY_MS) {
        await timer(Math.min(left - EARLY_MS, LONGEST_TIMER_MS), signal);
      } else {
        await eventLoopTurn();
        Atomics.wait(napping, 0, 0, NAP_MS);
      }
    }
  },

  turn: eventLoopTurn,

  async sleep(ms, signal) {
    signal.throwIfAborted();
    for (let left = ms; left > 0; left -= LONGEST_TIMEOUT_MS) {
      await timer(Math.min(left, LONGEST_TIMEOUT_MS), signal);
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

/** Sleeps for a time on a clock; see {@link Clock.sleep}. */
export function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return clock.sleep(ms, signal);
}

/** Calls `then` after a time on a clock, unless the signal is aborted before. */
export async function after(clock: Clock, ms: number, signal: AbortSignal, then: () => void): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
  then();
}
