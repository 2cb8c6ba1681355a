/** `retry`: whether and when an attempt that did not succeed is followed by another one. */
import { sentence } from "../locale/sentence.ts";
import type { DurationLike } from "../base/duration.ts";
import { shown } from "../base/shown.ts";
import { duration } from "../locale/format.ts";
import { text } from "../locale/locale.ts";
import type { RunStatus } from "../model/run.ts";
import { durationOf, objectOf, refuse, textsOf, wholeNumber } from "./option.ts";
import type { Policy } from "./policy.ts";

export interface RetryKeys {
  /** Tries again what failed or timed out; once when left out. */
  readonly retry?: RetryOptions;
}

export interface RetryOptions {
  /** Tries in all, the first one included: 3 is the first and two more. */
  readonly attempts: number;
  /** Wait before the second attempt; none when left out. */
  readonly delay?: DurationLike;
  /** Each further wait is this many times the one before; 1 when left out, so that all are alike. */
  readonly backoff?: number;
  /** No wait is longer than this; an hour when left out. */
  readonly maxDelay?: DurationLike;
  /**
   * Which errors are worth another try: their names (`"TimeoutError"` is the time limit), or a function that is given
   * the error. A function cannot be asked about an attempt that had to be ended; that one is not tried again.
   */
  readonly only?: string | readonly string[] | ((error: unknown) => boolean);
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
  readonly only?: readonly string[] | "asked" | undefined;
}

/** Name under which a run that outlived its time limit is looked for in {@link RetryPolicy.only}. */
export const TIMEOUT_ERROR = "TimeoutError";

const HOUR_MS = 3_600_000;
const MAX_ATTEMPTS = 100;
const MAX_BACKOFF = 100;

export const retry: Policy<RetryKeys, { readonly retry?: RetryPolicy | undefined }> = {
  keys: { retry: "policy.retry" },
  read: (given) => ({ retry: given.retry === undefined ? undefined : readRetry(given.retry) }),
  wordsOf: ({ retry }, locale) => ({
    retry: retry &&
      text(locale, "policy.retry_value", {
        n: retry.attempts,
        delay: duration(retry.delayMs, locale),
        backoff: retry.backoff,
      }),
  }),
};

function readRetry(retry: unknown): RetryPolicy {
  const given = objectOf("retry", retry, ["attempts", "delay", "backoff", "maxDelay", "only"]);
  const { only, backoff = 1 } = given;
  if (typeof backoff !== "number" || !(backoff >= 1 && backoff <= MAX_BACKOFF)) {
    refuse(
      "retry.backoff",
      sentence("mistake.number", { value: shown(backoff), least: 1, greatest: MAX_BACKOFF }),
    );
  }
  return {
    attempts: wholeNumber("retry.attempts", given.attempts, 1, MAX_ATTEMPTS),
    delayMs: given.delay === undefined ? 0 : durationOf("retry.delay", given.delay),
    backoff,
    maxDelayMs: given.maxDelay === undefined ? HOUR_MS : durationOf("retry.maxDelay", given.maxDelay),
    only: only === undefined ? undefined : typeof only === "function" ? "asked" : textsOf("retry.only", only),
  };
}

/** Wait before another attempt in milliseconds, or undefined where there is none. */
export function retryDelay(
  retry: RetryPolicy | undefined,
  attempt: number,
  failure: {
    readonly status: RunStatus;
    readonly error: string;
    readonly retryable?: boolean | undefined;
  },
): number | undefined {
  if (!retry || attempt >= retry.attempts) return undefined;
  if (failure.status !== "failed" && failure.status !== "timed_out") return undefined;
  const wanted = retry.only === undefined || failure.retryable ||
    (retry.only !== "asked" && retry.only.includes(failure.error));
  return wanted ? Math.min(retry.maxDelayMs, retry.delayMs * retry.backoff ** (attempt - 1)) : undefined;
}
