/** `calendar`: a task's trigger starts it on working days only. */
import { sentence } from "../locale/sentence.ts";
import { isoDate } from "../base/date_text.ts";
import { shown } from "../base/shown.ts";
import { reason } from "../locale/reason.ts";
import { text } from "../locale/locale.ts";
import type { Locale } from "../model/locale.ts";
import type { RunReason } from "../model/reason.ts";
import type { CalendarDays } from "./calendar_file.ts";
import { COUNTRIES, type Country, countryDays, yearsOf } from "./country_calendar.ts";
import { objectOf, oneOf, refuse, textsOf } from "./option.ts";
import type { Policy, Reading } from "./policy.ts";
import { weekdaysOf } from "./weekdays.ts";

export interface CalendarKeys {
  /** Its trigger starts it on working days only: `"cn"` for China's, or days of your own. */
  readonly calendar?: Country | CalendarOptions;
}

export interface CalendarOptions {
  /** `"cn"`: China's days off and the weekend days that are worked instead, as far as they are published. */
  readonly country?: Country;
  /** Days of the week that are worked, in APScheduler's notation; `"mon-fri"` when left out. */
  readonly weekdays?: string;
  /** Days off: `"2026-10-01"`, or `"2026-10-01/2026-10-07"` for several, both included. */
  readonly holidays?: string | readonly string[];
  /** Days that are worked although the rest says otherwise. */
  readonly workingDays?: string | readonly string[];
  /**
   * An iCalendar file (RFC 5545) with whole-day events, relative to the task file: days off, and days that are worked
   * after all where Apple's `X-APPLE-SPECIAL-DAY:ALTERNATE-WORKDAY` or a name with 班 marks them. What it says of a day
   * goes before what `country` says.
   */
  readonly file?: string;
  /**
   * What becomes of an instant on a day off: `"skip"` (when left out) records it as skipped, `"next"` moves it to the
   * same time of the next working day, `"previous"` to that of the one before. Instants that meet there are one.
   */
  readonly onHoliday?: OnHoliday;
}

const ON_HOLIDAY = ["skip", "next", "previous"] as const;
export type OnHoliday = (typeof ON_HOLIDAY)[number];

/** Which days are working days. */
export interface WorkCalendar extends CalendarDays {
  /** 0 = Monday. */
  readonly weekdays: readonly number[];
  readonly onHoliday: OnHoliday;
  readonly country?: Country | undefined;
  /** With a country, the years whose days off are known. */
  readonly years?: readonly number[] | undefined;
}

const KEYS = ["country", "weekdays", "holidays", "workingDays", "file", "onHoliday"];

export const calendar: Policy<CalendarKeys, { readonly calendar?: WorkCalendar | undefined }> = {
  keys: { calendar: "policy.calendar" },
  read: async ({ calendar }, reading) => ({
    calendar: calendar === undefined ? undefined : await readCalendar(calendar, reading),
  }),
  wordsOf: ({ calendar }, locale) => ({ calendar: calendar && calendarText(calendar, locale) }),
};

async function readCalendar(calendar: unknown, reading: Reading): Promise<WorkCalendar> {
  const given = typeof calendar === "string"
    ? { country: oneOf("calendar", calendar, COUNTRIES) }
    : objectOf("calendar", calendar, KEYS);
  const country = given.country === undefined
    ? undefined
    : oneOf("calendar.country", given.country, COUNTRIES);
  const weekdays = weekdaysOf("calendar.weekdays", given.weekdays ?? "mon-fri");
  const onHoliday = oneOf("calendar.onHoliday", given.onHoliday ?? "skip", ON_HOLIDAY);
  const own: CalendarDays = {
    holidays: Object.fromEntries(daysOf("calendar.holidays", given.holidays).map((day) => [day, ""])),
    workingDays: daysOf("calendar.workingDays", given.workingDays),
  };
  const layers: CalendarDays[] = country === undefined ? [] : [countryDays(country)];
  if (given.file !== undefined) layers.push(await fileDays(given.file, reading));
  layers.push(own);
  const years = country === undefined ? undefined : [...new Set(layers.flatMap(yearsOf))].sort();
  return { weekdays, onHoliday, country, years, ...merged(layers) };
}

async function fileDays(file: unknown, reading: Reading): Promise<CalendarDays> {
  if (typeof file === "string" && file.trim() !== "") return await reading.calendarFile(file);
  return refuse("calendar.file", sentence("mistake.calendar.name", { value: shown(file) }));
}

/** What a later layer says of a day goes before what an earlier one says. */
function merged(layers: readonly CalendarDays[]): CalendarDays {
  const holidays = new Map<string, string>();
  const workingDays = new Set<string>();
  for (const layer of layers) {
    for (const [day, name] of Object.entries(layer.holidays)) {
      holidays.set(day, name || (holidays.get(day) ?? ""));
      workingDays.delete(day);
    }
    for (const day of layer.workingDays) {
      workingDays.add(day);
      holidays.delete(day);
    }
  }
  return { holidays: Object.fromEntries(holidays), workingDays: [...workingDays] };
}

/** Longest stretch of days in one text. */
const MAX_STRETCH = 366;
/** More days than this in one list are a mistake. */
const MAX_DAYS = 20_000;

function daysOf(key: string, given: unknown): readonly string[] {
  const days = textsOf(key, given).flatMap((text) => {
    try {
      const [from = "", to = from] = text.split("/");
      const first = Temporal.PlainDate.from(isoDate(from) ?? "");
      const count = first.until(isoDate(to) ?? "").days + 1;
      if (count < 1 || count > MAX_STRETCH) throw new RangeError("the stretch is empty or too long");
      return Array.from({ length: count }, (_, i) => first.add({ days: i }).toString());
    } catch {
      return refuse(key, sentence("mistake.calendar.day", { value: shown(text) }));
    }
  });
  return days.length <= MAX_DAYS ? days : refuse(key, sentence("mistake.calendar.days", { most: MAX_DAYS }));
}

function calendarText({ onHoliday, country }: WorkCalendar, locale: Locale): string {
  const value = text(locale, onHoliday === "skip" ? "policy.calendar_value" : `calendar.${onHoliday}`);
  return country === undefined
    ? value
    : text(locale, "calendar.of", { value, country: text(locale, `country.${country}`) });
}

/** Why nothing is started on a day; undefined on a working day. */
export function dayOffReason(date: Temporal.PlainDate, calendar: WorkCalendar): RunReason | undefined {
  const day = date.toString();
  if (calendar.workingDays.includes(day)) return undefined;
  const name = Object.hasOwn(calendar.holidays, day) ? calendar.holidays[day] : undefined;
  if (name) return reason("reason.holiday", { day, name });
  const works = name === undefined && calendar.weekdays.includes(date.dayOfWeek - 1);
  return works ? undefined : reason("reason.day_off", { day });
}

export function isWorkingDay(date: Temporal.PlainDate, calendar: WorkCalendar): boolean {
  return dayOffReason(date, calendar) === undefined;
}
