/** Time, as the one thing that may be asked for it. Everything else takes a {@link Clock}. */

export interface Clock {
  now(): Temporal.Instant;
  /** Resolves when `t` is reached; rejects with the signal's reason when it is aborted first. */
  sleepUntil(t: Temporal.Instant, signal: AbortSignal): Promise<void>;
}

/** Long sleeps are cut into pieces, so that a system clock that was set anew is noticed within half a minute. */
const LONGEST_TIMER_MS = 30_000;

export const systemClock: Clock = {
  now: () => Temporal.Now.instant(),

  async sleepUntil(t, signal) {
    for (;;) {
      signal.throwIfAborted();
      const left = t.epochMilliseconds - Temporal.Now.instant().epochMilliseconds;
      if (left <= 0) return;
      await timer(Math.min(left, LONGEST_TIMER_MS), signal);
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
  return clock.sleepUntil(clock.now().add({ milliseconds: ms }), signal);
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
