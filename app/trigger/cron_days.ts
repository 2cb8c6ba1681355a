/** Which dates match the date fields of `cron({...})`: year, month, day, week and dayOfWeek, all of them at once. */
import { civilDate, daysInMonth, epochDay, isoWeek, weekday } from "./calendar.ts";
import { type CronField, type Expression, FIELD_RANGE, plainValues } from "./expression.ts";
import type { CronFieldName } from "./trigger.ts";

/** croner searches up to this year; no trigger fires later. */
export const LAST_YEAR = 2999;

/** The Gregorian calendar with its weekdays repeats after 400 years: what has not matched by then never does. */
const CALENDAR_CYCLE_YEARS = 400;

/** Days are counted from 1970-01-01. */
export interface DayFilter {
  matches(day: number): boolean;
  /** First matching day at or after `day`, or null where there is none. Walks 400 years at the most. */
  nextDay(day: number): number | null;
}

export function dayFilter(fields: Readonly<Record<CronFieldName, CronField>>): DayFilter {
  const years = valueTest(fields.year);
  const months = valueTest(fields.month);
  const weeks = valueTest(fields.week);
  const weekdays = valueTest(fields.dayOfWeek);
  const monthDay = monthDayTest(fields.day.expressions);
  const weekMatters = !coversAll(fields.week);

  const dayMatches = (day: number, year: number, month: number, dayOfMonth: number) => {
    const dow = weekday(day);
    return weekdays(dow) && monthDay(year, month, dayOfMonth, dow) && (!weekMatters || weeks(isoWeek(day)));
  };

  return {
    matches(day) {
      const date = civilDate(day);
      return years(date.year) && months(date.month) && dayMatches(day, date.year, date.month, date.day);
    },
    nextDay(from) {
      const start = civilDate(from);
      const lastYear = Math.min(
        LAST_YEAR,
        start.year + CALENDAR_CYCLE_YEARS + yearsUntilFirst(fields.year, start.year),
      );
      for (let year = start.year; year <= lastYear; year++) {
        if (!years(year)) continue;
        for (let month = year === start.year ? start.month : 1; month <= 12; month++) {
          if (!months(month)) continue;
          const first = epochDay(year, month, 1);
          const length = daysInMonth(year, month);
          const begin = year === start.year && month === start.month ? start.day : 1;
          for (let dayOfMonth = begin; dayOfMonth <= length; dayOfMonth++) {
            if (dayMatches(first + dayOfMonth - 1, year, month, dayOfMonth)) return first + dayOfMonth - 1;
          }
        }
      }
      return null;
    },
  };
}

/** True where a field lets every value through. */
export function coversAll(field: CronField): boolean {
  const [min, max] = FIELD_RANGE[field.name];
  return plainValues(field)?.length === max - min + 1;
}

function valueTest(field: CronField): (value: number) => boolean {
  const allowed = new Set(plainValues(field) ?? []);
  return (value) => allowed.has(value);
}

function yearsUntilFirst(field: CronField, from: number): number {
  const first = plainValues(field)?.find((year) => year >= from);
  return first === undefined ? 0 : first - from;
}

type MonthDayTest = (year: number, month: number, day: number, dow: number) => boolean;

function monthDayTest(expressions: readonly Expression[]): MonthDayTest {
  const tests = expressions.map((expression): MonthDayTest => {
    switch (expression.kind) {
      case "values": {
        const allowed = new Set(expression.values);
        return (_year, _month, day) => allowed.has(day);
      }
      case "lastDay":
        return (year, month, day) => day === daysInMonth(year, month);
      case "nthWeekday":
        return (year, month, day, dow) =>
          dow === expression.weekday &&
          (expression.nth === -1
            ? day + 7 > daysInMonth(year, month)
            : Math.ceil(day / 7) === expression.nth);
    }
  });
  return (year, month, day, dow) => tests.some((test) => test(year, month, day, dow));
}
