/** `expect`, `budget` and `doneBy`: what people count on, so that they are told when it does not come true. */
import { sentence } from "../locale/sentence.ts";
import type { DurationLike } from "../base/duration.ts";
import { shown } from "../base/shown.ts";
import { duration } from "../locale/format.ts";
import { text } from "../locale/locale.ts";
import { oneOf, positiveDurationOf, refuse } from "./option.ts";
import type { Policy } from "./policy.ts";

export interface PromiseKeys {
  /** `"every"`: each due instant has to run, so a skipped one is reported as a missed one is. */
  readonly expect?: (typeof EXPECTED)[number];
  /** A run that takes longer than this is reported while it goes on; three times the usual when left out. */
  readonly budget?: DurationLike;
  /** A working day on which it has not succeeded by this time of day, such as `"08:00"`, is reported. Local to the task's zone. */
  readonly doneBy?: string;
}

const EXPECTED = ["every"] as const;

export interface PromisePlain {
  readonly expect?: (typeof EXPECTED)[number] | undefined;
  readonly budgetMs?: number | undefined;
  /** `08:00` */
  readonly doneBy?: string | undefined;
}

export const promise: Policy<PromiseKeys, PromisePlain> = {
  keys: { expect: "policy.expect", budget: "policy.budget", doneBy: "policy.done_by" },
  read: ({ expect, budget, doneBy }) => ({
    expect: expect === undefined ? undefined : oneOf("expect", expect, EXPECTED),
    budgetMs: budget === undefined ? undefined : positiveDurationOf("budget", budget),
    doneBy: doneBy === undefined ? undefined : timeOfDay("doneBy", doneBy),
  }),
  wordsOf: ({ expect, budgetMs, doneBy }, locale) => ({
    expect: expect && text(locale, `expect.${expect}`),
    budget: budgetMs === undefined ? undefined : duration(budgetMs, locale),
    doneBy,
  }),
};

function timeOfDay(key: string, value: unknown): string {
  const [time] = typeof value === "string" ? /^(?:[01]?\d|2[0-3]):[0-5]\d$/.exec(value) ?? [] : [];
  return time?.padStart(5, "0") ?? refuse(key, sentence("mistake.time_of_day", { value: shown(value) }));
}

/** Of so many successes, the newest ones, the usual is found, and only where there are enough of them. */
export const USUAL_FROM = 20;
const USUAL_LEAST = 5;
const TIMES_USUAL = 3;

/**
 * How long a run of the task usually takes: the median of its newest successes; undefined for fewer than five.
 *
 * @param durations of successful runs in milliseconds, the newest first
 */
export function usualMs(durations: readonly number[]): number | undefined {
  const newest = durations.slice(0, USUAL_FROM).toSorted((a, b) => a - b);
  if (newest.length < USUAL_LEAST) return undefined;
  const middle = newest.length >> 1;
  const [low = 0, high = 0] = [newest[middle - 1], newest[middle]];
  return newest.length % 2 === 1 ? high : (low + high) / 2;
}

/** Beyond how many milliseconds a run is reported as too long; undefined where nobody can say. */
export function tooLongMs(budgetMs: number | undefined, usual: number | undefined): number | undefined {
  return budgetMs ?? (usual === undefined ? undefined : usual * TIMES_USUAL);
}
