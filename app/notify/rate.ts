/** When a target may be sent something: none of its channel's rates is ever passed. */
import type { EpochMs } from "../base/time.ts";
import type { Rate } from "./channel.ts";

/**
 * The first moment, at or after `now`, at which one more message passes no rate.
 *
 * @param sent when earlier ones were sent, the newest first; moments after `now` (a clock that was set back) count as now
 */
export function mayBeSentAt(rates: readonly Rate[], sent: readonly EpochMs[], now: EpochMs): EpochMs {
  return Math.max(
    now,
    ...rates.map(({ count, ms }) => {
      const oldest = sent[count - 1];
      return oldest === undefined ? now : Math.min(oldest, now) + ms;
    }),
  );
}

/** How many messages may be sent at once at this moment. */
export function roomNow(rates: readonly Rate[], sent: readonly EpochMs[], now: EpochMs): number {
  return Math.max(
    0,
    Math.min(
      ...rates.map(({ count, ms }) => count - sent.filter((at) => Math.min(at, now) > now - ms).length),
    ),
  );
}

/** The longest stretch that a channel's rates speak of. */
export function longestOf(rates: readonly Rate[]): number {
  return Math.max(0, ...rates.map(({ ms }) => ms));
}

const SPREAD_FROM_MS = 5_000;
export const LONGEST_SPREAD_MS = 50_000;
const HALF_HOUR_MS = 1_800_000;
const FULL_MINUTE_MS = 60_000;

/**
 * How long a message waits on the full and the half hour, when a service is busiest: 5 to 50 seconds in its first minute,
 * nothing at other times. The same for the same message.
 */
export function spreadMs(id: string, now: EpochMs): number {
  if (now % HALF_HOUR_MS >= FULL_MINUTE_MS) return 0;
  let hash = 2_166_136_261;
  for (const each of id) hash = Math.imul(hash ^ (each.codePointAt(0) ?? 0), 16_777_619);
  return SPREAD_FROM_MS + (hash >>> 0) % (LONGEST_SPREAD_MS - SPREAD_FROM_MS);
}
