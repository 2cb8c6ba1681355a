/** `overlap` and `concurrency`: how many runs of a task go on at one time, and what a due instant does beyond that. */
import { reason } from "../locale/reason.ts";
import { text } from "../locale/locale.ts";
import type { RunReason } from "../model/reason.ts";
import { oneOf, wholeNumber } from "./option.ts";
import type { Policy } from "./policy.ts";

export interface OverlapKeys {
  /** What a due instant does while the task is still running; `"skip"` when left out. Runs asked for by people wait. */
  readonly overlap?: OverlapPolicy;
  /** Most runs of this task at one time: 1 when left out, with `overlap: "allow"` as many as there are workers. */
  readonly concurrency?: number;
}

const OVERLAPS = ["skip", "queue", "allow", "replace"] as const;
/** What a due instant does while the task has as many runs as it may have. */
export type OverlapPolicy = (typeof OVERLAPS)[number];

/** The concurrency of a task that has no limit of its own; Infinity would not survive JSON. */
export const UNLIMITED = Number.MAX_SAFE_INTEGER;
const MAX_CONCURRENCY = 1_000;

export interface OverlapPlain {
  readonly overlap: OverlapPolicy;
  /** {@link UNLIMITED} for no limit of the task's own. */
  readonly concurrency: number;
}

export const overlap: Policy<OverlapKeys, OverlapPlain> = {
  keys: { overlap: "policy.overlap", concurrency: "policy.concurrency" },
  read(given) {
    const overlap = oneOf("overlap", given.overlap ?? "skip", OVERLAPS);
    const concurrency = given.concurrency === undefined
      ? overlap === "allow" ? UNLIMITED : 1
      : wholeNumber("concurrency", given.concurrency, 1, MAX_CONCURRENCY);
    return { overlap, concurrency };
  },
  wordsOf: ({ overlap, concurrency }, locale) => ({
    overlap: overlap === "skip" ? undefined : text(locale, `overlap.${overlap}`),
    concurrency: concurrency === 1 || concurrency === UNLIMITED ? undefined : String(concurrency),
  }),
};

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
        ? reason("reason.still_running", { time })
        : reason("reason.still_running_n", { n, time }),
    };
  }
  return load.waiting < MAX_WAITING_RUNS
    ? { kind: "start" }
    : { kind: "skip", reason: reason("reason.queue_full", { n: load.waiting }) };
}
