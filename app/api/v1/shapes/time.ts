/** Moments as programs get them: ISO 8601 with milliseconds, in UTC. */
import { z } from "zod";
import type { EpochMs } from "../../../base/time.ts";

export const MOMENT = z.iso.datetime();

/** A page of runs has some hundreds of them: `Date` writes what `Temporal` writes, in a third of the time. */
export function momentText(at: EpochMs): string {
  return new Date(at).toISOString();
}

export function momentOrNull(at: EpochMs | null | undefined): string | null {
  return at === null || at === undefined ? null : momentText(at);
}
