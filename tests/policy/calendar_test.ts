/** Working days: what a definition says of them, the countries that come along, and instants that move. */
import assert from "node:assert/strict";
import { instantOf } from "../../app/base/time.ts";
import type { Trigger } from "../../app/contracts.ts";
import { isWorkingDay, type WorkCalendar } from "../../app/policy/calendar.ts";
import type { CalendarDays } from "../../app/policy/calendar_file.ts";
import { closedBecause } from "../../app/policy/closed.ts";
import { calendarWarnings } from "../../app/policy/country_calendar.ts";
import { onWorkingDays } from "../../app/policy/moved_trigger.ts";
import { readPolicies } from "../../app/policy/policies.ts";
import { compileTrigger } from "../../app/trigger/compile.ts";
import { cron, every } from "../../app/trigger/declare.ts";
import type { TriggerSpec } from "../../app/trigger/trigger.ts";
import { fc } from "../support/fast_check.ts";

async function calendarOf(
  calendar: unknown,
  file: CalendarDays = { holidays: {}, workingDays: [] },
): Promise<WorkCalendar> {
  const read = await readPolicies({ calendar }, {
    calendarFile: () => Promise.resolve(file),
    warn: ({ key }) => assert.fail(key),
  });
  assert.ok(read.calendar);
  return read.calendar;
}

function day(text: string): Temporal.PlainDate {
  return Temporal.PlainDate.from(text);
}

const CHINA: [string, boolean][] = [
  ["2026-09-30", true],
  ["2026-10-01", false],
  ["2026-10-07", false],
  ["2026-10-08", true],
  // A Saturday that is worked instead, and one that is not.
  ["2026-10-10", true],
  ["2026-10-17", false],
];

for (const [date, works] of CHINA) {
  Deno.test(`China: ${date} is ${works ? "worked" : "off"}`, async () => {
    assert.equal(isWorkingDay(day(date), await calendarOf("cn")), works);
    assert.equal(isWorkingDay(day(date), await calendarOf({ country: "cn" })), works);
  });
}

Deno.test("a file goes before the country, and the task's own days before both", async () => {
  const calendar = await calendarOf({
    country: "cn",
    file: "ours.ics",
    holidays: "2026-10-10",
    workingDays: ["2026-10-02"],
  }, {
    holidays: { "2026-10-09": "Anniversary", "2026-10-02": "" },
    workingDays: ["2026-10-01", "2026-10-10"],
  });
  const works = (date: string) => isWorkingDay(day(date), calendar);
  assert.deepEqual(["2026-10-01", "2026-10-02", "2026-10-03", "2026-10-09", "2026-10-10"].map(works), [
    true,
    true,
    false,
    false,
    false,
  ]);
});

Deno.test("a year whose days off are not known has weekends only, and a warning, from December on for the next", async () => {
  const calendar = await calendarOf("cn");
  const last = Math.max(...calendar.years ?? []);
  const warned = (date: string, of: WorkCalendar = calendar) =>
    calendarWarnings(of, day(date)).map(({ key, values }) => `${key} ${values.year} ${values.country}`);
  assert.deepEqual(warned(`${last}-11-30`), []);
  assert.deepEqual(warned(`${last}-12-01`), [`warning.calendar_year ${last + 1} cn`]);
  assert.deepEqual(warned(`${last + 1}-05-01`), [`warning.calendar_year ${last + 1} cn`]);
  assert.equal(isWorkingDay(day("2200-10-01"), calendar), day("2200-10-01").dayOfWeek <= 5);
  // A file of the operator's that has the year makes up for it; a calendar without a country promises nothing.
  const file = { holidays: { [`${last + 1}-10-01`]: "国庆节" }, workingDays: [] };
  assert.deepEqual(warned(`${last + 1}-05-01`, await calendarOf({ country: "cn", file: "x.ics" }, file)), []);
  assert.deepEqual(warned("2200-05-01", await calendarOf({})), []);
});

Deno.test("a country that is not there, or a wrong word for a day off, is refused with what there is", async () => {
  await assert.rejects(calendarOf("china"), /^TypeError: defineTask: calendar: "china" is not one of cn$/);
  await assert.rejects(calendarOf({ country: "us" }), /calendar\.country: "us" is not one of cn/);
  await assert.rejects(
    calendarOf({ onHoliday: "later" }),
    /calendar\.onHoliday: "later" is not one of skip, next, previous/,
  );
  await assert.rejects(
    calendarOf({ holidays: Array(60).fill(0).map((_, i) => `${2000 + i}-01-01/${2000 + i}-12-31`) }),
    /more than 20000 days/,
  );
});

