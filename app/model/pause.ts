/** A pause of a task's trigger: until when, why and by whom, as far as somebody said so. */
import type { EpochMs } from "../base/time.ts";

export interface PauseTerms {
  /** The first moment that the trigger is not paused any more; where undefined, until somebody resumes it. */
  readonly until?: EpochMs | undefined;
  readonly note?: string | undefined;
  readonly by?: string | undefined;
}

/** Characters of a note. */
export const MAX_PAUSE_NOTE = 200;

/** True for a pause that is over at a moment. */
export function isPauseOver({ until }: PauseTerms, now: EpochMs): boolean {
  return until !== undefined && until <= now;
}

/** True for two that say the same; who says it does not count. */
export function isSamePause(a: PauseTerms, b: PauseTerms): boolean {
  return a.until === b.until && (a.note ?? "") === (b.note ?? "");
}

/** No pause and no silence lasts as long as this: pages show four figures of a year. */
export const LATEST_PAUSE = Date.UTC(9_999, 0);
