/** `misfire`: which instants are run and which were missed, where they are noticed late. */
import type { DurationLike } from "../base/duration.ts";
import type { EpochMs } from "../base/time.ts";
import type { Trigger } from "../contracts.ts";
import { text } from "../locale/locale.ts";
import { jitterOf } from "./jitter.ts";
import { lastInstants } from "./last_instants.ts";
import { durationOf, objectOf, oneOf, wholeNumber } from "./option.ts";
import type { Policy } from "./policy.ts";

export interface MisfireKeys {
  /** What becomes of due instants that were not noticed in time: the machine slept, or Carillon was stopped. */
  readonly misfire?: MisfireOptions;
}

export interface MisfireOptions {
  /** An instant that is noticed later than this was missed; 60 s when left out. */
  readonly grace?: DurationLike;
  /**
   * `"none"` (when left out) records what was missed and waits for the next instant; `"latest"` runs the latest of
   * them; `"all"` runs each, one after the other.
   */
  readonly catchUp?: (typeof CATCH_UPS)[number];
  /** With `"all"`, how many at the most, the latest ones; 100 when left out. */
  readonly limit?: number;
}

const CATCH_UPS = ["none", "latest", "all"] as const;
const MAX_CATCH_UP = 1_000;

/** What becomes of instants that were not noticed in time. */
export interface MisfirePolicy {
  /** An instant that is noticed later than this, in milliseconds, was missed. */
  readonly graceMs: number;
  /** Of what was missed, run nothing, the latest instant, or every one. */
  readonly catchUp: (typeof CATCH_UPS)[number];
  /** How many are run at the most with `all`: the latest ones. */
  readonly limit: number;
}

export const DEFAULT_MISFIRE: MisfirePolicy = { graceMs: 60_000, catchUp: "none", limit: 100 };

export const misfire: Policy<MisfireKeys, { readonly misfire: MisfirePolicy }> = {
  keys: { misfire: "policy.misfire" },
  read: ({ misfire }) => ({ misfire: misfire === undefined ? DEFAULT_MISFIRE : readMisfire(misfire) }),
  wordsOf: ({ misfire: { catchUp, limit } }, locale) => ({
    misfire: catchUp === "none" ? undefined : text(locale, `misfire.${catchUp}`, { n: limit }),
  }),
};

function readMisfire(misfire: unknown): MisfirePolicy {
  const { grace, catchUp, limit } = objectOf("misfire", misfire, ["grace", "catchUp", "limit"]);
  return {
    graceMs: grace === undefined ? DEFAULT_MISFIRE.graceMs : durationOf("misfire.grace", grace),
    catchUp: oneOf("misfire.catchUp", catchUp ?? DEFAULT_MISFIRE.catchUp, CATCH_UPS),
    limit: limit === undefined ? DEFAULT_MISFIRE.limit : wholeNumber("misfire.limit", limit, 1, MAX_CATCH_UP),
  };
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

/** A stretch of instants that were missed. */
export interface MissedStretch {
  readonly first: EpochMs;
  readonly last: EpochMs;
  readonly count: number;
  /** True where there were more than could be counted. */
  readonly more: boolean;
}

/** What is due of a task at one moment: instants to run, a stretch that was missed, and what comes next. */
export interface DueWork {
  readonly missed?: MissedStretch | undefined;
  /** In their order; `late` where the grace time was over. */
  readonly runs: readonly { readonly at: EpochMs; readonly late: boolean }[];
  /** Everything up to here has its record. */
  readonly settledTo: EpochMs;
  readonly next?: { readonly at: EpochMs; readonly due: EpochMs } | undefined;
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
  first: EpochMs,
  now: EpochMs,
): DueWork {
  const dueOf = (at: EpochMs) => at + jitterOf(taskId, at, jitterMs);
  const plan = (at: EpochMs | null) => at === null ? undefined : { at, due: dueOf(at) };
  const following = trigger.nextMs(first);
  if (following === null || dueOf(following) > now) {
    // By far the commonest case: one instant, on time.
    const late = now - dueOf(first) > misfire.graceMs;
    const next = plan(following);
    return late && misfire.catchUp === "none"
      ? { missed: { first, last: first, count: 1, more: false }, runs: [], settledTo: first, next }
      : { runs: [{ at: first, late }], settledTo: first, next };
  }
  const bound = lastDue(trigger, Math.max(first, now - jitterMs), now, dueOf);
  const wanted = misfire.catchUp === "all" ? misfire.limit : 1;
  const tail = lastInstants(trigger, first, bound, wanted);
  const settledTo = tail.at(-1) ?? bound;
  const runs = tail
    .map((at) => ({ at, late: now - dueOf(at) > misfire.graceMs }))
    .filter(({ late }) => !late || misfire.catchUp !== "none");
  const missed = missedBefore(trigger, first, runs[0]?.at ?? bound + 1);
  return { missed, runs, settledTo, next: plan(trigger.nextMs(settledTo)) };
}

/** The end of what is due: the last moment before the first instant that its jitter still holds back. */
function lastDue(trigger: Trigger, from: EpochMs, now: EpochMs, dueOf: (at: EpochMs) => EpochMs): EpochMs {
  for (let at = trigger.nextMs(from - 1); at !== null && at <= now; at = trigger.nextMs(at)) {
    if (dueOf(at) > now) return at - 1;
  }
  return now;
}

function missedBefore(trigger: Trigger, first: EpochMs, end: EpochMs): MissedStretch | undefined {
  let count = 0;
  let last = first;
  let at: EpochMs | null = first;
  while (at !== null && at < end && count < MAX_COUNTED_MISSES) {
    last = at;
    count++;
    at = trigger.nextMs(at);
  }
  if (count === 0) return undefined;
  const more = at !== null && at < end;
  if (more) last = lastInstants(trigger, first, end - 1, 1)[0] ?? last;
  return { first, last, count, more };
}
