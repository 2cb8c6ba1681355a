/** `keep` and `keepDays`: how much of a task's history stays. */
import { text } from "../locale/locale.ts";
import { wholeNumber } from "./option.ts";
import type { Policy } from "./policy.ts";

export interface RetentionKeys {
  /** How many of its runs the history keeps; `[history] keep` when left out. */
  readonly keep?: number;
  /** For how many days the history keeps its runs; `[history] keep_days` when left out. */
  readonly keepDays?: number;
}

export interface RetentionPlain {
  readonly keep?: number | undefined;
  readonly keepDays?: number | undefined;
}

/** As `[history]` of carillon.ini has them. */
const MAX_KEEP = 100_000_000;
const MAX_KEEP_DAYS = 36_500;

export const retention: Policy<RetentionKeys, RetentionPlain> = {
  keys: { keep: "policy.keep", keepDays: "policy.keep_days" },
  read: ({ keep, keepDays }) => ({
    keep: keep === undefined ? undefined : wholeNumber("keep", keep, 1, MAX_KEEP),
    keepDays: keepDays === undefined ? undefined : wholeNumber("keepDays", keepDays, 1, MAX_KEEP_DAYS),
  }),
  wordsOf: ({ keep, keepDays }, locale) => ({
    keep: keep === undefined ? undefined : text(locale, "policy.keep_value", { n: keep }),
    keepDays: keepDays === undefined ? undefined : text(locale, "policy.keep_days_value", { n: keepDays }),
  }),
};
