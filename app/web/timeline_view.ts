/** What the timeline shows: what each task did in a span, and what it will do. */
import { type EpochMs, instantOf } from "../base/time.ts";
import { text } from "../locale/locale.ts";
import { clockTime, longDay } from "../locale/moments.ts";
import type { RunOutcome } from "../model/history.ts";
import { isBad } from "../model/run.ts";
import type { Queries } from "../service/queries.ts";
import type { Window } from "../service/queries/today.ts";
import type { LaneGroupView, LaneView, TickView, TimelineProps } from "../../templates/pages/timeline.tsx";
import type { ViewerView } from "../../templates/views.ts";
import { hourLabels } from "./axis.ts";
import { beginOf, endOf, laneMarks } from "./lane.ts";
import { path, withQuery } from "./paths.ts";
import { RequestProblem } from "./request_problem.ts";
import { isKnownYear, windowQuery } from "./time_window.ts";
import { folderOf } from "./task_filter.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** The last hour of the longest day. */
const LAST_HOUR = 24;
/** Runs of one span that are looked at, the newest. */
const MAX_RUNS = 20_000;
/** Due instants of one task that are looked at; a task that has more is at it all the time. */
const MAX_TICKS = 1_500;
/** Ticks and marks of one lane. */
const MAX_SHOWN_TICKS = 96;
const MAX_MARKS = 96;
/** Lanes of one page. */
const MAX_LANES = 200;
/** Minutes that are named as crowded, and how many starts make one so. */
const CROWDED = 5;
const CROWD = 3;
const AXIS_LABELS = 14;

export const SPANS = ["day", "4h", "1h"] as const;
export type Span = (typeof SPANS)[number];

export interface TimelineRequest extends Window {
  readonly day: Temporal.PlainDate;
  readonly today: Temporal.PlainDate;
  readonly span: Span;
  /** What it is where the address does not say it. */
  readonly usual: Span;
  /** First hour of the span, counted from the begin of the day, where the address says it; else the span goes on with the time. */
  readonly hour?: number | undefined;
  readonly failed: boolean;
}

export function readTimeline(params: URLSearchParams, { now, zone, narrow }: ViewerView): TimelineRequest {
  const local = instantOf(now).toZonedDateTimeISO(zone);
  const today = local.toPlainDate();
  const day = plainDate(params.get("day")) ?? today;
  // On a phone a day's runs would stand on each other.
  const usual: Span = narrow ? "4h" : "day";
  const asked = params.get("span") ?? usual;
  const span = SPANS.find((each) => each === asked);
  if (!span) {
    throw new RequestProblem(400, "problem.request", {
      reason: `span: "${asked}" is not one of ${SPANS.join(", ")}`,
    });
  }
  const failed = params.get("failed") === "1";
  const { from: start, to: end } = boundsOf(day, zone);
  if (span === "day") return { day, today, span, usual, failed, from: start, to: end };
  const hours = span === "4h" ? 4 : 1;
  const hour = params.get("hour") === null ? undefined : Number(params.get("hour"));
  const given = hour ?? (day.equals(today) ? Math.max(0, hourOf(now, start) - hours + 1) : 0);
  if (!Number.isInteger(given) || given < 0 || given > LAST_HOUR) {
    throw new RequestProblem(400, "problem.request", {
      reason: `hour: "${params.get("hour")}" is not one of 0 to ${LAST_HOUR}`,
    });
  }
  const from = Math.min(start + given * HOUR_MS, end - hours * HOUR_MS);
  return { day, today, span, usual, hour, failed, from, to: from + hours * HOUR_MS };
}

/** A day on a wall clock, which has 23 or 25 hours where the clock is changed. */
function boundsOf(day: Temporal.PlainDate, zone: string): Window {
  const start = day.toZonedDateTime(zone);
  return { from: start.epochMilliseconds, to: day.add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds };
}

/** The hour of a day as an address has it: so many have passed since the day began, whatever its clock shows. */
export function hourOf(at: EpochMs, start: EpochMs): number {
  return Math.floor((at - start) / HOUR_MS);
}

