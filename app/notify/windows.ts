/** Stretches of the week, such as `mon-fri 08:00-20:00`: when a target is spoken to, and when not. */
import { type EpochMs, instantOf } from "../base/time.ts";
import { weekdaysOf } from "../policy/weekdays.ts";

/** Minutes of the day, `to` exclusive; where it is not after `from`, the window goes on into the next day. */
export interface Window {
  /** 0 = Monday: the days on which it begins. */
  readonly weekdays: readonly number[];
  readonly from: number;
  readonly to: number;
}

const WINDOW = /^(?:(\S+)\s+)?(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})$/;
const DAYS_AHEAD = 8;

/** Reads windows with commas between them. @throws RangeError with a sentence */
export function readWindows(text: string): readonly Window[] {
  return text.split(",").map((each) => each.trim()).filter((each) => each !== "").map((each) => {
    const [, days = "mon-sun", fromHour, fromMinute, toHour, toMinute] = WINDOW.exec(each) ?? [];
    const from = minuteOf(fromHour, fromMinute);
    const to = minuteOf(toHour, toMinute);
    if (from === undefined || to === undefined || from === 1_440) {
      throw new RangeError(`"${each}" is no stretch of the day such as 08:00-20:00 or mon-fri 22:00-06:00`);
    }
    try {
      return { weekdays: weekdaysOf("days", days), from, to };
    } catch {
      throw new RangeError(`"${days}" in "${each}" are no days of the week such as mon-fri or sat`);
    }
  });
}

function minuteOf(hour: string | undefined, minute: string | undefined): number | undefined {
  if (hour === undefined || minute === undefined || Number(minute) > 59) return undefined;
  const all = Number(hour) * 60 + Number(minute);
  return all <= 1_440 ? all : undefined;
}

/** The end of the window that a moment is in, the latest where there are several; undefined where it is in none. */
export function endOfWindow(windows: readonly Window[], at: EpochMs, zone: string): EpochMs | undefined {
  const ends = stretches(windows, at, zone).filter(({ from, to }) => from <= at && at < to).map(({ to }) =>
    to
  );
  return ends.length === 0 ? undefined : Math.max(...ends);
}

/** The first moment at or after `at` that is in one of the windows; `at` itself where there are no windows. */
export function nextInside(windows: readonly Window[], at: EpochMs, zone: string): EpochMs {
  if (windows.length === 0) return at;
  const next = stretches(windows, at, zone).filter(({ to }) => to > at).map(({ from }) => Math.max(from, at));
  return next.length === 0 ? at : Math.min(...next);
}

/** The windows as moments, from the day before to a week ahead. */
function stretches(windows: readonly Window[], at: EpochMs, zone: string) {
  const today = instantOf(at).toZonedDateTimeISO(zone).toPlainDate();
  return Array.from({ length: DAYS_AHEAD + 2 }, (_, i) => today.add({ days: i - 1 })).flatMap((day) =>
    windows.filter(({ weekdays }) => weekdays.includes(day.dayOfWeek - 1)).map(({ from, to }) => ({
      from: momentOf(day, from, zone),
      to: to > from ? momentOf(day, to, zone) : momentOf(day.add({ days: 1 }), to, zone),
    }))
  );
}

function momentOf(day: Temporal.PlainDate, minute: number, zone: string): EpochMs {
  const time = { hour: Math.floor(minute / 60) % 24, minute: minute % 60 };
  return day.add({ days: minute === 1_440 ? 1 : 0 }).toZonedDateTime({ timeZone: zone, plainTime: time })
    .epochMilliseconds;
}
