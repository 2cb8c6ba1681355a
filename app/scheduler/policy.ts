/** What is done about a due instant besides running it: pure functions of the task's policies and the moment. */
import { type EpochMs, instantOf } from "../time.ts";
import type { RunReason } from "../history/reason.ts";
import type { RunStatus } from "../history/run.ts";
import type { Trigger } from "../trigger/trigger.ts";

/** What becomes of instants that were not noticed in time. */
export interface MisfirePolicy {
  /** An instant that is noticed later than this, in milliseconds, was missed. */
  readonly graceMs: number;
  /** Of what was missed, run nothing, the latest instant, or every one. */
  readonly catchUp: "none" | "latest" | "all";
  /** How many are run at the most with `all`: the latest ones. */
  readonly limit: number;
}

export const DEFAULT_MISFIRE: MisfirePolicy = { graceMs: 60_000, catchUp: "none", limit: 100 };

/** What a due instant does while the task has as many runs as it may have. */
export type OverlapPolicy = "skip" | "queue" | "allow" | "replace";

/** Times in which nothing is started. Local to the task's zone. */
export type BlackoutWindow =
  /** Every day, or on some weekdays (0 = Monday); minutes since midnight. A window that ends before it begins lasts past midnight. */
  | {
    readonly kind: "daily";
    readonly from: number;
    readonly to: number;
    readonly weekdays?: readonly number[];
    readonly text: string;
  }
  /** Once, from a local date and time up to another. */
  | { readonly kind: "once"; readonly from: string; readonly to: string; readonly text: string };

/** Which days are working days. Dates are `2026-10-01`. */
export interface WorkCalendar {
  /** 0 = Monday. */
  readonly weekdays: readonly number[];
  /** Days off and what they are called. */
  readonly holidays: Readonly<Record<string, string>>;
  /** Days that are worked although their weekday or a holiday says otherwise. */
  readonly workingDays: readonly string[];
}

/** The part of a due instant's way that the scheduler itself takes. */
export interface FirePolicy {
  readonly misfire: MisfirePolicy;
  /** Each start is put off by up to this much; 0 for none. */
  readonly jitterMs: number;
}

export const DEFAULT_FIRE_POLICY: FirePolicy = { misfire: DEFAULT_MISFIRE, jitterMs: 0 };

/** So many missed instants of one task are counted; beyond that the record says "more than". */
export const MAX_COUNTED_MISSES = 10_000;

