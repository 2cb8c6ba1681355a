/** Runs as lines of a table. */
import type { EpochMs } from "../base/time.ts";
import { localDateTime } from "../base/time_zone.ts";
import { shortDuration } from "../locale/moments.ts";
import type { AnsweredRun } from "./answers.ts";
import { printable } from "./printable.ts";
import { styledStatus } from "./style.ts";

/** Characters of a message; the run's page has all of it. */
const MOST = 80;

/** This machine's own zone: whoever reads the lines sits at it. */
export const HERE = Temporal.Now.timeZoneId();

/** Runs that are over, or were. */
export function historyRows(runs: readonly AnsweredRun[]): string[][] {
  return [
    ["RUN", "TASK", "STATUS", "WHEN", "TOOK", "WHY", "WHAT IT SAID"],
    ...runs.map((run) => [
      run.id,
      printable(run.task),
      styledStatus(Deno.stdout, run.status),
      localDateTime(Date.parse(run.started_at ?? run.scheduled_at ?? run.queued_at), HERE),
      run.started_at !== null && run.finished_at !== null
        ? took(run.started_at, Date.parse(run.finished_at))
        : "-",
      run.cause,
      said(run),
    ]),
  ];
}

/** Runs that are queued or going on. */
export function activeRows(runs: readonly AnsweredRun[], now: EpochMs): string[][] {
  return [
    ["RUN", "TASK", "STATUS", "FOR", "PROGRESS"],
    ...runs.map((run) => [
      run.id,
      printable(run.task),
      styledStatus(Deno.stdout, run.status),
      took(run.started_at ?? run.queued_at, now),
      progressText(run),
    ]),
  ];
}

function took(from: string, to: EpochMs): string {
  return shortDuration(Math.max(0, to - Date.parse(from)), "en");
}

function progressText({ progress, attempt }: AnsweredRun): string {
  const words = [
    ...(progress?.fraction === undefined ? [] : [`${Math.round(progress.fraction * 100)} %`]),
    ...(progress?.note === undefined ? [] : [printable(progress.note).slice(0, MOST)]),
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
  ];
  return words.join(", ") || "-";
}

/** What a run returned, or why it failed. */
export function said({ message, error }: AnsweredRun): string {
  const text = error ? `${error.name}: ${error.message}` : message ?? "-";
  const line = printable(text);
  return line.length > MOST ? `${line.slice(0, MOST - 1)}…` : line;
}
