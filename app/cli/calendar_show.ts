/** `carillon calendar show`: the days off of a year, of a country or as a task's calendar has them. */
import { instantOf } from "../base/time.ts";
import { suggestion } from "../base/suggestion.ts";
import type { Config } from "../config/config.ts";
import { dayOffReason, type WorkCalendar } from "../policy/calendar.ts";
import { COUNTRIES, type Country, countryDays, yearsOf } from "../policy/country_calendar.ts";
import { systemClock } from "../scheduler/clock.ts";
import { loadConfig } from "./arguments.ts";
import type { Arguments, Command } from "./command.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { openToLook } from "./offline.ts";
import { print, say, table } from "./output.ts";

const DEFAULT_COUNTRY: Country = "cn";

export const calendarShow: Command = {
  name: "calendar show",
  usage: `[${COUNTRIES.join(" | ")} | task]`,
  words: 1,
  summary: "the days off of a year, and the weekend days that are worked instead",
  flags: {
    year: { value: "YEAR", help: "which year (this one)" },
    json: { help: "as JSON, every day off of the year" },
  },
  configured: true,
  examples: [
    { line: "calendar show cn --year 2026", what: "China's days off in 2026" },
    { line: "calendar show sync_orders", what: "this year, as a task's calendar has it" },
  ],
  async run(given): Promise<ExitCode> {
    const [what = DEFAULT_COUNTRY] = given.words;
    const config = loadConfig(given);
    const year = yearOf(given, config);
    const calendar = await calendarOf(what, config);
    if (given.own.has("json")) print(JSON.stringify(daysJson(what, year, calendar), null, 2));
    else for (const line of calendarLines(what, year, calendar)) print(line);
    const { country, years } = calendar;
    if (country === undefined || !years || years.includes(year)) return 0;
    say(
      `the days off of ${year} are not known to "${country}" (${
        knownYears(years)
      }): only weekends are days off then`,
    );
    return 1;
  },
};

function yearOf({ own }: Arguments, { scheduler: { timezone } }: Config): number {
  const text = own.get("year");
  if (text === undefined) return instantOf(systemClock.now()).toZonedDateTimeISO(timezone).year;
  const year = Number(text);
  if (/^\d{4}$/.test(text) && year >= 1970 && year <= 2999) return year;
  throw new UsageError(`flag --year: "${text}" is not a year from 1970 to 2999`);
}

async function calendarOf(what: string, config: Config): Promise<WorkCalendar> {
  const country = COUNTRIES.find((each) => each === what);
  if (country !== undefined) {
    const days = countryDays(country);
    return {
      weekdays: [0, 1, 2, 3, 4],
      onHoliday: "skip",
      country,
      years: yearsOf(days).toSorted(),
      ...days,
    };
  }
  await using opened = await openToLook(config);
  const { tasks } = opened.carillon.queries;
  const task = tasks.find(what)?.task;
  if (!task) {
    const known = [...COUNTRIES, ...tasks.ids()];
    throw new UsageError(
      `no country and no task "${what}"; ${suggestion(what, known)}`,
    );
  }
  const { calendar } = task.description.policies;
  if (calendar) return calendar;
  throw new UsageError(`task ${what} has no calendar: every day is a working day for it`);
}

interface Day {
  readonly date: string;
  readonly weekday: number;
  /** Of a holiday that has one. */
  readonly name?: string | undefined;
}

interface Days {
  /** Days off but for those that no name or list makes so: plain weekends. */
  readonly off: readonly Day[];
  /** Worked although they are no day of the working week. */
  readonly worked: readonly Day[];
  readonly working: number;
  readonly total: number;
}

function daysOf(year: number, calendar: WorkCalendar): Days {
  const off: Day[] = [];
  const worked: Day[] = [];
  let working = 0;
  let total = 0;
  for (
    let day = Temporal.PlainDate.from({ year, month: 1, day: 1 });
    day.year === year;
    day = day.add({ days: 1 })
  ) {
    total++;
    const date = day.toString();
    const weekday = day.dayOfWeek - 1;
    const inWeek = calendar.weekdays.includes(weekday);
    if (!dayOffReason(day, calendar)) {
      working++;
      if (!inWeek) worked.push({ date, weekday });
    } else if (Object.hasOwn(calendar.holidays, date)) {
      off.push({ date, weekday, name: calendar.holidays[date] || undefined });
    }
  }
  return { off, worked, working, total };
}

const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

function calendarLines(what: string, year: number, calendar: WorkCalendar): string[] {
  const { off, worked, working, total } = daysOf(year, calendar);
  const week = calendar.weekdays.map((day) => WEEKDAYS[day]).join(" ");
  return [
    `${what} in ${year}: ${working} of ${total} days are worked; of a week ${week || "no day"}`,
    ...(off.length === 0 ? ["no days off beside the week's own"] : ["days off:"]),
    ...table(stretches(off)),
    ...(worked.length === 0 ? [] : ["worked instead:"]),
    ...table(worked.map(({ date, weekday }) => [`  ${date}`, WEEKDAYS[weekday] ?? ""])),
  ];
}

/** Days that follow each other and have one name are a line. */
function stretches(days: readonly Day[]): string[][] {
  const rows: { first: Day; last: Day; n: number }[] = [];
  for (const day of days) {
    const row = rows.at(-1);
    const follows = row && row.first.name === day.name &&
      Temporal.PlainDate.from(row.last.date).add({ days: 1 }).toString() === day.date;
    if (follows) {
      row.last = day;
      row.n++;
    } else rows.push({ first: day, last: day, n: 1 });
  }
  return rows.map(({ first, last, n }) => [
    n === 1 ? `  ${first.date}` : `  ${first.date} to ${last.date}`,
    n === 1 ? WEEKDAYS[first.weekday] ?? "" : `${n} days`,
    first.name ?? "",
  ]);
}

function daysJson(what: string, year: number, calendar: WorkCalendar) {
  const { off, worked, working, total } = daysOf(year, calendar);
  return {
    calendar: what,
    year,
    known: calendar.years?.includes(year) ?? true,
    weekdays: calendar.weekdays,
    days: total,
    working_days: working,
    days_off: off.map(({ date, name }) => ({ date, name: name ?? null })),
    worked: worked.map(({ date }) => date),
  };
}

function knownYears(years: readonly number[]): string {
  const [first, last] = [years[0], years.at(-1)];
  return first === last ? `known is ${first}` : `known are ${first} to ${last}`;
}