function trigger(spec: TriggerSpec, timezone: string): Trigger {
  return compileTrigger(spec, { timezone, anchor: Date.parse("2026-01-01T00:00:00Z") });
}

/** The local times of the first instants. */
function times(moved: Trigger, from: string, count: number): string[] {
  const found: string[] = [];
  let at: number | null =
    Temporal.PlainDateTime.from(from).toZonedDateTime(moved.timezone).epochMilliseconds - 1;
  while (found.length < count && (at = moved.nextMs(at)) !== null) {
    found.push(instantOf(at).toZonedDateTimeISO(moved.timezone).toPlainDateTime().toString());
  }
  return found;
}

Deno.test("an instant on a day off moves to the next working day, or to the one before, and those that meet are one", async () => {
  const daily = trigger(cron({ hour: 6 }), "Asia/Shanghai");
  const next = onWorkingDays(daily, await calendarOf({ country: "cn", onHoliday: "next" }));
  // 1 to 7 October are off, the 10th is a Saturday that is worked, the 11th a Sunday.
  assert.deepEqual(times(next, "2026-09-30", 5), [
    "2026-09-30T06:00:00",
    "2026-10-08T06:00:00",
    "2026-10-09T06:00:00",
    "2026-10-10T06:00:00",
    "2026-10-12T06:00:00",
  ]);
  const monthly = trigger(cron({ day: 1, hour: 9 }), "Asia/Shanghai");
  const previous = onWorkingDays(monthly, await calendarOf({ country: "cn", onHoliday: "previous" }));
  assert.deepEqual(times(previous, "2026-09-02", 2), ["2026-09-30T09:00:00", "2026-10-30T09:00:00"]);
  const months = onWorkingDays(monthly, await calendarOf({ country: "cn", onHoliday: "next" }));
  assert.deepEqual(times(months, "2026-09-02", 2), ["2026-10-08T09:00:00", "2026-11-02T09:00:00"]);
  assert.match(next.describe("en"), /; from a day off to the next working day$/);
  assert.notEqual(next.identity, daily.identity);
});

Deno.test("what a working day has of its own and what comes to it are in the order of the clock", async () => {
  const spec: TriggerSpec = {
    kind: "any",
    of: [cron({ dayOfWeek: "sat", hour: 8 }), cron({ dayOfWeek: "sun,mon", hour: 6 })],
  };
  const moved = onWorkingDays(trigger(spec, "UTC"), await calendarOf({ onHoliday: "next" }));
  assert.deepEqual(times(moved, "2026-03-07", 3), [
    "2026-03-09T06:00:00",
    "2026-03-09T08:00:00",
    "2026-03-16T06:00:00",
  ]);
});

Deno.test("skip moves nothing, and where no working day is near nothing moves either", async () => {
  const daily = trigger(cron({ hour: 6 }), "UTC");
  assert.equal(onWorkingDays(daily, undefined), daily);
  assert.equal(onWorkingDays(daily, await calendarOf("cn")), daily);
  const never = await calendarOf({
    holidays: Array.from({ length: 10 }, (_, i) => `${2026 + i}-01-01/${2026 + i}-12-31`),
    onHoliday: "next",
  });
  assert.deepEqual(times(onWorkingDays(daily, never), "2026-03-07", 2), [
    "2026-03-07T06:00:00",
    "2026-03-08T06:00:00",
  ]);
});

Deno.test("the second pass of a repeated hour may come before the first on the day they move to", async () => {
  const plain = trigger(every("45m", { startDate: "2026-10-25T00:00Z" }), "Europe/Stockholm");
  const calendar = await calendarOf({ onHoliday: "previous" });
  const moved = onWorkingDays(plain, calendar);
  const from = Date.parse("2026-10-22T12:00Z");
  const to = Date.parse("2026-10-24T12:00Z");
  const found: number[] = [];
  for (let at = moved.nextMs(from); at !== null && at <= to; at = moved.nextMs(at)) found.push(at);
  assert.deepEqual(found, byDefinition(plain, calendar, from, to));
  // 02:00 and 02:45 of the first pass with 02:30 of the second between them.
  assert.deepEqual(
    found.map((at) => instantOf(at).toZonedDateTimeISO(plain.timezone).toPlainTime().toString())
      .filter((time) => time.startsWith("02:")),
    ["02:00:00", "02:30:00", "02:45:00"],
  );
});

