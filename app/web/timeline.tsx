/** `GET /timeline`: one day, past and to come, a lane for each task. */
import type { Context, Hono } from "hono";
import { type Lane, Timeline, type TimelineDay } from "../../templates/timeline.tsx";
import type { Carillon } from "../carillon.ts";
import { isBad, isTerminal } from "../history/run.ts";
import type { RunOutcome } from "../history/store.ts";
import { LANGUAGE_TAG, type Locale, text } from "../locale/locale.ts";
import { type EpochMs, instantOf } from "../time.ts";
import type { WebParts } from "./app.ts";
import { answerPage, answerUnchanged, frameOf } from "./document.tsx";
import { RequestProblem } from "./problem.ts";
import { titleOf } from "./views.ts";

const MINUTE_MS = 60_000;
/** Runs of one day that are looked at, the newest. */
const MAX_RUNS = 5_000;
/** Due instants of one task that are looked at; a task that has more is at it all the time. */
const MAX_TICKS = 1_500;
/** Lanes of one page. */
const MAX_LANES = 200;
/** Minutes that are named as crowded, and how many starts make one so. */
const CROWDED = 5;
const CROWD = 3;

export function serveTimeline(app: Hono, parts: WebParts): void {
  const { carillon } = parts;

  app.get("/timeline", async (context) => {
    const frame = frameOf(context, parts);
    const { locale, timezone = carillon.config.scheduler.timezone } = frame.viewer;
    const now = carillon.clock.now();
    const minute = Math.floor(now / MINUTE_MS);
    const unchanged = answerUnchanged(context, frame, `${carillon.revision} ${minute}`);
    if (unchanged) return unchanged;
    const today = instantOf(now).toZonedDateTimeISO(timezone).toPlainDate();
    const day = plainDate(context, "day") ?? today;
    const start = day.toZonedDateTime(timezone);
    const span = { from: start.epochMilliseconds, to: start.add({ days: 1 }).epochMilliseconds };
    const runs = carillon.history.outcomes({ ...span, limit: MAX_RUNS });
    const lanes = lanesOf(carillon, runs, span, now, locale);
    const view: TimelineDay = {
      ...span,
      now,
      date: String(day),
      title: longDate(day, locale),
      timezone,
      isToday: day.equals(today),
      previous: String(day.subtract({ days: 1 })),
      next: String(day.add({ days: 1 })),
      cut: runs.length === MAX_RUNS,
      hidden: Math.max(0, lanes.length - MAX_LANES),
      crowded: crowdedMinutes(lanes),
    };
    const content = <Timeline locale={locale} day={view} lanes={lanes.slice(0, MAX_LANES)} />;
    return await answerPage(context, frame, { title: text(locale, "page.timeline"), content });
  });
}

function plainDate(context: Context, name: string): Temporal.PlainDate | undefined {
  const given = context.req.query(name);
  if (given === undefined) return undefined;
  try {
    return Temporal.PlainDate.from(given);
  } catch {
    throw new RequestProblem(400, "problem.request", { reason: `${name}: "${given}" is not a date` });
  }
}

function longDate(day: Temporal.PlainDate, locale: Locale): string {
  return new Intl.DateTimeFormat(LANGUAGE_TAG[locale] === "en" ? "en-GB" : LANGUAGE_TAG[locale], {
    dateStyle: "full",
    timeZone: "UTC",
  }).format(day.toZonedDateTime("UTC").epochMilliseconds);
}

/** What each task has done and will do in a span; tasks with neither have no lane. */
function lanesOf(
  carillon: Carillon,
  runs: readonly RunOutcome[],
  { from, to }: { readonly from: EpochMs; readonly to: EpochMs },
  now: EpochMs,
  locale: Locale,
): Lane[] {
  const byTask = Map.groupBy(runs, ({ taskId }) => taskId);
  const ids = new Set([...carillon.registry.tasks.keys(), ...byTask.keys()]);
  return [...ids].flatMap((id) => {
    const task = carillon.registry.tasks.get(id);
    const done = byTask.get(id) ?? [];
    const ticks = now >= to ? [] : carillon.upcoming(id, Math.max(now, from - 1), MAX_TICKS, to);
    if (done.length === 0 && ticks.length === 0) return [];
    return [{
      id,
      exists: task !== undefined,
      title: task ? titleOf(task, locale) : id,
      bars: done.map((run) => {
        const begun = run.startedAt ?? run.scheduledAt ?? run.queuedAt;
        return {
          id: run.id,
          status: run.status,
          from: begun,
          to: run.finishedAt ?? (isTerminal(run.status) ? begun : now),
        };
      }),
      ticks,
      failures: done.filter(({ status }) => isBad(status)).length,
      endless: ticks.length === MAX_TICKS,
    }];
  });
}

/** The minutes in which most runs begin. */
function crowdedMinutes(lanes: readonly Lane[]): { readonly at: EpochMs; readonly starts: number }[] {
  const starts = new Map<number, number>();
  const count = (at: EpochMs) => {
    const minute = Math.floor(at / MINUTE_MS);
    starts.set(minute, (starts.get(minute) ?? 0) + 1);
  };
  for (const { bars, ticks } of lanes) {
    // Each task once a minute: one that runs every second is not what makes a minute crowded.
    for (const minute of new Set(bars.map(({ from }) => Math.floor(from / MINUTE_MS)))) {
      count(minute * MINUTE_MS);
    }
    for (const minute of new Set(ticks.map((at) => Math.floor(at / MINUTE_MS)))) count(minute * MINUTE_MS);
  }
  return [...starts].filter(([, n]) => n >= CROWD).sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(
    0,
    CROWDED,
  )
    .map(([minute, n]) => ({ at: minute * MINUTE_MS, starts: n }));
}
