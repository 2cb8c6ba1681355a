/** Triggers made at random for differential tests, most of them asked for near a change of the clock. */
import type { TriggerSpec } from "../../app/trigger/trigger.ts";
import { cron, every } from "../../app/trigger/declare.ts";
import { fc } from "./fast_check.ts";
import type { WallCase } from "./trigger_oracle.ts";

export interface IntervalCase {
  readonly kind: "interval";
  readonly timezone: string;
  readonly seconds: number;
  readonly startDate?: string;
  readonly endDate?: string;
}

export interface TriggerCase {
  readonly given: WallCase | IntervalCase;
  /** Fires are asked for strictly after this. */
  readonly after: Temporal.Instant;
}

export const CASE_ZONES = [
  "UTC",
  "Asia/Shanghai",
  "Asia/Kathmandu",
  "Europe/Stockholm",
  "America/New_York",
  "America/Santiago",
  "Australia/Lord_Howe",
  "Africa/Casablanca",
  "Africa/Cairo",
];
const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/** pytz, which APScheduler takes its zones from, ends in 2037. */
const FIRST = Temporal.Instant.from("2012-01-01T00:00:00Z");
const SPAN_SECONDS = 23 * 365 * 86_400;

/** As many cases as wanted; the same ones for the same seed. */
export function triggerCases(count: number, seed: number): TriggerCase[] {
  return fc.sample(triggerCase, { numRuns: count, seed });
}

export function specOf(given: WallCase | IntervalCase): TriggerSpec {
  const { timezone, startDate, endDate } = given;
  const bounds = { timezone, ...(startDate && { startDate }), ...(endDate && { endDate }) };
  if (given.kind === "interval") return every({ seconds: given.seconds, ...bounds });
  return given.kind === "cron" ? cron({ ...given.fields, ...bounds }) : cron(given.line ?? "", bounds);
}

/** The changes of a zone's clock in the years that are asked for. */
const CHANGES = new Map(CASE_ZONES.map((zone) => [zone, changesOf(zone)]));

function changesOf(zone: string): Temporal.Instant[] {
  const changes: Temporal.Instant[] = [];
  const end = FIRST.add({ seconds: SPAN_SECONDS });
  let at = FIRST.toZonedDateTimeISO(zone).getTimeZoneTransition("next");
  while (at && Temporal.Instant.compare(at.toInstant(), end) < 0) {
    changes.push(at.toInstant());
    at = at.getTimeZoneTransition("next");
  }
  return changes;
}

/** True where the clock of a zone is set within so many hours of an instant. */
export function isNearChange(at: Temporal.Instant, zone: string, hours: number): boolean {
  const change = at.subtract({ hours }).toZonedDateTimeISO(zone).getTimeZoneTransition("next");
  return change !== null && Temporal.Instant.compare(change.toInstant(), at.add({ hours })) <= 0;
}

function values(min: number, max: number): fc.Arbitrary<string> {
  const number = fc.integer({ min, max });
  return fc.oneof(
    { weight: 4, arbitrary: number.map(String) },
    {
      weight: 2,
      arbitrary: fc.uniqueArray(number, { minLength: 2, maxLength: 3 }).map((all) => all.join(",")),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(number, number).map((pair) => pair.sort((a, b) => a - b).join("-")),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(number, number).filter(([a, b]) => a !== b).map((pair) =>
        pair.sort((a, b) => a - b)
      )
        .chain(([a = 0, b = 0]) => fc.integer({ min: 1, max: b - a }).map((step) => `${a}-${b}/${step}`)),
    },
    { weight: 2, arbitrary: fc.integer({ min: 2, max: max - min }).map((step) => `*/${step}`) },
    { weight: 1, arbitrary: fc.constant("*") },
  );
}

/** Small hours as often as all the others together: there clocks are set. */
const hour = fc.oneof(values(0, 23), values(0, 4), fc.constantFrom("2", "0", "1,2,3", "2,14", "*", "*/2"));
const minute = fc.oneof(values(0, 59), fc.constantFrom("0", "30", "0,30", "*/20"));
const second = fc.oneof(
  { weight: 6, arbitrary: fc.constant("0") },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 59 }).map(String) },
  { weight: 1, arbitrary: fc.constantFrom("*/30", "5,10", "0-20/10") },
);
const monthDay = fc.oneof(
  { weight: 3, arbitrary: values(1, 31) },
  { weight: 1, arbitrary: fc.constant("last") },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom("1st", "2nd", "3rd", "4th", "5th", "last"),
      fc.constantFrom(...WEEKDAYS),
    )
      .map((pair) => pair.join(" ")),
  },
);
const weekday = fc.oneof(
  values(0, 6),
  fc.constantFrom(...WEEKDAYS),
  fc.constantFrom("mon-fri", "sat,sun", "tue-thu"),
);

