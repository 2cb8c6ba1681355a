/** `timeout` and `locks`: how long an attempt may take, and what no two runs may hold at one time. */
import type { DurationLike } from "../base/duration.ts";
import { duration } from "../locale/format.ts";
import { list } from "../locale/locale.ts";
import { positiveDurationOf, textsOf } from "./option.ts";
import type { Policy } from "./policy.ts";

export interface LimitKeys {
  /** Each attempt is ended after this long, and the run is `timed_out`; no limit when left out. */
  readonly timeout?: DurationLike;
  /** Names that are held while it runs: two runs that share one never run at the same time, whatever their tasks. */
  readonly locks?: string | readonly string[];
}

export interface LimitPlain {
  readonly timeoutMs?: number | undefined;
  readonly locks: readonly string[];
}

export const limits: Policy<LimitKeys, LimitPlain> = {
  keys: { timeout: "policy.timeout", locks: "policy.locks" },
  read: ({ timeout, locks }) => ({
    timeoutMs: timeout === undefined ? undefined : positiveDurationOf("timeout", timeout),
    locks: textsOf("locks", locks),
  }),
  wordsOf: ({ timeoutMs, locks }, locale) => ({
    timeout: timeoutMs === undefined ? undefined : duration(timeoutMs, locale),
    locks: locks.length === 0 ? undefined : list(locale, locks),
  }),
};
