/** Days that come every so many days, weeks or months from a date on. Days are counted from 1970-01-01. */
import { civilDate, epochDay, weekday } from "./calendar.ts";
import { type DayFilter, dayFilter, LAST_YEAR } from "./days.ts";
import { parseCronFields } from "./expression.ts";
import { type CronField, plainValues } from "./field.ts";

export function everyNthDay(n: number, anchor: number): DayFilter {
  return {
    matches: (day) => day >= anchor && (day - anchor) % n === 0,
    nextDay: (from) => from <= anchor ? anchor : anchor + Math.ceil((from - anchor) / n) * n,
  };
}

/** Weeks begin on Monday, and the one that holds the anchor counts. Without weekdays it is that of the anchor. */
export function everyNthWeek(n: number, anchor: number, weekdays: CronField | undefined): DayFilter {
  const wanted = weekdays ? plainValues(weekdays) ?? [] : [weekday(anchor)];
  const firstMonday = anchor - weekday(anchor);
  const weeksFrom = (day: number) => Math.floor((day - firstMonday) / 7);
  return {
    matches: (day) => day >= anchor && weeksFrom(day) % n === 0 && wanted.includes(weekday(day)),
    nextDay(from) {
      const start = Math.max(from, anchor);
      const week = Math.ceil(weeksFrom(start) / n) * n;
      for (const monday of [firstMonday + 7 * week, firstMonday + 7 * (week + n)]) {
        const found = wanted.find((day) => monday + day >= start);
        if (found !== undefined) return monday + found;
      }
      return null;
    },
  };
}

/** The month that holds the anchor counts. Without days it is that of the anchor; a month that has no such day is left out. */
export function everyNthMonth(n: number, anchor: number, days: CronField | undefined): DayFilter {
  const first = civilDate(anchor);
  const ofAnchor = parseCronFields({ day: String(first.day) });
  const inMonth = dayFilter({ ...ofAnchor, day: days ?? ofAnchor.day });
  const firstMonth = first.year * 12 + first.month - 1;
  const monthsTo = (year: number, month: number) => year * 12 + month - 1 - firstMonth;
  return {
    matches(day) {
      const { year, month } = civilDate(day);
      return day >= anchor && monthsTo(year, month) % n === 0 && inMonth.matches(day);
    },
    nextDay(from) {
      const start = Math.max(from, anchor);
      const date = civilDate(start);
      let month = firstMonth + Math.ceil(monthsTo(date.year, date.month) / n) * n;
      for (; month < (LAST_YEAR + 1) * 12; month += n) {
        const begin = epochDay(Math.floor(month / 12), month % 12 + 1, 1);
        const end = epochDay(Math.floor((month + 1) / 12), (month + 1) % 12 + 1, 1);
        const found = inMonth.nextDay(Math.max(begin, start));
        if (found === null) return null;
        if (found < end) return found;
      }
      return null;
    },
  };
}
