/** What became of the due instants of a span, from their records. Pure: each instant is counted once (I1). */
import type { EpochMs } from "../base/time.ts";
import type { Trigger } from "../contracts.ts";
import { isDueCause, type Run, type RunStatus } from "../model/run.ts";
import type { FirePolicy } from "../policy/misfire.ts";
import type { Range } from "./range.ts";

/** Why instants were skipped or missed, in kinds; `why.…` are their names. */
export const WHYS = [
  "still_running",
  "queue_full",
  "blackout",
  "day_off",
  "paused",
  "removed",
  "stopped",
  "asleep",
  "other",
] as const;
export type Why = (typeof WHYS)[number];

/** How many instants there were of each kind; those that are 0 are left out. */
export type WhyCounts = Readonly<Partial<Record<Why, number>>>;

/** What became of the due instants of one task. `due = ran + skipped + missed`. */
export interface TaskReport {
  readonly taskId: string;
  readonly due: number;
  /** Instants that became runs, and how those ended or where they are. */
  readonly ran: number;
  readonly runs: Readonly<Partial<Record<RunStatus, number>>>;
  /** Of those that ran, how many began later than the task's `misfire.grace`, its jitter counted in. */
  readonly late: number;
  readonly skipped: number;
  readonly skippedWhy: WhyCounts;
  readonly missed: number;
  readonly missedWhy: WhyCounts;
  /**
   * Instants of the trigger as it is now that have no record: the task was paused or its file away, the trigger was
   * another one, or the history has forgotten them. Undefined where there are too many to be counted.
   */
  readonly unrecorded?: number | undefined;
}

/** Instants that are counted along a trigger at the most. */
const MOST_COUNTED = 1_000_000;
const MOST_EXPECTED = 100_000;

export interface ReportedTask {
  readonly id: string;
  readonly trigger: Trigger;
  readonly policy: FirePolicy;
}

/**
 * @param records those that may have an instant in the span, in any order, each once
 * @param known the part of the span in which each instant of the trigger should have its record
 */
export function reportOf(
  { id, trigger, policy }: ReportedTask,
  records: readonly Run[],
  span: Range,
  known: Range,
  now: EpochMs,
): TaskReport {
  const runs: Partial<Record<RunStatus, number>> = {};
  const skippedWhy: Partial<Record<Why, number>> = {};
  const missedWhy: Partial<Record<Why, number>> = {};
  let late = 0;
  for (const run of records) {
    const n = instantsIn(run, trigger, span);
    if (n === 0) continue;
    if (run.status === "skipped") add(skippedWhy, whyOf(run), n);
    else if (run.status === "missed") add(missedWhy, whyOf(run), n);
    else {
      add(runs, run.status, n);
      if (isLate(run, policy, now)) late++;
    }
  }
  const [ran, skipped, missed] = [runs, skippedWhy, missedWhy].map(sum) as [number, number, number];
  const due = ran + skipped + missed;
  const expected = countIn(trigger, known.from, known.to - 1, MOST_EXPECTED);
  const unrecorded = expected === undefined ? undefined : Math.max(0, expected - due);
  return { taskId: id, due, ran, runs, late, skipped, skippedWhy, missed, missedWhy, unrecorded };
}

/** How many instants of a span a record stands for. */
function instantsIn(run: Run, trigger: Trigger, { from, to }: Range): number {
  const { scheduledAt, cause, instants, reason } = run;
  if (scheduledAt === undefined || !isDueCause(cause) || instants === 0) return 0;
  if (instants === 1) return scheduledAt >= from && scheduledAt < to ? 1 : 0;
  const last = reason?.lastAt ?? scheduledAt;
  const uncounted = String(reason?.values.n ?? "").endsWith("+");
  if (scheduledAt >= from && last < to && !uncounted) return instants;
  const found = countIn(trigger, Math.max(scheduledAt, from), Math.min(last, to - 1), MOST_COUNTED) ??
    MOST_COUNTED;
  return uncounted ? found : Math.min(found, instants);
}

/** Instants from one moment to another, both included; undefined where there are more than can be counted. */
function countIn(trigger: Trigger, from: EpochMs, last: EpochMs, most: number): number | undefined {
  let count = 0;
  for (let at = trigger.nextMs(from - 1); at !== null && at <= last; at = trigger.nextMs(at)) {
    if (++count > most) return undefined;
  }
  return count;
}

function isLate(
  { cause, scheduledAt = 0, startedAt, finishedAt }: Run,
  policy: FirePolicy,
  now: EpochMs,
): boolean {
  const begun = startedAt ?? finishedAt ?? now;
  return cause === "catch_up" || begun - scheduledAt > policy.misfire.graceMs + policy.jitterMs;
}

/** Reasons by their key; plurals and details do not matter here. */
const WHY_OF: Readonly<Record<string, Why>> = {
  "reason.still_running": "still_running",
  "reason.still_running_n": "still_running",
  "reason.queue_full": "queue_full",
  "reason.blackout": "blackout",
  "reason.day_off": "day_off",
  "reason.holiday": "day_off",
  "reason.withdrawn_paused": "paused",
  "reason.withdrawn_removed": "removed",
  "reason.missed_stopped": "stopped",
  "reason.missed_stopped.1": "stopped",
  "reason.missed_asleep": "asleep",
  "reason.missed_asleep.1": "asleep",
};

function whyOf({ reason }: Run): Why {
  const key = reason?.key ?? "";
  return Object.hasOwn(WHY_OF, key) ? WHY_OF[key] ?? "other" : "other";
}

function add<K extends string>(counts: Partial<Record<K, number>>, key: K, n: number): void {
  counts[key] = (counts[key] ?? 0) + n;
}

function sum(counts: Readonly<Partial<Record<string, number>>>): number {
  return Object.values(counts).reduce<number>((all, n) => all + (n ?? 0), 0);
}
