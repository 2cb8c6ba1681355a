/** Days off of whole countries that come with Carillon, and the years for which they are known. */
import type { CalendarDays } from "./calendar_file.ts";
import { CN } from "./calendars/cn.ts";
import type { TaskWarning } from "./policy.ts";

const CALENDARS: Readonly<Record<"cn", Readonly<Record<number, CalendarDays>>>> = { cn: CN };
export type Country = keyof typeof CALENDARS;
export const COUNTRIES = Object.keys(CALENDARS) as readonly Country[];

/** All days of all years that are known. */
export function countryDays(country: Country): CalendarDays {
  const years = Object.values(CALENDARS[country]);
  return {
    holidays: Object.assign({}, ...years.map(({ holidays }) => holidays)) as Record<string, string>,
    workingDays: years.flatMap(({ workingDays }) => workingDays),
  };
}

/** The years that days are given for. */
export function yearsOf({ holidays, workingDays }: CalendarDays): readonly number[] {
  return [...new Set([...Object.keys(holidays), ...workingDays].map((day) => Number(day.slice(0, 4))))];
}

/** From this month on, it is time to know the days off of the next year. */
const NEXT_YEAR_FROM = 12;

/**
 * What to warn of today: the days off of this year are not known, or from December on those of the next. Asked again
 * from time to time, for a task may stay longer than what is known.
 */
export function calendarWarnings(
  calendar:
    | { readonly country?: Country | undefined; readonly years?: readonly number[] | undefined }
    | undefined,
  today: Temporal.PlainDate,
): readonly TaskWarning[] {
  const { country, years } = calendar ?? {};
  if (country === undefined || years === undefined) return [];
  const wanted = today.month >= NEXT_YEAR_FROM ? [today.year, today.year + 1] : [today.year];
  return wanted.filter((year) => !years.includes(year))
    .map((year) => ({ key: "warning.calendar_year", values: { year: String(year), country } }));
}
