/** Names of time zones, and moments on their wall clocks. */
import { Stretches } from "./stretches.ts";
import type { EpochMs } from "./time.ts";

/** True for an IANA name that the runtime knows, such as `Europe/Stockholm`, or an offset such as `+01:00`. */
export function isTimeZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/** `2026-01-31 08:00:00`, the wall clock of a zone. */
export function localDateTime(at: EpochMs, timezone: string): string {
  // `2026-01-31T08:00:00.000Z`, without its end.
  return new Date(wallMs(at, timezone)).toISOString().slice(0, -5).replace("T", " ");
}

/**
 * What the wall clock of a zone shows, in milliseconds as if it were UTC. Pages ask it thousands of times: it is a sum, where
 * `Temporal` makes three objects.
 */
export function wallMs(at: EpochMs, timezone: string): number {
  return at + Stretches.of(timezone).at(at).offset;
}
