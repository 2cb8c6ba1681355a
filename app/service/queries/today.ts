/** What happened in a window of time: how many runs did how, what failed for which cause, what came back by itself. */
import type { EpochMs } from "../../base/time.ts";
import type { Clock } from "../../contracts.ts";
import type { RunOutcome } from "../../model/history.ts";
import { isBad, type Run } from "../../model/run.ts";
import type { Acknowledgement, Acknowledgements } from "../acknowledgements.ts";
import { type ActivityView, needsPerson } from "./activity.ts";
import { causeOf } from "./like_error.ts";
import type { TaskQueries } from "./tasks.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Runs of a longer window that are looked at, the newest. */
const MAX_RUNS = 50_000;
/** A scheduled start that comes later than this is named. */
const LATE_MS = 10_000;
const MAX_LATE = 5;
/** Due instants of one task in an hour that are looked at. */
const MAX_INSTANTS = 120;

export interface Window {
  readonly from: EpochMs;
  /** The first moment that does not belong to it. */
  readonly to: EpochMs;
}

/** A part of the window, for a strip of bars. */
export interface Bin extends Window {
  readonly good: number;
  readonly bad: number;
}

/** Tasks whose newest run failed for the same cause. */
export interface Cause {
  readonly key: string;
  /** The newest run of each task, newest first. */
  readonly runs: readonly Run[];
  /** Runs in a row without a success between, over all of these tasks. */
  readonly failures: number;
  /** When the first of them was queued. */
  readonly since: EpochMs;
  readonly acknowledged?: Acknowledgement | undefined;
}

export interface WindowReport {
  readonly window: Window;
  readonly succeeded: number;
  readonly failed: number;
  readonly notRun: number;
  readonly bins: readonly Bin[];
  /** Ids of tasks of which a run failed in the window. */
  readonly failedTasks: readonly string[];
  /** Those of them whose newest run succeeded. */
  readonly recovered: readonly string[];
  /** Those of them whose newest run did not, and that nobody has acknowledged. */
  readonly needing: readonly string[];
  readonly causes: readonly Cause[];
  readonly acknowledged: readonly Cause[];
  /** Records of instants that nobody noticed, newest first. */
  readonly missed: readonly RunOutcome[];
  /** Scheduled runs that began late, the latest first. */
  readonly late: readonly (RunOutcome & { readonly lateMs: number })[];
  /** True where the window has more runs than were looked at. */
  readonly cut: boolean;
}

/** A minute to come, and the tasks that are due in it. */
export interface DueMinute {
  readonly at: EpochMs;
  readonly taskIds: readonly string[];
}

export interface TodayQueriesParts {
  readonly clock: Clock;
  readonly activity: ActivityView;
  readonly tasks: TaskQueries;
  readonly acknowledgements: Acknowledgements;
}

export class TodayQueries {
  #due: { readonly key: string; readonly minutes: readonly DueMinute[] } | undefined;

  constructor(readonly parts: TodayQueriesParts) {}

