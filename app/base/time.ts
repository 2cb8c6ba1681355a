/**
 * Moments inside the program: whole milliseconds since 1970-01-01T00:00Z. Where people or tasks see them they are
 * `Temporal` values; see docs/decisions/0004-moments-are-numbers-inside.md.
 */
export type EpochMs = number;

export function instantOf(ms: EpochMs): Temporal.Instant {
  return Temporal.Instant.fromEpochMilliseconds(ms);
}
