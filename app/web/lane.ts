/** Runs in a window as marks of a lane: few enough for one line, whatever the number of runs. */
import type { EpochMs } from "../base/time.ts";
import { clockTime, shortDuration } from "../locale/moments.ts";
import { text } from "../locale/locale.ts";
import type { RunOutcome } from "../model/history.ts";
import { isBad, type RunStatus } from "../model/run.ts";
import type { Window } from "../service/queries/today.ts";
import type { LaneBar, LaneMark, MarkKind } from "../../templates/components/lane.tsx";
import type { ViewerView } from "../../templates/views.ts";
import { path, withQuery } from "./paths.ts";

const MINUTE_MS = 60_000;
/** Parts of the window into which marks are gathered, in minutes, until they are few enough. */
const PARTS = [0, 5, 15, 30, 60, 120, 240] as const;

export function markKind(status: RunStatus): MarkKind {
  if (status === "succeeded") return "o";
  if (isBad(status)) return "f";
  if (status === "running" || status === "queued") return "b";
  return status === "missed" ? "m" : "k";
}

/** What the runs of a mark have in common, as the page of runs is asked for it. */
const OUTCOME = { o: "succeeded", f: "failed", b: "", m: "missed", k: "" } as const;

/** When a run began, or would have. */
export function beginOf({ startedAt, scheduledAt, queuedAt }: RunOutcome): EpochMs {
  return startedAt ?? scheduledAt ?? queuedAt;
}

/** When a run ended; one that goes on has lasted until now, one that never began has no length. */
export function endOf(run: RunOutcome, now: EpochMs): EpochMs {
  return run.finishedAt ?? (markKind(run.status) === "b" ? now : beginOf(run));
}

export interface LaneLimits {
  /** Marks of the lane, unless even the largest parts give more. */
  readonly max: number;
  /** One mark, and one link, for all that succeeded between two other marks. */
  readonly joinsGood?: boolean;
}

export function laneMarks(
  outcomes: readonly RunOutcome[],
  { from, to }: Window,
  viewer: ViewerView,
  { max, joinsGood = false }: LaneLimits,
): readonly LaneMark[] {
  const within = outcomes.filter((each) => beginOf(each) < to && endOf(each, viewer.now) >= from);
  let groups: (readonly RunOutcome[])[] = [];
  for (const minutes of PARTS) {
    groups = minutes === 0 ? within.map((each) => [each]) : gathered(within, minutes * MINUTE_MS);
    if (groups.length <= max) break;
  }
  const marks = joinsGood ? joined(groups) : groups.map((runs) => [runs]);
  return marks.flatMap((bars) => markOf(bars, { from, to }, viewer));
}

/** Groups of runs that succeeded, one after the other, as bars of one mark. */
function joined(groups: readonly (readonly RunOutcome[])[]): (readonly RunOutcome[])[][] {
  const marks: (readonly RunOutcome[])[][] = [];
  let good: (readonly RunOutcome[])[] | undefined;
  for (const runs of groups) {
    const isGood = runs[0] !== undefined && markKind(runs[0].status) === "o";
    if (isGood && good) {
      good.push(runs);
      continue;
    }
    const bars = [runs];
    good = isGood ? bars : undefined;
    marks.push(bars);
  }
  return marks;
}

/** Runs of one kind that begin in the same part. */
function gathered(runs: readonly RunOutcome[], size: number): (readonly RunOutcome[])[] {
  return [
    ...Map.groupBy(runs, (each) => `${Math.floor(beginOf(each) / size)} ${markKind(each.status)}`).values(),
  ];
}

function markOf(bars: readonly (readonly RunOutcome[])[], window: Window, viewer: ViewerView): LaneMark[] {
  const runs = bars.flat();
  const [first] = runs;
  const last = runs.at(-1);
  if (!first || !last) return [];
  const kind = markKind(first.status);
  const [bar, ...more] = bars.map((each) => barOf(each, window, viewer));
  if (!bar) return [];
  return [{ kind, ...bar, more, ...meaningOf(runs, first, last, viewer) }];
}

function barOf(runs: readonly RunOutcome[], { from, to }: Window, { now }: ViewerView): LaneBar {
  const [first] = runs;
  if (!first) return { x: 0, width: 0 };
  const place = (at: EpochMs) =>
    Math.round(((Math.min(Math.max(at, from), to) - from) / (to - from)) * 10_000) / 100;
  const x = place(beginOf(first));
  const end = runs.reduce((latest, each) => Math.max(latest, endOf(each, now)), 0);
  return { x, width: Math.round((place(end) - x) * 100) / 100 };
}

/** Where a mark leads, and what it says. */
function meaningOf(runs: readonly RunOutcome[], first: RunOutcome, last: RunOutcome, viewer: ViewerView) {
  const { locale, zone } = viewer;
  const begun = beginOf(first);
  const word = text(locale, `status.${first.status}`);
  if (runs.length === 1) {
    const { startedAt, finishedAt } = first;
    const took = startedAt === undefined || finishedAt === undefined
      ? ""
      : `, ${shortDuration(finishedAt - startedAt, locale)}`;
    return { address: path.run(first.id), title: `${clockTime(begun, zone)} ${word}${took}` };
  }
  const title = text(locale, "lane.several", {
    from: clockTime(begun, zone),
    to: clockTime(beginOf(last), zone),
    n: runs.length,
    status: word,
  });
  const window = { from: instantText(first.queuedAt), to: instantText(last.queuedAt + 1_000) };
  return {
    address: withQuery(path.runs, { task: first.taskId, status: OUTCOME[markKind(first.status)], ...window }),
    title,
  };
}

/** A moment as it stands in an address: `2026-03-10T10:00:00Z`. */
export function instantText(at: EpochMs): string {
  return `${new Date(at).toISOString().slice(0, -5)}Z`;
}
