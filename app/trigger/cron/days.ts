/** Which dates match the date fields of a cron trigger: year, month, day, week and dayOfWeek. */
import { civilDate, daysInMonth, epochDay, isoWeek, weekday } from "./calendar.ts";
import { coversAll, type CronField, type CronFields, type Expression, plainValues } from "./field.ts";

/** No trigger fires in a later year. */
export const LAST_YEAR = 2999;

/** The Gregorian calendar with its weekdays repeats after 400 years: what has not matched by then never does. */
const CALENDAR_CYCLE_YEARS = 400;

/** Days are counted from 1970-01-01. */
export interface DayFilter {
  matches(day: number): boolean;
  /** First matching day at or after `day`, or null where there is none. Walks 400 years at the most. */
  nextDay(day: number): number | null;
}

/** Whether a date has to match both the day of the month and the day of the week, or one of them is enough. */
export type DayRule = "both" | "either";

export function dayFilter(fields: CronFields, rule: DayRule = "both"): DayFilter {
  const years = valueTest(fields.year);
  const yearFrom = nextYearOf(fields.year);
  const months = valueTest(fields.month);
  const weeks = coversAll(fields.week) ? undefined : valueTest(fields.week);
  const dayOfMonth = anyOf(fields.day.expressions.map(dayOfMonthTest));
  const dayOfWeek = anyOf(fields.dayOfWeek.expressions.map(dayOfWeekTest));
  /** `first` is the first day of the month, `length` how many it has. */
  const dayMatches = (first: number, day: number, length: number) => {
    const dow = weekday(first + day - 1);
    return (rule === "both"
      ? dayOfMonth(day, length, dow) && dayOfWeek(day, length, dow)
      : dayOfMonth(day, length, dow) || dayOfWeek(day, length, dow)) &&
      (weeks === undefined || weeks(isoWeek(first + day - 1)));
  };

  return {
    matches(day) {
      const { year, month, day: dayInMonth } = civilDate(day);
      return years(year) && months(month) &&
        dayMatches(day - dayInMonth + 1, dayInMonth, daysInMonth(year, month));
    },
    nextDay(from) {
      const start = civilDate(from);
      const lastYear = Math.min(
        LAST_YEAR,
        yearFrom(start.year) + CALENDAR_CYCLE_YEARS,
      );
      for (let year = start.year; year <= lastYear; year++) {
        if (!years(year)) continue;
        for (let month = year === start.year ? start.month : 1; month <= 12; month++) {
          if (!months(month)) continue;
          const first = epochDay(year, month, 1);
          const length = daysInMonth(year, month);
          const begin = year === start.year && month === start.month ? start.day : 1;
          for (let day = begin; day <= length; day++) {
            if (dayMatches(first, day, length)) return first + day - 1;
          }
        }
      }
      return null;
    },
  };
}

/** `day` of the month, `length` of the month in days, `dow` 0 = Monday. */
type DateTest = (day: number, length: number, dow: number) => boolean;

function anyOf(tests: readonly DateTest[]): DateTest {
  const [only] = tests;
  return tests.length === 1 && only
    ? only
    : (day, length, dow) => tests.some((test) => test(day, length, dow));
}

function dayOfMonthTest(expression: Expression): DateTest {
  switch (expression.kind) {
    case "values": {
      const allowed = new Set(expression.values);
      return allowed.size === 31 ? () => true : (day) => allowed.has(day);
    }
    case "lastDay":
      return (day, length) => day === length - expression.before;
    case "lastWorkday":
      return (day, length, dow) => {
        const lastWeekday = (dow + length - day) % 7;
        return day === length - Math.max(0, lastWeekday - 4);
      };
    case "nearestWorkday":
      return (day, length, dow) => day === nearestWorkday(expression.day, day, length, dow);
    case "nthWeekday":
      return nthWeekdayTest(expression.weekday, expression.nth);
  }
}

function dayOfWeekTest(expression: Expression): DateTest {
  if (expression.kind === "nthWeekday") return nthWeekdayTest(expression.weekday, expression.nth);
  const allowed = new Set(expression.kind === "values" ? expression.values : []);
  return allowed.size === 7 ? () => true : (_day, _length, dow) => allowed.has(dow);
}

function nthWeekdayTest(wanted: number, nth: number): DateTest {
  return (day, length, dow) => dow === wanted && (nth === -1 ? day + 7 > length : Math.ceil(day / 7) === nth);
}

/** The day from Monday to Friday that is nearest to a day of the same month; 0 where the month is too short for it. */
function nearestWorkday(wanted: number, day: number, length: number, dow: number): number {
  if (wanted > length) return 0;
  switch (((dow + wanted - day) % 7 + 7) % 7) {
    case 5:
      return wanted === 1 ? wanted + 2 : wanted - 1;
    case 6:
      return wanted === length ? wanted - 2 : wanted + 1;
    default:
      return wanted;
  }
}

function valueTest(field: CronField): (value: number) => boolean {
  if (coversAll(field)) return () => true;
  const allowed = new Set(plainValues(field) ?? []);
  return (value) => allowed.has(value);
}

/** The first allowed year at or after another. */
function nextYearOf(field: CronField): (from: number) => number {
  if (coversAll(field)) return (from) => from;
  const years = plainValues(field) ?? [];
  return (from) => years.find((year) => year >= from) ?? from;
}
