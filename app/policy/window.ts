/** `window`: the span of time that a run stands for. */
import { sentence } from "../locale/sentence.ts";
import { type EpochMs, instantOf } from "../base/time.ts";
import type { Trigger } from "../contracts.ts";
import { text } from "../locale/locale.ts";
import type { TimeWindow } from "../model/order.ts";
import { MOST_BESIDE_MS } from "./beside.ts";
import type { BlackoutWindow } from "./blackout.ts";
import { dayOffReason, type WorkCalendar } from "./calendar.ts";
import { closedBecause } from "./closed.ts";
import { instantBefore } from "./last_instants.ts";
import { objectOf, oneOf, refuse, textsOf } from "./option.ts";
import type { Policy } from "./policy.ts";

export interface WindowKeys {
  /**
   * `"sinceLastDue"`: `run({ window })` is given the span from the due instant before to its own, the same one whenever
   * that instant is run: late, again, or by a backfill. Names of parameters, such as `{ from: "begin", to: "end" }`, are
   * filled from it too, unless somebody gives them.
   */
  readonly window?: "sinceLastDue" | WindowOptions;
}

export interface WindowOptions {
  /** `"sinceLastDue"` when left out. */
  readonly span?: "sinceLastDue";
  /** Parameter that is filled with the beginning of the window. */
  readonly from?: string;
  /** Parameter that is filled with its end. */
  readonly to?: string;
}

const SPANS = ["sinceLastDue"] as const;

export interface WindowPolicy {
  readonly span: (typeof SPANS)[number];
  /** Names of parameters that are filled. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export const window: Policy<WindowKeys, { readonly window?: WindowPolicy | undefined }> = {
  keys: { window: "policy.window" },
  read({ window, trigger }) {
    if (window === undefined) return { window: undefined };
    if (trigger === undefined || (Array.isArray(trigger) && trigger.length === 0)) {
      refuse("window", sentence("mistake.window.trigger"));
    }
    return { window: readWindow(window) };
  },
  wordsOf: ({ window }, locale) => ({
    window: window && [text(locale, "window.since_last_due"), ...filled(window)].join("; "),
  }),
};

function filled({ from, to }: WindowPolicy): string[] {
  return from === undefined && to === undefined ? [] : [`${from ?? ""} – ${to ?? ""}`.trim()];
}

function readWindow(window: unknown): WindowPolicy {
  if (typeof window === "string") return { span: oneOf("window", window, SPANS) };
  const given = objectOf("window", window, ["span", "from", "to"]);
  const span = oneOf("window.span", given.span ?? "sinceLastDue", SPANS);
  const [from, to] = (["from", "to"] as const).map((key) => {
    const name = given[key];
    return name === undefined ? undefined : textsOf(`window.${key}`, name, 1)[0];
  });
  if (from !== undefined && from === to) refuse("window", sentence("mistake.window.same", { name: from }));
  return { span, from, to };
}

/** What has a say in which instants start nothing. */
export interface Closings {
  readonly blackout: readonly BlackoutWindow[];
  readonly calendar?: WorkCalendar | undefined;
}

/**
 * The span that a run at a moment stands for: since the instant before it at which a blackout or the calendar did not
 * keep the task from starting, so that what they close is in the next window. Where there is none, since the task was
 * first seen.
 *
 * @param at a due instant, or when a run was asked for
 */
export function windowBefore(
  trigger: Trigger,
  closings: Closings,
  at: EpochMs,
  firstSeen: EpochMs,
): TimeWindow {
  return { from: openBefore(trigger, closings, at - MOST_BESIDE_MS) ?? Math.min(firstSeen, at), to: at };
}

/** Longest look back over what is closed, in milliseconds. */
const LONGEST_CLOSED_MS = 400 * 86_400_000;
const MINUTE_MS = 60_000;

/** The last instant before a moment that nothing closes. */
function openBefore(trigger: Trigger, { blackout, calendar }: Closings, at: EpochMs): EpochMs | undefined {
  const { timezone } = trigger;
  const isClosed = (each: EpochMs) => closedBecause(each, timezone, blackout, calendar) !== undefined;
  let bound = at;
  for (
    let found = instantBefore(trigger, bound);
    found !== undefined;
    found = instantBefore(trigger, bound)
  ) {
    if (!isClosed(found)) return found;
    if (at - found > LONGEST_CLOSED_MS) return undefined;
    // Not instant by instant: a night without a rhythm of seconds has thousands.
    bound = found;
    for (;;) {
      const earlier = closedSince(bound, timezone, calendar);
      if (earlier >= bound || at - earlier > LONGEST_CLOSED_MS || !isClosed(earlier)) break;
      bound = earlier;
    }
  }
  return undefined;
}

/** A moment from which on it has been closed until just before this one: the beginning of a day off, or of the minute. */
function closedSince(at: EpochMs, timezone: string, calendar: WorkCalendar | undefined): EpochMs {
  const before = instantOf(at - 1).toZonedDateTimeISO(timezone);
  if (calendar && dayOffReason(before.toPlainDate(), calendar)) return before.startOfDay().epochMilliseconds;
  return Math.floor((at - 1) / MINUTE_MS) * MINUTE_MS;
}