  /** @param binCount parts of the strip */
  async report(window: Window, binCount: number): Promise<WindowReport> {
    const { activity, tasks } = this.parts;
    await activity.ready();
    const outcomes = await activity.outcomes({ ...window, limit: MAX_RUNS });
    const bins = emptyBins(window, binCount);
    const size = (window.to - window.from) / binCount;
    const failed = new Set<string>();
    const missed: RunOutcome[] = [];
    const late: (RunOutcome & { lateMs: number })[] = [];
    const counts = { succeeded: 0, failed: 0, notRun: 0 };
    for (const outcome of outcomes) {
      const { taskId, status, cause, scheduledAt, startedAt, queuedAt } = outcome;
      const bin = bins[Math.min(binCount - 1, Math.floor((queuedAt - window.from) / size))];
      if (status === "succeeded") {
        counts.succeeded++;
        if (bin) bin.good++;
      } else if (isBad(status)) {
        counts.failed++;
        failed.add(taskId);
        if (bin) bin.bad++;
      } else if (status === "skipped" || status === "missed") counts.notRun++;
      if (status === "missed") missed.push(outcome);
      const lateMs = cause === "schedule" && scheduledAt !== undefined && startedAt !== undefined
        ? startedAt - scheduledAt
        : 0;
      if (lateMs > LATE_MS) late.push({ ...outcome, lateMs });
    }
    const { causes, acknowledged } = this.#causes();
    const open = new Set(causes.flatMap(({ runs }) => runs.map(({ taskId }) => taskId)));
    const there = [...failed].filter((id) => tasks.find(id) !== undefined);
    return {
      ...counts,
      window,
      bins,
      failedTasks: there,
      recovered: there.filter((id) => activity.of(id).verdict?.status === "succeeded"),
      needing: there.filter((id) => open.has(id)),
      causes,
      acknowledged,
      missed: missed.toSorted((a, b) => b.queuedAt - a.queuedAt),
      late: late.toSorted((a, b) => b.lateMs - a.lateMs).slice(0, MAX_LATE),
      cut: outcomes.length >= MAX_RUNS,
    };
  }

  /** The minutes of the next hour in which tasks are due. */
  nextHour(): readonly DueMinute[] {
    const { clock, tasks, activity } = this.parts;
    const minute = Math.floor(clock.now() / MINUTE_MS);
    const key = `${minute} ${activity.structure}`;
    if (this.#due?.key === key) return this.#due.minutes;
    const due = new Map<number, string[]>();
    for (const id of tasks.ids()) {
      const instants = tasks.upcoming(id, minute * MINUTE_MS, MAX_INSTANTS, minute * MINUTE_MS + HOUR_MS);
      for (const at of new Set(instants.map((each) => Math.floor(each / MINUTE_MS)))) {
        due.set(at, [...due.get(at) ?? [], id]);
      }
    }
    const minutes = [...due].sort(([a], [b]) => a - b).map(([at, taskIds]) => ({
      at: at * MINUTE_MS,
      taskIds,
    }));
    this.#due = { key, minutes };
    return minutes;
  }

  /** Every task whose newest run did not go well, by cause; those that somebody has acknowledged apart. */
  #causes(): { causes: Cause[]; acknowledged: Cause[] } {
    const { activity, tasks, acknowledgements } = this.parts;
    const failing = tasks.ids().map((id) => activity.of(id)).filter(needsPerson);
    const found = { causes: [] as Cause[], acknowledged: [] as Cause[] };
    const byCause = Map.groupBy(failing, ({ verdict }) => {
      const key = verdict ? causeOf(verdict) : "";
      const note = verdict && acknowledgements.of(verdict.taskId, key);
      return `${note ? `${note.at} ` : ""}\u0000${key}`;
    });
    for (const [mark, members] of byCause) {
      const key = mark.slice(mark.indexOf("\u0000") + 1);
      const runs = members.flatMap(({ verdict }) => verdict ? [verdict] : []).sort((a, b) =>
        a.id < b.id ? 1 : -1
      );
      const [newest] = runs;
      if (!newest) continue;
      const acknowledged = acknowledgements.of(newest.taskId, key);
      (acknowledged ? found.acknowledged : found.causes).push({
        key,
        runs,
        failures: members.reduce((sum, { failing: row }) => sum + (row?.runs ?? 1), 0),
        since: Math.min(
          ...members.map(({ failing: row, verdict }) => (row?.first ?? verdict)?.queuedAt ?? Infinity),
        ),
        acknowledged,
      });
    }
    found.causes.sort((a, b) => b.runs.length - a.runs.length || b.since - a.since);
    return found;
  }
}

function emptyBins(
  { from, to }: Window,
  count: number,
): { from: EpochMs; to: EpochMs; good: number; bad: number }[] {
  const size = (to - from) / count;
  return Array.from({ length: count }, (_, i) => ({
    from: Math.round(from + i * size),
    to: Math.round(from + (i + 1) * size),
    good: 0,
    bad: 0,
  }));
}