function plainDate(given: string | null): Temporal.PlainDate | undefined {
  if (given === null) return undefined;
  try {
    const day = Temporal.PlainDate.from(given);
    if (isKnownYear(day.year)) return day;
  } catch {
    // Said below.
  }
  throw new RequestProblem(400, "problem.request", { reason: `day: "${given}" is not a date` });
}

export async function timelineView(
  queries: Queries,
  request: TimelineRequest,
  viewer: ViewerView,
): Promise<TimelineProps> {
  const { day, today, span, usual, hour, failed, from, to } = request;
  const { locale, zone, now } = viewer;
  const runs = await queries.activity.outcomes({ from, to, limit: MAX_RUNS, overhanging: true });
  const facts = lanesOf(queries, runs, request, viewer);
  const lanes = facts.filter(({ failures }) => !failed || failures > 0);
  const isToday = day.equals(today);
  const address = (change: Record<string, string>) =>
    withQuery("/timeline", {
      day: isToday ? "" : String(day),
      span: span === usual ? "" : span,
      hour: hour === undefined ? "" : String(hour),
      failed: failed ? "1" : "",
      ...change,
    });
  const bad = facts.reduce((sum, { failures }) => sum + failures, 0);
  return {
    viewer,
    address: address({}),
    title: longDay(day, today.year, locale),
    verdict: bad === 0 ? "" : text(locale, "timeline.failed", { n: bad }),
    isToday,
    previous: address({ day: String(day.subtract({ days: 1 })) }),
    next: address({ day: String(day.add({ days: 1 })) }),
    todayAddress: withQuery("/timeline", { span: span === usual ? "" : span, failed: failed ? "1" : "" }),
    spans: [
      ...SPANS.map((each) => ({
        label: text(locale, `timeline.span_${each}`),
        address: address({
          span: each === usual ? "" : each,
          hour: each === "day" || hour === undefined ? "" : String(hour),
        }),
        current: span === each,
      })),
      { label: text(locale, "timeline.week"), address: "/timeline?view=week", current: false },
    ],
    failedOnly: {
      label: text(locale, "timeline.failed_only"),
      address: address({ failed: failed ? "" : "1" }),
      current: failed,
    },
    earlier: span === "day" ? undefined : hourStep(request, -1, viewer, address),
    later: span === "day" ? undefined : hourStep(request, 1, viewer, address),
    groups: groupsOf(lanes.slice(0, MAX_LANES).map((each) => drawn(each, queries, request, viewer)), request),
    axis: hourLabels({ from, to }, zone, AXIS_LABELS),
    nowAt: now >= from && now < to ? placeOf(now, request) : undefined,
    nowLabel: clockTime(now, zone),
    tasks: lanes.length,
    cut: runs.length >= MAX_RUNS,
    hidden: Math.max(0, lanes.length - MAX_LANES),
    crowded: crowdedMinutes(facts).map(({ at, starts }) =>
      text(locale, "timeline.minute", { time: clockTime(at, zone), n: starts })
    ),
    hours: span === "day"
      ? Array.from({ length: Math.ceil((to - from) / HOUR_MS) }, (_, hour) => ({
        x: placeOf(from + hour * HOUR_MS, request),
        address: address({ span: "4h", hour: String(Math.max(0, hour - 1)) }),
        title: text(locale, "timeline.zoom", { time: clockTime(from + hour * HOUR_MS, zone) }),
      }))
      : [],
  };
}

function hourStep(
  { span, from, day }: TimelineRequest,
  direction: -1 | 1,
  { zone }: ViewerView,
  address: (change: Record<string, string>) => string,
): string {
  const moved = from + direction * (span === "4h" ? 4 : 1) * HOUR_MS;
  const date = instantOf(moved).toZonedDateTimeISO(zone).toPlainDate();
  const hour = hourOf(moved, boundsOf(date, zone).from);
  return address({ hour: String(hour), ...date.equals(day) ? {} : { day: String(date) } });
}

/** What a task has done and will do in the span; only those that are shown are drawn. */
interface LaneFacts {
  readonly id: string;
  readonly done: readonly RunOutcome[];
  readonly ticks: readonly EpochMs[];
  readonly failures: number;
  readonly starts: readonly EpochMs[];
}

interface DrawnLane {
  readonly lane: LaneView;
  readonly folder: string;
}

