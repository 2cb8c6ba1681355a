/** Looking back along a trigger, which itself only looks forward. */
import type { EpochMs } from "../base/time.ts";
import type { Trigger } from "../contracts.ts";

/** The first stretch that is looked at, in milliseconds; each further one is this many times longer. */
const FIRST_STRETCH_MS = 1_000;
const GROWTH = 4;
/** A trigger that has not fired for so long before an instant had never fired: 29 February comes within eight years. */
const LONGEST_LOOK_MS = 100 * 366 * 86_400_000;

/** The last `wanted` instants from `first` up to `bound`, in their order; looks at ever longer stretches before `bound`. */
export function lastInstants(
  trigger: Pick<Trigger, "nextMs">,
  first: EpochMs,
  bound: EpochMs,
  wanted: number,
): EpochMs[] {
  for (let stretch = FIRST_STRETCH_MS;; stretch *= GROWTH) {
    const from = Math.max(first, bound - stretch);
    const found: EpochMs[] = [];
    for (let at = trigger.nextMs(from - 1); at !== null && at <= bound; at = trigger.nextMs(at)) {
      found.push(at);
    }
    if (found.length >= wanted || from === first) return found.slice(-wanted);
  }
}

/** The last instant before a moment; undefined where there is none. */
export function instantBefore(trigger: Pick<Trigger, "nextMs">, at: EpochMs): EpochMs | undefined {
  return lastInstants(trigger, at - LONGEST_LOOK_MS, at - 1, 1)[0];
}
