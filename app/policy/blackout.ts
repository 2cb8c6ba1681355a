/** `blackout`: times in which a task's trigger starts nothing. */
import { sentence } from "../locale/sentence.ts";
import { readDateText } from "../base/date_text.ts";
import { shown } from "../base/shown.ts";
import { reason } from "../locale/reason.ts";
import { list } from "../locale/locale.ts";
import type { RunReason } from "../model/reason.ts";
import { listOf, objectOf, refuse } from "./option.ts";
import type { Policy } from "./policy.ts";
import { weekdaysOf } from "./weekdays.ts";

export interface BlackoutKeys {
  /** Times in which its trigger starts nothing. Local to the task's zone. */
  readonly blackout?: BlackoutOptions | readonly BlackoutOptions[];
}

/** `{ from: "22:00", to: "06:00" }` every day, with `weekdays: "mon-fri"` on some; or once, with dates: `{ from: "2026-12-24T18:00", to: "2027-01-02" }`. */
export interface BlackoutOptions {
  readonly from: string;
  /** The first moment that is free again. */
  readonly to: string;
  /** APScheduler's notation, such as `"mon-fri"` or `"sat,sun"`: the days on which the window begins. */
  readonly weekdays?: string;
}

/** Times in which nothing is started. Local to the task's zone. */
export type BlackoutWindow =
  /** Every day, or on some weekdays (0 = Monday); minutes since midnight. A window that ends before it begins lasts past midnight. */
  | {
    readonly kind: "daily";
    readonly from: number;
    readonly to: number;
    readonly weekdays?: readonly number[] | undefined;
    readonly text: string;
  }
  /** Once, from a local date and time up to another. */
  | { readonly kind: "once"; readonly from: string; readonly to: string; readonly text: string };

export const blackout: Policy<BlackoutKeys, { readonly blackout: readonly BlackoutWindow[] }> = {
  keys: { blackout: "policy.blackout" },
  read: (given) => ({
    blackout: listOf("blackout", given.blackout).map((each, i) => readWindow(`blackout[${i}]`, each)),
  }),
  wordsOf: ({ blackout }, locale) => ({
    blackout: blackout.length === 0 ? undefined : list(locale, blackout.map((each) => each.text)),
  }),
};

const TIME_OF_DAY = /^([01]\d|2[0-3]):([0-5]\d)$|^24:00$/;

function readWindow(key: string, window: unknown): BlackoutWindow {
  const { from, to, weekdays } = objectOf(key, window, ["from", "to", "weekdays"]);
  if (typeof from !== "string" || typeof to !== "string") refuse(key, sentence("mistake.blackout.texts"));
  if (TIME_OF_DAY.test(from) && TIME_OF_DAY.test(to)) {
    const days = weekdays === undefined ? undefined : weekdaysOf(`${key}.weekdays`, weekdays);
    const text = `${from}–${to}${days ? ` ${weekdays}` : ""}`;
    return { kind: "daily", from: minutesOf(from), to: minutesOf(to), weekdays: days, text };
  }
  if (weekdays !== undefined) {
    refuse(key, sentence("mistake.blackout.weekdays"));
  }
  const [begin, end] = [from, to].map((text) => localDateTime(key, text));
  if (!begin || !end || Temporal.PlainDateTime.compare(begin, end) >= 0) {
    refuse(key, sentence("mistake.blackout.ends"));
  }
  return { kind: "once", from: begin.toString(), to: end.toString(), text: `${from} – ${to}` };
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(":").map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

function localDateTime(key: string, text: string): Temporal.PlainDateTime {
  const read = readDateText(text);
  if (read?.kind === "local") return read.time;
  const mistake = read ? "mistake.blackout.offset" : "mistake.blackout.moment";
  return refuse(key, sentence(mistake, { value: shown(text) }));
}

/** Why nothing is started at a local time; undefined outside of all windows. */
export function blackoutReason(
  local: Temporal.PlainDateTime,
  windows: readonly BlackoutWindow[],
): RunReason | undefined {
  const window = windows.find((each) => isInWindow(local, each));
  return window && reason("reason.blackout", { window: window.text });
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
