/** Ids of runs are UUIDv7 (RFC 9562), 48 bits of milliseconds first: they sort by the time of queueing. */
import type { EpochMs } from "../base/time.ts";

/** No id of a run that was queued at or after this moment is smaller. */
export function idFloor(ms: EpochMs): string {
  const hex = Math.max(0, Math.floor(ms)).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}`;
}

const RUN_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** True for a text that is the id of a run: others may be no part of a path. */
export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}
