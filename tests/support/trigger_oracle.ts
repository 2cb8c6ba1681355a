/**
 * An independent reading of docs/triggers.md: it walks every date, tries every time of day, and lets Temporal find the
 * instant. Slow, without arithmetic on offsets, and without a line of app/trigger, so that the two cannot share a fault.
 */

/** A trigger by the wall clock: texts of fields, in APScheduler's names and order of weekdays, or a crontab line. */
export interface WallCase {
  readonly kind: "cron" | "crontab";
  readonly timezone: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly line?: string;
  readonly startDate?: string;
  readonly endDate?: string;
}

const ORDER = ["year", "month", "day", "week", "dayOfWeek", "hour", "minute", "second"];
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const LEAST: Readonly<Record<string, number>> = { year: 1970, month: 1, day: 1, week: 1 };
const GREATEST: Readonly<Record<string, number>> = {
  year: 9999,
  month: 12,
  day: 31,
  week: 53,
  dayOfWeek: 6,
  hour: 23,
  minute: 59,
  second: 59,
};

interface Reading {
  /** Whether a date is one of the trigger's. */
  date(date: Temporal.PlainDate): boolean;
  readonly times: readonly Temporal.PlainTime[];
  readonly rhythm: boolean;
}

/** Up to `count` fires after an instant, looked for on so many dates. */
export function oracleFires(
  given: WallCase,
  after: Temporal.Instant,
  count: number,
  days: number,
): Temporal.Instant[] {
  const reading = given.kind === "cron" ? readFields(given.fields ?? {}) : readLine(given.line ?? "");
  const bound = (text: string | undefined) =>
    text === undefined
      ? undefined
      : Temporal.PlainDateTime.from(text.replace(" ", "T")).toZonedDateTime(given.timezone).toInstant();
  const [start, end] = [bound(given.startDate), bound(given.endDate)];
  const first = start && Temporal.Instant.compare(start, after) > 0 ? start : after;
  const found = new Map<bigint, Temporal.Instant>();
  let date = first.toZonedDateTimeISO(given.timezone).toPlainDate().subtract({ days: 2 });
  for (let day = 0; day < days; day++) {
    if (reading.date(date)) {
      for (const instant of instantsOn(date, reading, given.timezone)) {
        const isLater = Temporal.Instant.compare(instant, after) > 0;
        const isInside = (!start || Temporal.Instant.compare(instant, start) >= 0) &&
          (!end || Temporal.Instant.compare(instant, end) <= 0);
        if (isLater && isInside) found.set(instant.epochNanoseconds, instant);
      }
    }
    // Two days further than needed: where the clock goes back, an earlier date can fire later.
    if (found.size >= count && day > 4) {
      const sorted = sortedInstants(found);
      const last = sorted[count - 1];
      if (
        last &&
        Temporal.PlainDate.compare(
            last.toZonedDateTimeISO(given.timezone).toPlainDate().add({ days: 2 }),
            date,
          ) < 0
      ) return sorted.slice(0, count);
    }
    date = date.add({ days: 1 });
  }
  return sortedInstants(found).slice(0, count);
}

function sortedInstants(found: ReadonlyMap<bigint, Temporal.Instant>): Temporal.Instant[] {
  return [...found.values()].sort(Temporal.Instant.compare);
}

/** What becomes of the times of a date: see "When the clock is set". */
function instantsOn(date: Temporal.PlainDate, { times, rhythm }: Reading, zone: string): Temporal.Instant[] {
  const midnight = date.toZonedDateTime(zone);
  // A date that never was: its beginning is on another one.
  if (!midnight.toPlainDate().equals(date)) return [];
  const isPlain = midnight.hoursInDay === 24 && midnight.toPlainTime().equals(new Temporal.PlainTime());
  return times.flatMap((time) => {
    const shown = date.toPlainDateTime(time);
    const earlier = shown.toZonedDateTime(zone, { disambiguation: "earlier" });
    if (isPlain) return [earlier.toInstant()];
    const later = shown.toZonedDateTime(zone, { disambiguation: "later" });
    if (earlier.toPlainDateTime().equals(shown)) {
      return rhythm ? [earlier.toInstant(), later.toInstant()] : [earlier.toInstant()];
    }
    if (rhythm) return [];
    const gap = earlier.getTimeZoneTransition("next");
    if (!gap) throw new Error(`${shown} is left out in ${zone}, and no change is known`);
    return [gap.toInstant()];
  });
}

function readFields(fields: Readonly<Record<string, string>>): Reading {
  const smallest = ORDER.findLastIndex((name) => fields[name] !== undefined);
  const textOf = (name: string) => {
    const isAbove = ORDER.indexOf(name) < smallest;
    const implied = isAbove || ["year", "week", "dayOfWeek"].includes(name) ? "*" : String(LEAST[name] ?? 0);
    return fields[name] ?? implied;
  };
  const matches = (name: string, date: Temporal.PlainDate) =>
    textOf(name).toLowerCase().split(",").some((part) => matchesDate(part.trim(), name, date));
  return {
    date: (date) => ["year", "month", "day", "week", "dayOfWeek"].every((name) => matches(name, date)),
    times: timesOf(textOf("hour"), textOf("minute"), textOf("second")),
    rhythm: textOf("hour").includes("*"),
  };
}

