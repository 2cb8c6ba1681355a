/** What happens to runs and due instants, counted as it happens. */
import type { EventBus } from "../events/bus.ts";
import { type Run, waitingSince } from "../model/run.ts";
import { Counter, Histogram, type Metric } from "./metric.ts";

/** Seconds; the bounds tell a blink from a night's work. */
const DURATIONS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400];
const DELAYS = [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 60, 300];

/** @param folderOf folder of a task below the tasks folder; empty for the folder itself, and for a task that is gone */
export function runMetrics(events: EventBus, folderOf: (taskId: string) => string): readonly Metric[] {
  const runs = new Counter("carillon_runs_total", "Runs that have ended, by folder, status and cause.", [
    "folder",
    "status",
    "cause",
  ]);
  const duration = new Histogram("carillon_run_duration_seconds", "How long runs took.", DURATIONS, [
    "folder",
  ]);
  const lateness = new Histogram(
    "carillon_run_lateness_seconds",
    "From the due instant to the start of a scheduled run.",
    DELAYS,
  );
  const wait = new Histogram("carillon_run_wait_seconds", "From when a run was queued to its start.", DELAYS);
  const retries = new Counter("carillon_run_retries_total", "Attempts that were followed by another one.", [
    "folder",
  ]);
  const due = new Counter("carillon_due_instants_total", "Due instants, by what became of them.", [
    "outcome",
  ]);
  const skipped = new Counter(
    "carillon_skipped_instants_total",
    "Due instants that became no run, by reason.",
    ["reason"],
  );
  const slow = new Counter(
    "carillon_slow_runs_total",
    "Runs that took longer than their budget or than usual.",
    ["folder"],
  );
  const undone = new Counter(
    "carillon_promises_broken_total",
    "Tasks that had not succeeded by the time they promise.",
  );
  const backfills = new Counter("carillon_backfills_total", "Backfills, by what happened to them.", [
    "event",
  ]);
  for (const event of ["started", "done", "cancelled"]) backfills.add([event], 0);
  for (const outcome of ["run", "skipped", "missed"]) due.add([outcome], 0);

  events.on("run.queued", ({ run }) => {
    if (isScheduled(run)) due.add(["run"]);
  });
  events.on("run.started", ({ run }) => {
    const { attempt, startedAt, scheduledAt } = run;
    if (attempt > 1 || startedAt === undefined) return;
    wait.observe((startedAt - waitingSince(run)) / 1_000);
    if (run.cause === "schedule" && scheduledAt !== undefined) {
      lateness.observe((startedAt - scheduledAt) / 1_000);
    }
  });
  events.on("run.retrying", ({ run }) => retries.add([folderOf(run.taskId)]));
  events.on("run.ended", ({ run }) => {
    const folder = folderOf(run.taskId);
    runs.add([folder, run.status, run.cause]);
    if (run.startedAt !== undefined && run.finishedAt !== undefined) {
      duration.observe((run.finishedAt - run.startedAt) / 1_000, [folder]);
    }
  });
  events.on("run.skipped", ({ run }) => {
    due.add(["skipped"]);
    skipped.add([run.reason?.key.replace(/^reason\./, "") ?? ""]);
  });
  events.on("run.missed", ({ run }) => due.add(["missed"], run.instants));
  events.on("run.slow", ({ run }) => slow.add([folderOf(run.taskId)]));
  events.on("task.undone", () => undone.add());
  events.on("backfill.started", () => backfills.add(["started"]));
  events.on("backfill.ended", ({ progress: { state } }) => backfills.add([state]));
  return [runs, duration, lateness, wait, retries, due, skipped, slow, undone, backfills];
}

function isScheduled({ cause }: Run): boolean {
  return cause === "schedule" || cause === "catch_up";
}
