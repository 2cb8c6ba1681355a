/** What Today shows, put together from the report of a window and from what goes on. */
import { createHash } from "node:crypto";
import { instantOf } from "../base/time.ts";
import type { Actor } from "../model/actor.ts";
import { durationOf, type Run } from "../model/run.ts";
import { reasonText, recordText } from "../locale/reason.ts";
import { text } from "../locale/locale.ts";
import { clockTime, shortDuration } from "../locale/moments.ts";
import type { Queries } from "../service/queries.ts";
import type { BrokenFile } from "../task/registry.ts";
import type { Cause, DueMinute, WindowReport } from "../service/queries/today.ts";
import type { CauseView, NamedLink } from "../../templates/components/causes.tsx";
import type { RunningView } from "../../templates/components/today_rail.tsx";
import type { TodayProps } from "../../templates/pages/today.tsx";
import type { ViewerView } from "../../templates/views.ts";
import { pauseNote, pauseWords } from "../../templates/components/pause.tsx";
import { awaitingView } from "./awaiting_view.ts";
import { hourLabels } from "./axis.ts";
import { path, sourceLine, withQuery } from "./paths.ts";
import { progressText } from "./task_rows.ts";
import { type AskedWindow, windowQuery } from "./time_window.ts";
import { recordedInstants } from "./recorded_instants.ts";
import { stripBins, windowChoice } from "./window_views.ts";

export const BINS = 60;
const AXIS_LABELS = 12;
/** Lines of the rail. */
const MAX_RUNNING = 8;
const MAX_DUE = 5;
const MAX_MISSED = 5;
const MAX_PAUSED = 5;
/** Tasks that are named on one line. */
const MAX_NAMED = 3;
/** A minute in which so many tasks begin is crowded. */
const CROWD = 5;
const MINUTES = 60;
const BAR_HEIGHT = 36;
/** Characters of a message. */
const MAX_MESSAGE = 300;

export async function todayView(
  queries: Queries,
  window: AskedWindow,
  viewer: ViewerView,
  rest: Readonly<Record<string, string>>,
  actor: Actor,
): Promise<TodayProps> {
  const report = await queries.today.report(window, BINS);
  const { locale, zone } = viewer;
  const link = (taskId: string): NamedLink => ({
    title: queries.tasks.titleOf(taskId, locale),
    address: path.task(taskId),
  });
  const span = windowQuery(window);
  const due = queries.today.nextHour();
  const tasks = report.causes.flatMap(({ runs }) => runs.map(({ taskId }) => taskId))
    .filter((id) => viewer.may("run", id));
  return {
    viewer,
    total: queries.tasks.ids().length,
    windowName: window.name,
    choice: windowChoice(window, viewer, path.today, rest),
    since: window.from,
    counts: { succeeded: report.succeeded, failed: report.failed, notRun: report.notRun },
    links: {
      all: withQuery(path.runs, span),
      succeeded: withQuery(path.runs, { status: "succeeded", ...span }),
      failed: withQuery(path.runs, { status: "failed", ...span }),
      notRun: withQuery(path.runs, { status: "not_run", ...span }),
    },
    failedTasks: report.failedTasks.length,
    needing: report.needing.length,
    recovered: report.recovered.map(link),
    causes: report.causes.map((cause) => causeView(cause, queries, viewer)),
    acknowledged: report.acknowledged.map((cause) => causeView(cause, queries, viewer)),
    rerunAll: tasks.length < 2 ? undefined : withQuery("/selected/rerun", { task: tasks }),
    broken: queries.tasks.broken().map((file) => brokenLink(file, viewer)),
    bins: stripBins(report.bins, viewer),
    axis: hourLabels(window, zone, AXIS_LABELS),
    running: queries.runs.unfinished().slice(0, MAX_RUNNING).map((run) => runningView(run, queries, viewer)),
    ...awaitingView(queries, viewer, actor),
    ...dueViews(due, viewer, link),
    ...await missedViews(report, queries, viewer),
    ...pausedViews(queries, viewer),
    cut: report.cut,
  };
}

/** A file that cannot be loaded, and where more of it stands that whoever looks may see. */
function brokenLink({ path: file, place, taskId }: BrokenFile, { may }: ViewerView) {
  const words = place ? `${file}:${place.line}` : file;
  const isKept = taskId !== undefined;
  if (isKept && place && may("source", taskId)) return { words, address: sourceLine(taskId, place.line) };
  if (may("system")) return { words, address: "/system" };
  return { words, address: isKept ? path.task(taskId) : undefined };
}

function causeView(
  { runs, failures, since, key, acknowledged }: Cause,
  queries: Queries,
  viewer: ViewerView,
): CauseView {
  const [newest] = runs;
  const { locale } = viewer;
  const ids = runs.map(({ taskId }) => taskId);
  const addressFor = (right: "run" | "acknowledge", page: string, query: Record<string, string> = {}) => {
    const task = ids.filter((id) => viewer.may(right, id));
    return task.length === 0 ? undefined : withQuery(page, { ...query, task });
  };
  const said = newest ? messageOfRun(newest, queries, viewer) : { words: "", isProgram: false };
  return {
    id: `${acknowledged ? "known" : "cause"}-${createHash("sha256").update(key).digest("hex").slice(0, 12)}`,
    status: newest?.status ?? "failed",
    message: said.words.slice(0, MAX_MESSAGE),
    isProgram: said.isProgram,
    run: path.run(newest?.id ?? ""),
    tasks: ids.map((id) => ({ title: queries.tasks.titleOf(id, locale), address: path.task(id) })),
    failures,
    since,
    rerun: addressFor("run", "/selected/rerun"),
    acknowledge: addressFor("acknowledge", "/selected/acknowledge", { cause: key }),
    note: acknowledged?.note,
    by: acknowledged?.by,
  };
}