function placeOf(at: EpochMs, { from, to }: Window): number {
  return Math.round(((Math.min(Math.max(at, from), to) - from) / (to - from)) * 10_000) / 100;
}

/** What each task has done and will do in a span; tasks with neither have no lane. */
function lanesOf(
  queries: Queries,
  runs: readonly RunOutcome[],
  request: Window,
  viewer: ViewerView,
): LaneFacts[] {
  const { from, to } = request;
  const { now } = viewer;
  const byTask = Map.groupBy(runs.toReversed(), ({ taskId }) => taskId);
  const ids = new Set([...queries.tasks.ids(), ...byTask.keys()]);
  return [...ids].flatMap((id): LaneFacts[] => {
    const done = (byTask.get(id) ?? []).filter((run) => beginOf(run) < to && endOf(run, now) >= from);
    const ticks = now >= to ? [] : queries.tasks.upcoming(id, Math.max(now, from - 1), MAX_TICKS, to);
    if (done.length === 0 && ticks.length === 0) return [];
    const failures = done.filter(({ status }) => isBad(status)).length;
    return [{
      id,
      done,
      ticks,
      failures,
      starts: [...done.map(beginOf).filter((at) => at >= from), ...ticks],
    }];
  });
}

function drawn(
  { id, done, ticks, failures }: LaneFacts,
  queries: Queries,
  request: Window,
  viewer: ViewerView,
): DrawnLane {
  const { locale } = viewer;
  const task = queries.tasks.find(id)?.task;
  const lane: LaneView = {
    id,
    address: task ? path.task(id) : undefined,
    title: queries.tasks.titleOf(id, locale),
    label: text(locale, "timeline.lane", { runs: done.length, failures, next: ticks.length }),
    marks: laneMarks(done, request, viewer, { max: MAX_MARKS }),
    ticks: ticksOf(ticks, id, request, viewer),
    endlessFrom: ticks.length === MAX_TICKS ? placeOf(ticks.at(-1) ?? request.from, request) : undefined,
    runs: done.length,
    failures,
  };
  return { lane, folder: task ? folderOf(task) : "" };
}

/** Instants to come; many are a band. */
function ticksOf(
  ticks: readonly EpochMs[],
  id: string,
  window: Window,
  { zone }: ViewerView,
): readonly TickView[] {
  if (ticks.length > MAX_SHOWN_TICKS) {
    const [first = window.from, last = window.to] = [ticks[0], ticks.at(-1)];
    const x = placeOf(first, window);
    return [{
      x,
      width: placeOf(last, window) - x,
      title: `${clockTime(first, zone)}–${clockTime(last, zone)}: ${ticks.length}`,
      address: path.task(id),
    }];
  }
  return ticks.map((at) => ({ x: placeOf(at, window), title: clockTime(at, zone), address: path.task(id) }));
}

function groupsOf(lanes: readonly DrawnLane[], window: Window): LaneGroupView[] {
  const byFolder = Map.groupBy(lanes, ({ folder }) => folder);
  return [...byFolder].toSorted(([a], [b]) => a < b ? -1 : a > b ? 1 : 0).map(([name, members]) => ({
    name,
    lanes: members.map(({ lane }) => lane).toSorted((a, b) => a.title < b.title ? -1 : 1),
    failures: members.reduce((sum, { lane }) => sum + lane.failures, 0),
    runs: members.reduce((sum, { lane }) => sum + lane.runs, 0),
    address: withQuery(path.runs, windowQuery(window)),
  }));
}

/** The minutes in which most runs begin. */
function crowdedMinutes(lanes: readonly LaneFacts[]): { readonly at: EpochMs; readonly starts: number }[] {
  const starts = new Map<number, number>();
  // Each task once a minute: one that runs every second is not what makes a minute crowded.
  for (const lane of lanes) {
    for (const minute of new Set(lane.starts.map((at) => Math.floor(at / MINUTE_MS)))) {
      starts.set(minute, (starts.get(minute) ?? 0) + 1);
    }
  }
  return [...starts].filter(([, n]) => n >= CROWD).sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(
    0,
    CROWDED,
  )
    .map(([minute, n]) => ({ at: minute * MINUTE_MS, starts: n }));
}