/** By how much a due instant is put off: evenly spread, and the same whenever it is asked for. */
export function jitterOf(taskId: string, at: number, jitterMs: number): number {
  if (jitterMs === 0) return 0;
  // FNV-1a over the id and the instant, then a final mix, so that neighbours differ in all bits.
  let hash = 0x811c9dc5;
  for (const character of `${taskId} ${at}`) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return Math.floor(((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32 * (jitterMs + 1));
}

/** What is due of a task at one moment: instants to run, a stretch that was missed, and what comes next. Times are milliseconds. */
export interface DueWork {
  readonly missed?: {
    readonly first: number;
    readonly last: number;
    readonly count: number;
    /** True where there were more than could be counted. */
    readonly more: boolean;
  };
  /** In their order; `late` where the grace time was over. */
  readonly runs: readonly { readonly at: number; readonly late: boolean }[];
  /** Everything up to here has its record. */
  readonly settledTo: number;
  readonly next?: { readonly at: number; readonly due: number };
}

/**
 * Divides what has become due into what is run and what was missed.
 *
 * Instants within the grace time are on time; of several such the latest is run (with `all`, each). Older ones are run
 * where `catchUp` says so. The rest is one stretch that was missed.
 *
 * @param first the earliest instant without a record; it is due
 */
export function workDue(
  taskId: string,
  trigger: Trigger,
  { misfire, jitterMs }: FirePolicy,
  first: number,
  now: number,
): DueWork {
  const dueOf = (at: number) => at + jitterOf(taskId, at, jitterMs);
  const following = trigger.nextMs(first);
  const plan = (at: number | null) => at === null ? {} : { next: { at, due: dueOf(at) } };
  if (following === null || dueOf(following) > now) {
    // By far the commonest case: one instant, on time.
    const late = now - dueOf(first) > misfire.graceMs;
    const runs = late && misfire.catchUp === "none" ? [] : [{ at: first, late }];
    const missed = runs.length > 0 ? {} : { missed: { first, last: first, count: 1, more: false } };
    return { ...missed, runs, settledTo: first, ...plan(following) };
  }
  const bound = lastDue(trigger, Math.max(first, now - jitterMs), now, dueOf);
  const wanted = misfire.catchUp === "all" ? misfire.limit : 1;
  const tail = lastInstants(trigger, first, bound, wanted);
  const runs = tail
    .map((at) => ({ at, late: now - dueOf(at) > misfire.graceMs }))
    .filter(({ late }) => !late || misfire.catchUp !== "none");
  const missed = missedBefore(trigger, first, runs[0]?.at ?? bound + 1);
  return { ...missed, runs, settledTo: tail.at(-1) ?? bound, ...plan(trigger.nextMs(tail.at(-1) ?? bound)) };
}

/** The end of what is due: the last moment before the first instant that its jitter still holds back. */
function lastDue(trigger: Trigger, from: number, now: number, dueOf: (at: number) => number): number {
  for (let at = trigger.nextMs(from - 1); at !== null && at <= now; at = trigger.nextMs(at)) {
    if (dueOf(at) > now) return at - 1;
  }
  return now;
}

/** The last `wanted` instants from `first` up to `bound`; looks at ever longer stretches before `bound`. */
function lastInstants(trigger: Trigger, first: number, bound: number, wanted: number): number[] {
  for (let stretch = 1_000;; stretch *= 4) {
    const from = Math.max(first, bound - stretch);
    const found: number[] = [];
    for (let at = trigger.nextMs(from - 1); at !== null && at <= bound; at = trigger.nextMs(at)) {
      found.push(at);
    }
    if (found.length >= wanted || from === first) return found.slice(-wanted);
  }
}

function missedBefore(trigger: Trigger, first: number, end: number): Pick<DueWork, "missed"> {
  let count = 0;
  let last = first;
  let at: number | null = first;
  while (at !== null && at < end && count < MAX_COUNTED_MISSES) {
    last = at;
    count++;
    at = trigger.nextMs(at);
  }
  if (count === 0) return {};
  const more = at !== null && at < end;
  if (more) last = lastInstants(trigger, first, end - 1, 1)[0] ?? last;
  return { missed: { first, last, count, more } };
}

/** Why nothing is started at this moment; undefined where something may be. */
export function closedBecause(
  at: EpochMs,
  timezone: string,
  blackout: readonly BlackoutWindow[],
  calendar: WorkCalendar | undefined,
): RunReason | undefined {
  if (blackout.length === 0 && !calendar) return undefined;
  const local = instantOf(at).toZonedDateTimeISO(timezone).toPlainDateTime();
  const window = blackout.find((each) => isInWindow(local, each));
  if (window) return { key: "reason.blackout", values: { window: window.text } };
  return calendar && dayOffReason(local.toPlainDate(), calendar);
}

function isInWindow(local: Temporal.PlainDateTime, window: BlackoutWindow): boolean {
  if (window.kind === "once") {
    return Temporal.PlainDateTime.compare(local, window.from) >= 0 &&
      Temporal.PlainDateTime.compare(local, window.to) < 0;
  }
  const { from, to, weekdays } = window;
  const minute = local.hour * 60 + local.minute;
  const holds = (day: number) => !weekdays || weekdays.includes(day);
  const today = local.dayOfWeek - 1;
  if (from < to) return holds(today) && minute >= from && minute < to;
  // Past midnight it is still the window of the day on which it began.
  return (holds(today) && minute >= from) || (holds((today + 6) % 7) && minute < to);
}

function dayOffReason(date: Temporal.PlainDate, calendar: WorkCalendar): RunReason | undefined {
  const day = date.toString();
  if (calendar.workingDays.includes(day)) return undefined;
  const name = Object.hasOwn(calendar.holidays, day) ? calendar.holidays[day] : undefined;
  if (name) return { key: "reason.holiday", values: { day, name } };
  const works = name === undefined && calendar.weekdays.includes(date.dayOfWeek - 1);
  return works ? undefined : { key: "reason.day_off", values: { day } };
}

/** How many runs of a task may wait for earlier ones. */
export const MAX_WAITING_RUNS = 100;

/** What the runs of a task look like when another instant becomes due. */
export interface TaskLoad {
  /** Runs that are going on or wait to. */
  readonly live: number;
  readonly waiting: number;
  /** Most runs at one time. */
  readonly concurrency: number;
  /** When the longest-standing one was due, in words. */
  readonly oldest: string;
}

/** What becomes of a due instant. */
export type Admission =
  | { readonly kind: "start" }
  /** End what there is first. */
  | { readonly kind: "replace" }
  | { readonly kind: "skip"; readonly reason: RunReason };

/** @param owed true for an instant that is caught up: it waits rather than being lost a second time */
export function admit(overlap: OverlapPolicy, load: TaskLoad, owed: boolean): Admission {
  if (load.live < load.concurrency) return { kind: "start" };
  if (overlap === "replace" && !owed) return { kind: "replace" };
  if (overlap !== "queue" && !owed) {
    const { live: n, oldest: time, concurrency } = load;
    return {
      kind: "skip",
      reason: concurrency === 1
        ? { key: "reason.still_running", values: { time } }
        : { key: "reason.still_running_n", values: { n, time } },
    };
  }
  return load.waiting < MAX_WAITING_RUNS
    ? { kind: "start" }
    : { kind: "skip", reason: { key: "reason.queue_full", values: { n: load.waiting } } };
}

/** How an attempt that did not succeed is tried again. */
export interface RetryPolicy {
  /** Tries in all, the first one included. */
  readonly attempts: number;
  /** Wait before the second attempt, in milliseconds. */
  readonly delayMs: number;
  /** Each further wait is this many times the one before. */
  readonly backoff: number;
  readonly maxDelayMs: number;
  /** Names of the errors that are tried again; every one where undefined. `"asked"`: the task's own function decides. */
  readonly only?: readonly string[] | "asked";
}

/** Name under which a run that outlived its time limit is looked for in {@link RetryPolicy.only}. */
export const TIMEOUT_ERROR = "TimeoutError";

/** Wait before another attempt in milliseconds, or undefined where there is none. */
export function retryDelay(
  retry: RetryPolicy | undefined,
  attempt: number,
  failure: { readonly status: RunStatus; readonly error: string; readonly retryable?: boolean },
): number | undefined {
  if (!retry || attempt >= retry.attempts) return undefined;
  if (failure.status !== "failed" && failure.status !== "timed_out") return undefined;
  const wanted = retry.only === undefined || failure.retryable ||
    (retry.only !== "asked" && retry.only.includes(failure.error));
  return wanted ? Math.min(retry.maxDelayMs, retry.delayMs * retry.backoff ** (attempt - 1)) : undefined;
}
