/** How many due instants records stand for that are no runs: one may stand for a whole stretch. */
import type { RunQuery } from "../model/history.ts";
import type { Queries } from "../service/queries.ts";

/** Records that are looked at, the newest. */
const MAX_RECORDS = 2_000;

export interface RecordedInstants {
  readonly records: number;
  readonly instants: number;
  /** What stands behind both numbers: `+` where there are more. */
  readonly more: "" | "+";
}

/** @param query which of them are wanted */
export async function recordedInstants(
  { runs }: Queries,
  query: Omit<RunQuery, "limit">,
): Promise<RecordedInstants> {
  const found = await runs.search({ ...query, limit: MAX_RECORDS });
  return {
    records: found.length,
    instants: found.reduce((sum, { instants }) => sum + instants, 0),
    more: found.length === MAX_RECORDS ? "+" : "",
  };
}
