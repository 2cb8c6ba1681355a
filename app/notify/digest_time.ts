/** When a target gets its report: `daily 08:00`, or `weekly mon 08:00`. */
import { type EpochMs, instantOf } from "../base/time.ts";
import { weekdaysOf } from "../policy/weekdays.ts";

export interface DigestTime {
  /** 0 = Monday; undefined for each day. */
  readonly weekday?: number | undefined;
  /** `08:00` */
  readonly time: string;
}

const FORM = /^(?:(daily)|weekly\s+([a-z]{3}))\s+((?:[01]?\d|2[0-3]):[0-5]\d)$/i;

/** @throws RangeError with a sentence */
export function readDigestTime(text: string): DigestTime {
  const [, daily, day, time] = FORM.exec(text.trim()) ?? [];
  if (time === undefined) throw new RangeError(`"${text}" is not like daily 08:00 or weekly mon 08:00`);
  if (daily !== undefined) return { time: time.padStart(5, "0") };
  try {
    const [weekday] = weekdaysOf("day", day);
    return { weekday, time: time.padStart(5, "0") };
  } catch {
    throw new RangeError(`"${day}" in "${text}" is no day of the week such as mon`);
  }
}

/** The newest moment at or before `now` at which a report is due, and how long the stretch is that it is about. */
export function lastDigest(
  { weekday, time }: DigestTime,
  now: EpochMs,
  zone: string,
): { readonly from: EpochMs; readonly to: EpochMs } {
  const today = instantOf(now).toZonedDateTimeISO(zone).toPlainDate();
  const momentOf = (day: Temporal.PlainDate) =>
    day.toZonedDateTime({ timeZone: zone, plainTime: time }).epochMilliseconds;
  for (let days = 0; days <= 8; days++) {
    const day = today.subtract({ days });
    if (weekday !== undefined && day.dayOfWeek - 1 !== weekday) continue;
    if (momentOf(day) > now) continue;
    return { from: momentOf(day.subtract({ days: weekday === undefined ? 1 : 7 })), to: momentOf(day) };
  }
  throw new Error(`no ${time} in nine days before ${instantOf(now)}`);
}