/** What a run that did not go well said: the program's own error, or Carillon's reason as a sentence. */
export function messageOfRun(
  run: Run,
  queries: Queries,
  { locale }: ViewerView,
): { readonly words: string; readonly isProgram: boolean } {
  if (run.status !== "failed" && run.reason) {
    const words = reasonText(run.reason, locale);
    return { words: words.slice(0, 1).toUpperCase() + words.slice(1), isProgram: false };
  }
  const words = run.error?.message ?? recordText(run, locale, queries.tasks.zoneOf(run.taskId));
  return { words: words.split("\n")[0] ?? "", isProgram: run.error !== undefined };
}

function runningView(run: Run, queries: Queries, { locale, now }: ViewerView): RunningView {
  return {
    id: run.id,
    title: queries.tasks.titleOf(run.taskId, locale),
    address: path.run(run.id),
    since: run.startedAt ?? run.queuedAt,
    elapsedMs: durationOf(run, now) ?? 0,
    usualMs: queries.activity.of(run.taskId).usualMs,
    waits: run.status === "queued",
    said: progressText(run) ?? "",
  };
}

function dueViews(minutes: readonly DueMinute[], { zone, now }: ViewerView, link: (id: string) => NamedLink) {
  const first = Math.floor(now / 60_000);
  const most = Math.max(1, ...minutes.map(({ taskIds }) => taskIds.length));
  const place = (at: number) => Math.round(((at / 60_000 - first) / MINUTES) * 1_000) / 10;
  const crowd = Math.max(CROWD, most);
  const ahead = minutes.filter(({ at }) => at + 60_000 > now);
  const shown = ahead.slice(0, MAX_DUE);
  const crowded = ahead.find(({ taskIds }) => taskIds.length >= crowd);
  const listed = crowded && !shown.includes(crowded) ? [...shown.slice(0, -1), crowded] : shown;
  const tens = minutes.length === 0
    ? []
    : Array.from({ length: 6 }, (_, i) => (Math.ceil(first / 10) + i) * 10 * 60_000);
  return {
    starts: minutes.reduce((sum, { taskIds }) => sum + taskIds.length, 0),
    due: listed.map(({ at, taskIds }) => ({
      at,
      tasks: taskIds.slice(0, MAX_NAMED).map(link),
      more: Math.max(0, taskIds.length - MAX_NAMED),
      crowded: taskIds.length >= crowd,
    })),
    dueBars: minutes.map(({ at, taskIds }) => ({
      x: place(at),
      height: Math.max(4, Math.round((taskIds.length / most) * BAR_HEIGHT)),
      title: `${clockTime(at, zone)} ${taskIds.length}`,
      crowded: taskIds.length >= crowd,
    })),
    dueAxis: tens.map((at) => ({
      x: place(at),
      label: instantOf(at).toZonedDateTimeISO(zone).toPlainTime().toString({ smallestUnit: "minute" }),
      alternate: false,
    })).filter(({ x }) => x > 4 && x < 96),
  };
}

/** Tasks that are paused; those that go on soonest first. */
function pausedViews(queries: Queries, viewer: ViewerView) {
  const all = queries.tasks.paused().toSorted((a, b) =>
    (a.pause.until ?? Infinity) - (b.pause.until ?? Infinity)
  );
  const paused = all.slice(0, MAX_PAUSED).map(({ id, pause }) => ({
    title: queries.tasks.titleOf(id, viewer.locale),
    address: path.task(id),
    until: pause.until,
    words: pauseWords(pause, viewer),
    note: pauseNote(pause, viewer.locale),
  }));
  return { paused, pausedCount: all.length };
}

async function missedViews({ missed, late, window }: WindowReport, queries: Queries, { locale }: ViewerView) {
  const span = windowQuery(window);
  const [newest] = missed;
  const recorded = newest &&
    await recordedInstants(queries, { statuses: ["missed"], from: window.from, to: window.to });
  const n = recorded?.instants ?? 0;
  const ofOne = n === 1 ? "today.n_missed.1" : "today.n_missed_of";
  const lost = newest === undefined ? [] : [{
    at: newest.scheduledAt ?? newest.queuedAt,
    words: text(locale, missed.every(({ taskId }) => taskId === newest.taskId) ? ofOne : "today.n_missed", {
      n: `${n}${recorded?.more ?? ""}`,
      task: queries.tasks.titleOf(newest.taskId, locale),
    }),
    address: withQuery(path.runs, { status: "missed", ...span }),
  }];
  const tardy = late.map(({ id, taskId, scheduledAt, queuedAt, lateMs }) => ({
    at: scheduledAt ?? queuedAt,
    words: text(locale, "today.late", {
      task: queries.tasks.titleOf(taskId, locale),
      late: shortDuration(lateMs, locale),
    }),
    address: path.run(id),
  }));
  return { missed: [...lost, ...tardy].slice(0, MAX_MISSED), missedCount: n + late.length };
}
