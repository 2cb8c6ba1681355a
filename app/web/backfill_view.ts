/** How far a backfill is, as pages show it. */
import { localDateTime } from "../base/time_zone.ts";
import type { BackfillProgress } from "../model/backfill.ts";
import type { RunStatus } from "../model/run.ts";
import type { Queries } from "../service/queries.ts";
import type { BackfillView } from "../../templates/pages/backfills.tsx";
import type { ViewerView } from "../../templates/views.ts";
import { instantText } from "./lane.ts";
import { path, withQuery } from "./paths.ts";

export function backfillView(
  queries: Queries,
  { plan, state, total, waiting, going, ended, failed }: BackfillProgress,
  { locale }: ViewerView,
): BackfillView {
  const zone = queries.tasks.zoneOf(plan.taskId);
  const counts = Object.entries(ended) as [RunStatus, number][];
  return {
    id: plan.id,
    state,
    taskId: plan.taskId,
    title: queries.tasks.titleOf(plan.taskId, locale),
    task: path.task(plan.taskId),
    address: path.backfill(plan.id),
    zone,
    range: `${localDateTime(plan.from, zone)} – ${localDateTime(plan.to - 1, zone)}`,
    askedAt: plan.askedAt,
    by: plan.by,
    total,
    waiting,
    going: going.map((id) => ({ id, address: path.run(id) })),
    done: counts.reduce((sum, [, n]) => sum + n, 0),
    ended: counts.map(([status, n]) => ({ status, n })),
    failed: failed.map(({ instant, run, status }) => ({
      status,
      address: path.run(run),
      at: localDateTime(instant, zone),
    })),
    runs: withQuery(path.runs, {
      task: plan.taskId,
      cause: "backfill",
      from: instantText(plan.askedAt),
    }),
  };
}