Deno.test("what moves into the hour that is left out comes at its end, also from the hour's own beginning", async () => {
  const daily = trigger(cron({ hour: "1,2,3", minute: "0,30" }), "America/New_York");
  const moved = onWorkingDays(daily, await calendarOf({ weekdays: "sun", onHoliday: "next" }));
  assert.deepEqual(times(moved, "2027-03-08", 5), [
    "2027-03-14T01:00:00",
    "2027-03-14T01:30:00",
    "2027-03-14T03:00:00",
    "2027-03-14T03:30:00",
    "2027-03-21T01:00:00",
  ]);
  const early = onWorkingDays(
    trigger(cron({ dayOfWeek: "fri", hour: 2 }), "America/New_York"),
    await calendarOf({ weekdays: "sun", onHoliday: "next" }),
  );
  assert.deepEqual(times(early, "2027-03-08", 2), ["2027-03-14T03:00:00", "2027-03-21T02:00:00"]);
});

/** The definition itself: each instant of the plain trigger to its day, then sorted, each once. */
function byDefinition(plain: Trigger, calendar: WorkCalendar, from: number, to: number): number[] {
  const margin = 100 * 86_400_000;
  const found = new Set<number>();
  // Most days have many instants.
  const workedFor = new Map<string, Temporal.PlainDate>();
  for (let at = plain.nextMs(from - margin); at !== null && at < to + margin; at = plain.nextMs(at)) {
    const local = instantOf(at).toZonedDateTimeISO(plain.timezone);
    const own = local.toPlainDate();
    let date = workedFor.get(own.toString()) ?? own;
    while (!isWorkingDay(date, calendar)) date = date.add({ days: calendar.onHoliday === "next" ? 1 : -1 });
    workedFor.set(own.toString(), date);
    if (date.equals(own)) found.add(at);
    else {
      found.add(firstThatIs(date.toPlainDateTime(local.toPlainTime()), plain.timezone));
    }
  }
  return [...found].filter((at) => at > from && at <= to).sort((a, b) => a - b);
}

/** The instant of a local time; of one that is left out, of the first minute after it that is not. */
function firstThatIs(wanted: Temporal.PlainDateTime, timezone: string): number {
  for (let time = wanted;; time = time.round({ smallestUnit: "minute" }).add({ minutes: 1 })) {
    const there = time.toZonedDateTime(timezone);
    if (there.toPlainDateTime().equals(time)) return there.epochMilliseconds;
  }
}

const SPECS: readonly TriggerSpec[] = [
  cron({ hour: "*/5", minute: 30 }),
  cron({ hour: "1,2,3", minute: "0,30" }),
  cron({ day: "1,15,last", hour: 2, minute: 30 }),
  cron({ dayOfWeek: "sat,sun", hour: "0,23", minute: 59 }),
  every("7h"),
  every("45m"),
];

Deno.test("random calendars: the moved instants are those of the definition, in order and each once", async () => {
  const arbitrary = fc.record({
    spec: fc.constantFrom(...SPECS),
    timezone: fc.constantFrom(
      "UTC",
      "Asia/Shanghai",
      "Europe/Stockholm",
      "America/New_York",
      "Australia/Lord_Howe",
      "America/Sao_Paulo",
    ),
    weekdays: fc.constantFrom("mon-fri", "mon-thu", "sun-sun", "tue,thu", "*"),
    onHoliday: fc.constantFrom("next", "previous"),
    offs: fc.array(fc.tuple(fc.integer({ min: 0, max: 380 }), fc.integer({ min: 0, max: 12 })), {
      maxLength: 12,
    }),
    works: fc.array(fc.integer({ min: 0, max: 380 }), { maxLength: 12 }),
    start: fc.integer({ min: 0, max: 330 }),
  });
  const origin = day("2026-01-01");
  await fc.assert(
    fc.asyncProperty(arbitrary, async ({ spec, timezone, weekdays, onHoliday, offs, works, start }) => {
      const calendar = await calendarOf({
        weekdays: weekdays === "sun-sun" ? "sun" : weekdays,
        onHoliday,
        holidays: offs.map(([at, length]) => {
          const first = origin.add({ days: at });
          return `${first}/${first.add({ days: length })}`;
        }),
        workingDays: works.map((at) => origin.add({ days: at }).toString()),
      });
      const plain = trigger(spec, timezone);
      const moved = onWorkingDays(plain, calendar);
      const from = origin.add({ days: start }).toZonedDateTime("UTC").epochMilliseconds + 12_345_678;
      const to = from + 35 * 86_400_000;
      const found: number[] = [];
      for (let at = moved.nextMs(from); at !== null && at <= to; at = moved.nextMs(at)) found.push(at);
      assert.deepEqual(found, byDefinition(plain, calendar, from, to));
      for (const at of found.slice(0, 50)) assert.equal(closedBecause(at, timezone, [], calendar), undefined);
    }),
    { numRuns: 150 },
  );
});