/** Left out `times` times as often as not. */
function seldom<T>(arbitrary: fc.Arbitrary<T>, times: number): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: times, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

const fields = fc.record({
  month: seldom(values(1, 12), 6),
  day: seldom(monthDay, 3),
  week: seldom(values(1, 53), 12),
  dayOfWeek: seldom(weekday, 3),
  hour: seldom(hour, 1),
  minute: seldom(minute, 1),
  second: seldom(second, 4),
}).map((record) =>
  Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
).filter((record) => Object.keys(record).length > 0 && isSparse(record));

/** The oracle tries every time of day: not more than this many. */
function isSparse(record: Readonly<Record<string, string>>): boolean {
  const perUnit = (text: string | undefined, all: number) =>
    text === undefined || text === "*"
      ? all
      : Math.min(all, text.includes("-") || text.includes("*") ? all / 2 : 3);
  const isGiven = (name: string) => record[name] !== undefined;
  const hours = isGiven("hour") || isGiven("minute") || isGiven("second") ? perUnit(record.hour, 24) : 1;
  const minutes = isGiven("minute") || isGiven("second") ? perUnit(record.minute, 60) : 1;
  return hours * minutes * (isGiven("second") ? perUnit(record.second, 60) : 1) <= 1_500;
}

const crontabDay = fc.oneof(
  { weight: 6, arbitrary: fc.constant("*") },
  { weight: 4, arbitrary: values(1, 31) },
  { weight: 2, arbitrary: fc.constantFrom("L", "L-3", "LW", "15W", "1W", "31W", "1,L") },
);
const crontabWeekday = fc.oneof(
  { weight: 6, arbitrary: fc.constant("*") },
  { weight: 2, arbitrary: values(0, 6) },
  { weight: 2, arbitrary: fc.constantFrom("MON-FRI", "SUN", "FRI-SUN", "0,7", "SAT") },
  { weight: 2, arbitrary: fc.constantFrom("5#2", "5L", "MON#1", "FRI#L", "+1-5", "+FRI") },
);
const crontabLine = fc.tuple(
  seldom(second, 3),
  minute,
  hour,
  crontabDay,
  fc.oneof({ weight: 4, arbitrary: fc.constant("*") }, { weight: 1, arbitrary: values(1, 12) }),
  crontabWeekday,
).filter(([s, m, h]) => isSparse({ hour: h, minute: m, ...(s && { second: s }) }))
  .map((words) => words.filter((word) => word !== undefined).join(" "));

const zone = fc.constantFrom(...CASE_ZONES);

/** Near a change, or anywhere. */
function moment(timezone: string): fc.Arbitrary<Temporal.Instant> {
  const changes = CHANGES.get(timezone) ?? [];
  const anywhere = fc.integer({ min: 0, max: SPAN_SECONDS }).map((seconds) => FIRST.add({ seconds }));
  if (changes.length === 0) return anywhere;
  const near = fc.tuple(fc.constantFrom(...changes), fc.integer({ min: -100_000, max: 20_000 }))
    .map(([change, seconds]) => change.add({ seconds }));
  return fc.oneof({ weight: 2, arbitrary: near }, { weight: 1, arbitrary: anywhere });
}

const trigger = fc.oneof(
  { weight: 5, arbitrary: fields.map((record) => ({ kind: "cron" as const, fields: record })) },
  { weight: 3, arbitrary: crontabLine.map((line) => ({ kind: "crontab" as const, line })) },
  {
    weight: 2,
    arbitrary: fc.oneof(fc.integer({ min: 1, max: 90_000 }), fc.constantFrom(3_600, 86_400, 604_800, 900))
      .map((seconds) => ({ kind: "interval" as const, seconds })),
  },
);

/** Days from the moment that is asked for to a start or an end. */
const offsetDays = seldom(fc.integer({ min: 1, max: 40 }), 4);

const triggerCase: fc.Arbitrary<TriggerCase> = fc.tuple(zone, trigger).chain(([timezone, given]) =>
  fc.tuple(moment(timezone), offsetDays, offsetDays).map(([after, startDays, endDays]) => {
    const local = after.toZonedDateTimeISO(timezone).toPlainDate();
    // Noon: a start or an end that is itself left out or repeated is another question.
    const at = (days: number) => `${local.add({ days })} 12:00:00`;
    return {
      after,
      given: {
        ...given,
        timezone,
        ...(startDays !== undefined || given.kind === "interval"
          ? { startDate: at(given.kind === "interval" ? -(startDays ?? 1) : startDays ?? 0) }
          : {}),
        ...(endDays !== undefined ? { endDate: at((startDays ?? 0) + endDays) } : {}),
      },
    };
  })
);
