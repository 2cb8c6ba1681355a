/** The promise report as the digests of notifications count it. */
import { type EpochMs, instantOf } from "../base/time.ts";
import { BAD_STATUSES } from "../model/run.ts";
import type { Counts } from "../notify/watches/digests.ts";
import type { PromiseReport } from "./queries/report.ts";
import type { RangeText } from "./range.ts";

export function countsOf({ tasks }: PromiseReport): readonly Counts[] {
  return tasks.map(({ taskId, due, runs, late, skipped, missed }) => ({
    taskId,
    due,
    succeeded: runs.succeeded ?? 0,
    failed: BAD_STATUSES.reduce((sum, status) => sum + (runs[status] ?? 0), 0),
    late,
    skipped,
    missed,
  }));
}

/** From a moment to the last before another, as a span that somebody could have typed. */
export function rangeText(from: EpochMs, to: EpochMs): RangeText {
  return { from: instantOf(from).toString(), to: instantOf(to - 1).toString() };
}
