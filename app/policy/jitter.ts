/** `jitter`: each start is put off a little, so that many tasks do not all begin on the same second. */
import { sentence } from "../locale/sentence.ts";
import type { DurationLike } from "../base/duration.ts";
import type { EpochMs } from "../base/time.ts";
import { duration } from "../locale/format.ts";
import { durationOf, refuse } from "./option.ts";
import type { Policy } from "./policy.ts";

export interface JitterKeys {
  /** Each start is put off by a time between 0 and this, so that many tasks do not all begin on the same second. */
  readonly jitter?: DurationLike;
}

export interface JitterPlain {
  /** Each start is put off by up to this much; 0 for none. */
  readonly jitterMs: number;
}

const DAY_MS = 86_400_000;

export const jitter: Policy<JitterKeys, JitterPlain> = {
  keys: { jitter: "policy.jitter" },
  read({ jitter }) {
    const jitterMs = jitter === undefined ? 0 : durationOf("jitter", jitter);
    return jitterMs <= DAY_MS ? { jitterMs } : refuse("jitter", sentence("mistake.longer_than_day"));
  },
  wordsOf: ({ jitterMs }, locale) => ({ jitter: jitterMs === 0 ? undefined : duration(jitterMs, locale) }),
};

/** By how much a due instant is put off, in milliseconds: evenly spread, and the same whenever it is asked for. */
export function jitterOf(taskId: string, at: EpochMs, jitterMs: number): number {
  if (jitterMs === 0) return 0;
  // FNV-1a over the id and the instant, then a final mix, so that neighbours differ in all bits.
  let hash = 0x811c9dc5;
  for (const character of `${taskId} ${at}`) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return Math.floor(((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32 * (jitterMs + 1));
}
