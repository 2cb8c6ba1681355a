import assert from "node:assert/strict";
import { compileTrigger } from "../../app/trigger/compile.ts";
import { every } from "../../app/trigger/declare.ts";
import { readTrigger, TriggerError, type TriggerSpec } from "../../app/trigger/trigger.ts";
import { fc } from "../support/fast_check.ts";

const ZONE = "Europe/Stockholm";

/** Fires from a local moment on, on the wall clock. */
function fires(spec: TriggerSpec, from: string, count: number): string[] {
  const trigger = compileTrigger(spec, { timezone: ZONE, anchor: 0 });
  const found: string[] = [];
  let at = trigger.next(
    Temporal.PlainDateTime.from(from).toZonedDateTime(ZONE).toInstant().subtract({ nanoseconds: 1 }),
  );
  while (at && found.length < count) {
    found.push(at.toZonedDateTimeISO(ZONE).toPlainDateTime().toString({ smallestUnit: "minute" }));
    at = trigger.next(at);
  }
  return found;
}

const CASES: [what: string, spec: TriggerSpec, from: string, expected: string[]][] = [
  ["every other Monday", every({ weeks: 2, on: "mon", at: "09:00", startDate: "2026-01-05" }), "2026-03-10", [
    "2026-03-16T09:00",
    "2026-03-30T09:00",
    "2026-04-13T09:00",
  ]],
  [
    "the week of the start date counts, also from its middle",
    every({ weeks: 2, on: "mon,thu", at: "09:00", startDate: "2026-01-07" }),
    "2026-01-01",
    ["2026-01-08T09:00", "2026-01-19T09:00", "2026-01-22T09:00", "2026-02-02T09:00"],
  ],
  [
    "without a weekday that of the start date",
    every({ weeks: 3, at: "09:00", startDate: "2026-01-07" }),
    "2026-01-01",
    ["2026-01-07T09:00", "2026-01-28T09:00"],
  ],
  [
    "every third day at two times, over the change of the clock",
    every({ days: 3, at: ["18:30", "02:30"], startDate: "2026-03-26" }),
    "2026-03-26",
    ["2026-03-26T02:30", "2026-03-26T18:30", "2026-03-29T03:00", "2026-03-29T18:30", "2026-04-01T02:30"],
  ],
  [
    "the start is a moment: a time before it does not fire that day",
    every({ days: 2, at: "09:00", startDate: "2026-01-05 12:00" }),
    "2026-01-01",
    ["2026-01-07T09:00"],
  ],
  [
    "every quarter on its last day",
    every({ months: 3, on: "last", at: "06:00", startDate: "2026-01-01" }),
    "2026-01-01",
    ["2026-01-31T06:00", "2026-04-30T06:00", "2026-07-31T06:00"],
  ],
  [
    "a month without the day is left out",
    every({ months: 1, at: "06:00", startDate: "2026-01-31" }),
    "2026-01-01",
    ["2026-01-31T06:00", "2026-03-31T06:00", "2026-05-31T06:00"],
  ],
  [
    "days of a month as cron has them",
    every({ months: 2, on: [15, "2nd fri"], at: "06:00", startDate: "2026-01-10" }),
    "2026-01-01",
    ["2026-01-15T06:00", "2026-03-13T06:00", "2026-03-15T06:00"],
  ],
  [
    "until the end",
    every({ months: 1, on: 1, at: "06:00", startDate: "2026-01-01", endDate: "2026-02-15" }),
    "2026-01-01",
    ["2026-01-01T06:00", "2026-02-01T06:00"],
  ],
];

for (const [what, spec, from, expected] of CASES) {
  Deno.test(`every so many days, weeks or months: ${what}`, () => {
    assert.deepEqual(fires(spec, from, expected.length + (what === "until the end" ? 1 : 0)), expected);
    assert.deepEqual(readTrigger(JSON.parse(JSON.stringify(spec))), spec);
  });
}

const WRONG: [given: Record<string, unknown>, message: RegExp][] = [
  [{ weeks: 2, on: "mon" }, /^every: startDate is missing: the date from which the weeks are counted/],
  [
    { weeks: 2, on: "mon", startDate: "2026-01-05" },
    /^every: at is missing: the time of day, such as "09:00"$/,
  ],
  [{ weeks: 2, at: "9", startDate: "2026-01-05" }, /^every: at: "9" is not a time of day; write "09:00"/],
  [{ weeks: 2, at: "24:00", startDate: "2026-01-05" }, /^every: at: "24:00" is not a time of day/],
  [{ weeks: 2, days: 1, at: "09:00", startDate: "2026-01-05" }, /^every: a time of day needs exactly one of/],
  [{ hours: 2, at: "09:00", startDate: "2026-01-05" }, /^every: unknown key "hours"/],
  [{ weeks: 0.5, at: "09:00", startDate: "2026-01-05" }, /^every: weeks: 0\.5 is not a whole number/],
  [{ days: 2, on: "mon", at: "09:00", startDate: "2026-01-05" }, /^every: on goes with weeks/],
  [
    { weeks: 2, on: "mun", at: "09:00", startDate: "2026-01-05" },
    /^every: on: "mun" is not allowed: "mun" is none/,
  ],
  [{ months: 2, on: 32, at: "09:00", startDate: "2026-01-05" }, /^every: on: "32" is not between 1 and 31$/],
  [{ months: 2, on: [], at: "09:00", startDate: "2026-01-05" }, /^every: on: \[\] is not a text or a list/],
  [
    { months: 2, at: "09:00", startDate: "soon" },
    /^startDate: "soon" is not a date and time; write "2026-01-31"/,
  ],
];

for (const [given, message] of WRONG) {
  Deno.test(`every so many days, weeks or months is refused: ${message}`, () => {
    assert.throws(() => every(given as never), (error) => {
      assert.ok(error instanceof TriggerError, String(error));
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("every so many days, weeks or months fires on the dates that counting days and months one by one finds", () => {
  const unit = fc.constantFrom("days" as const, "weeks" as const, "months" as const);
  const start = fc.integer({ min: 0, max: 3_000 }).map((days) =>
    Temporal.PlainDate.from("2024-01-01").add({ days })
  );
  fc.assert(
    fc.property(
      unit,
      fc.integer({ min: 1, max: 7 }),
      start,
      fc.integer({ min: 0, max: 900 }),
      (name, n, date, later) => {
        const spec = every({ [name]: n, at: "12:00", startDate: date.toString() } as never) as TriggerSpec;
        const trigger = compileTrigger(spec, { timezone: "UTC", anchor: 0 });
        const from = date.add({ days: later });
        let expected = date;
        for (let step = 0;; step++) {
          expected = date.add({ [name]: n * step });
          // A month without that day is left out, and add() gives its last day.
          if (name === "months" && expected.day !== date.day) continue;
          if (Temporal.PlainDate.compare(expected, from) >= 0) break;
        }
        const next = trigger.next(from.toZonedDateTime("UTC").toInstant());
        assert.equal(next?.toZonedDateTimeISO("UTC").toPlainDate().toString(), expected.toString());
      },
    ),
    { numRuns: 500, seed: 6 },
  );
});
