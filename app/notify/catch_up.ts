/** What ended while nobody listened: a kill between a run's record and its notice, or while Carillon was starting. */
import type { EpochMs } from "../base/time.ts";
import type { RunReader } from "../contracts.ts";
import type { Run } from "../model/run.ts";
import type { Notice } from "./notice.ts";
import { missedNotice } from "./notices.ts";
import type { NotifyStore } from "./store.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Runs that took longer than this when Carillon was killed are not looked for. */
const LONGEST_RUN_MS = 7 * DAY_MS;
/** Before this much time, what happened is history and no news. */
const OLDEST_NEWS_MS = DAY_MS;
const PAGE = 500;
const MAX_PAGES = 40;

/**
 * Notices of runs that ended since everything was heard last, the oldest first; each is heard once, however often it is
 * found.
 *
 * @param endedNotice what a run's end is worth
 */
export async function unheard(
  reader: RunReader,
  store: NotifyStore,
  now: EpochMs,
  endedNotice: (run: Run) => Notice | undefined,
): Promise<readonly Notice[]> {
  const heardTo = store.fact("heardTo");
  if (heardTo === undefined) return [];
  // A minute of overlap: the mark is written now and then, not with every event.
  const since = Math.max(Number(heardTo) - MINUTE_MS, now - OLDEST_NEWS_MS);
  const found: Run[] = [];
  let before: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const runs = await reader.find({
      statuses: ["failed", "timed_out", "interrupted", "missed", "succeeded"],
      from: since - LONGEST_RUN_MS,
      before,
      limit: PAGE,
    });
    found.push(...runs.filter(({ finishedAt, queuedAt }) => (finishedAt ?? queuedAt) >= since));
    before = runs.at(-1)?.id;
    // Runs come by the time they were queued: a whole page that was over before needs no next one, but for long runs.
    if (runs.length < PAGE || (runs.at(-1)?.queuedAt ?? 0) < since - DAY_MS) break;
  }
  return found
    .toSorted((a, b) => (a.finishedAt ?? a.queuedAt) - (b.finishedAt ?? b.queuedAt))
    .flatMap((run) => (run.status === "missed" ? missedNotice(run) : endedNotice(run)) ?? []);
}