function matchesDate(part: string, name: string, date: Temporal.PlainDate): boolean {
  const [nth = "", weekday] = part.split(/\s+/);
  if (name === "day" && part === "last") return date.day === date.daysInMonth;
  if (weekday !== undefined) {
    if (WEEKDAYS[date.dayOfWeek - 1] !== weekday) return false;
    return nth === "last" ? date.day + 7 > date.daysInMonth : Math.ceil(date.day / 7) === Number(nth[0]);
  }
  const value = {
    year: date.year,
    month: date.month,
    day: date.day,
    week: date.weekOfYear ?? 0,
    dayOfWeek: date.dayOfWeek - 1,
  }[name] ?? NaN;
  const names = name === "month" ? MONTHS : WEEKDAYS;
  return valuesOf(part, name, names).includes(value);
}

const KNOWN = new Map<string, readonly number[]>();

/** `*`, `a`, `a-b`, each with a step. */
function valuesOf(part: string, name: string, names: readonly string[] = []): readonly number[] {
  const key = `${name} ${part}`;
  const values = KNOWN.get(key) ?? readValues(part, name, names);
  KNOWN.set(key, values);
  return values;
}

function readValues(part: string, name: string, names: readonly string[]): number[] {
  const [range = "", step = "1"] = part.split("/");
  const [from, to] = range.split("-");
  const number = (word: string) =>
    names.includes(word) ? names.indexOf(word) + (LEAST[name] ?? 0) : Number(word);
  const max = GREATEST[name] ?? NaN;
  const first = range === "*" ? LEAST[name] ?? 0 : number(from ?? "");
  const last = range === "*" || (to === undefined && part.includes("/"))
    ? max
    : to === undefined
    ? first
    : number(to);
  const values: number[] = [];
  for (let value = first; value <= last; value += Number(step)) values.push(value);
  return values;
}

function timesOf(hour: string, minute: string, second: string): Temporal.PlainTime[] {
  const all = (
    text: string,
    name: string,
  ) => [...new Set(text.split(",").flatMap((part) => valuesOf(part, name)))];
  const [hours, minutes, seconds] = [all(hour, "hour"), all(minute, "minute"), all(second, "second")];
  return hours.flatMap((h) => minutes.flatMap((m) => seconds.map((s) => new Temporal.PlainTime(h, m, s))));
}

/** Five to seven fields, with Sunday as 0 and 7, `L`, `L-3`, `LW`, `15W`, `5#2` and `5L`. */
function readLine(line: string): Reading {
  const words = line.trim().toLowerCase().split(/\s+/);
  if (words.length === 5) words.unshift("0");
  const [second = "", minute = "", hour = "", day = "", month = "", weekday = "", year = "*"] = words;
  const together = weekday.startsWith("+");
  const dayOfWeek = weekday.replace("+", "");
  const monthDay = (date: Temporal.PlainDate) => day.split(",").some((part) => matchesMonthDay(part, date));
  const weekDay = (date: Temporal.PlainDate) =>
    dayOfWeek.split(",").some((part) => matchesWeekday(part, date));
  return {
    date: (date) =>
      valuesInList(year, "year").includes(date.year) &&
      valuesInList(month, "month", MONTHS).includes(date.month) &&
      (together || day.startsWith("*") || dayOfWeek.startsWith("*")
        ? monthDay(date) && weekDay(date)
        : monthDay(date) || weekDay(date)),
    times: timesOf(hour, minute, second),
    rhythm: hour.includes("*"),
  };
}

function valuesInList(text: string, name: string, names: readonly string[] = []): number[] {
  return text.split(",").flatMap((part) => valuesOf(part, name, names));
}

function matchesMonthDay(part: string, date: Temporal.PlainDate): boolean {
  const last = date.with({ day: date.daysInMonth });
  if (part === "lw") return date.equals(last.subtract({ days: Math.max(0, last.dayOfWeek - 5) }));
  if (part.startsWith("l")) return date.equals(last.subtract({ days: Number(part.slice(2) || 0) }));
  if (part.endsWith("w")) {
    const wanted = Number(part.slice(0, -1));
    if (wanted > date.daysInMonth) return false;
    const near = [0, -1, 1, -2, 2].map((days) => date.with({ day: wanted }).add({ days }))
      .find((each) => each.month === date.month && each.dayOfWeek <= 5);
    return near !== undefined && near.equals(date);
  }
  return valuesOf(part, "day").includes(date.day);
}

function matchesWeekday(part: string, date: Temporal.PlainDate): boolean {
  const sundayFirst = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
  const named = sundayFirst.reduce(
    (text, name, index) => text.replaceAll(`-${name}`, `-${index || 7}`).replaceAll(name, `${index}`),
    part,
  );
  const [, days = "", nth] = /^(.+?)(?:#(\d|l)|l)?$/.exec(named) ?? [];
  const isLast = nth === "l" || (nth === undefined && named.endsWith("l"));
  const values = days.startsWith("*")
    ? [0, 1, 2, 3, 4, 5, 6].filter((day) => day % Number(days.split("/")[1] ?? 1) === 0)
    : valuesOf(days, "dayOfWeek");
  if (!values.some((value) => value % 7 === date.dayOfWeek % 7)) return false;
  if (isLast) return date.day + 7 > date.daysInMonth;
  return nth === undefined || Math.ceil(date.day / 7) === Number(nth);
}
