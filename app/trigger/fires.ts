/** Instants at which something fires, and how many of them there are. */
import type { EpochMs } from "../base/time.ts";
import type { Lattice } from "./lattice.ts";

/** Up to (not including) a moment all fires are on a lattice, which may hold more than them. */
export interface Grid {
  readonly lattice: Lattice;
  readonly until: EpochMs;
}

/** Instants in milliseconds since 1970-01-01T00:00Z. */
export interface Fires {
  /** First fire strictly after `after`, or null. */
  nextMs(after: EpochMs): EpochMs | null;
  /** Where the fires from a moment on are; left out where nothing is known. It lets `allOf` solve instead of search. */
  gridAt?(from: EpochMs): Grid | undefined;
  /** How many fires there are from one moment to another, both included; left out where they have to be walked. */
  count?(from: EpochMs, to: EpochMs): number;
}

export const NO_FIRES: Fires = { nextMs: () => null };

/** How many fires there are from one moment to another, both included. */
export function countFires(fires: Fires, from: EpochMs, to: EpochMs): number {
  if (fires.count) return fires.count(from, to);
  let count = 0;
  for (let at = fires.nextMs(from - 1); at !== null && at <= to; at = fires.nextMs(at)) count++;
  return count;
}
