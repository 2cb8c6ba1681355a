/** What the table shows of a task, put together from what is known of it. */
import { durationOf } from "../model/run.ts";
import type { EpochMs } from "../base/time.ts";
import { recordText } from "../locale/reason.ts";
import type { Run } from "../model/run.ts";
import type { Queries } from "../service/queries.ts";
import type { Window } from "../service/queries/today.ts";
import type { TaskRowView } from "../../templates/components/task_row.tsx";
import type { ViewerView } from "../../templates/views.ts";
import { beginOf, instantText, laneMarks } from "./lane.ts";
import { path, withQuery } from "./paths.ts";
import { taskView, waitText } from "./views.ts";

const HALF_HOUR_MS = 1_800_000;
const DAY_MS = 86_400_000;
/** Marks of a lane: more would weigh more than they tell. */
const MAX_MARKS = 24;
/** Characters of what a run said. */
const MAX_SAID = 160;

/** Lanes and days move on with it: all rows of one epoch show the same window. */
export function epochOf(now: EpochMs): number {
  return Math.floor(now / HALF_HOUR_MS);
}

/** The 24 hours that end with the epoch. */
export function laneWindow(epoch: number): Window {
  const to = (epoch + 1) * HALF_HOUR_MS;
  return { from: to - DAY_MS, to };
}

export function taskRowView(queries: Queries, id: string, epoch: number, viewer: ViewerView): TaskRowView {
  const { locale } = viewer;
  const facts = queries.tasks.get(id);
  const { outcome, notRun, active, usualMs, outcomes, failures } = queries.activity.of(id);
  const window = laneWindow(epoch);
  const going = active.map((run) => ({ ...run, finishedAt: undefined }));
  const zone = facts.timezone;
  const said = (run: Run) => (run.error?.message ?? recordText(run, locale, zone)).slice(0, MAX_SAID);
  const [oldest] = active;
  const inWindow = outcomes.filter(({ queuedAt }) => queuedAt >= window.from);
  return {
    ...taskView(queries, facts, viewer),
    outcome: outcome && {
      id: outcome.id,
      status: outcome.status,
      at: beginOf(outcome),
      tookMs: durationOf(outcome, viewer.now),
      said: said(outcome),
    },
    notRun: notRun && { id: notRun.id, status: notRun.status, said: said(notRun) },
    active: oldest && {
      id: oldest.id,
      status: oldest.status,
      since: oldest.startedAt ?? oldest.queuedAt,
      said: progressText(oldest) ??
        (oldest.status === "queued" ? waitText(queries, oldest, locale) : undefined) ?? "",
      runs: active.length,
    },
    usualMs,
    failed: failures.since(window.from),
    marks: laneMarks([...inWindow, ...going], window, viewer, { max: MAX_MARKS, joinsGood: true }),
    failedAddress: withQuery(path.runs, { task: id, status: "failed", from: instantText(window.from) }),
  };
}

/** `40 %, 12 of 30 files` */
export function progressText({ progress }: Run): string | undefined {
  const { fraction, note } = progress ?? {};
  const percent = fraction === undefined ? undefined : `${Math.round(fraction * 100)} %`;
  const parts = [percent, note].filter((each) => each !== undefined);
  return parts.length === 0 ? undefined : parts.join(", ");
}
