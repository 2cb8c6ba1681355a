/** The table of docs/triggers.md: what happens when the clock is set. */
import assert from "node:assert/strict";
import { compileTrigger } from "../../app/trigger/compile.ts";
import { anyOf, at, cron, every } from "../../app/trigger/declare.ts";
import type { TriggerSpec } from "../../app/trigger/trigger.ts";

/** Fires from a local moment on, as wall clock with offset. */
function fires(spec: TriggerSpec, zone: string, from: string, count: number): string[] {
  const start = Temporal.PlainDateTime.from(from).toZonedDateTime(zone).toInstant();
  const trigger = compileTrigger(spec, { timezone: zone, anchor: start.epochMilliseconds });
  const found: string[] = [];
  let at = trigger.next(start.subtract({ nanoseconds: 1 }));
  while (at && found.length < count) {
    found.push(at.toZonedDateTimeISO(zone).toString({ smallestUnit: "minute", timeZoneName: "never" }));
    at = trigger.next(at);
  }
  return found;
}

/** In the gap of 29 March a listed time comes at its end, and in the hour of 25 October at its first pass. */
const LISTED: [what: string, spec: TriggerSpec, from: string, expected: string[]][] = [
  ["two hours in a list, spring", cron({ hour: "2,14", minute: 30 }), "2026-03-28T20:00", [
    "2026-03-29T03:00+02:00",
    "2026-03-29T14:30+02:00",
    "2026-03-30T02:30+02:00",
  ]],
  ["two hours in a list, autumn", cron({ hour: "2,14", minute: 30 }), "2026-10-24T20:00", [
    "2026-10-25T02:30+02:00",
    "2026-10-25T14:30+01:00",
    "2026-10-26T02:30+01:00",
  ]],
  [
    "two minutes, spring: both at the end of the gap, once",
    cron({ hour: 2, minute: "0,30" }),
    "2026-03-28T20:00",
    [
      "2026-03-29T03:00+02:00",
      "2026-03-30T02:00+02:00",
      "2026-03-30T02:30+02:00",
    ],
  ],
  ["two minutes, autumn", cron({ hour: 2, minute: "0,30" }), "2026-10-24T20:00", [
    "2026-10-25T02:00+02:00",
    "2026-10-25T02:30+02:00",
    "2026-10-26T02:00+01:00",
  ]],
  ["a step of minutes in a listed hour, spring", cron({ hour: 2, minute: "*/20" }), "2026-03-28T20:00", [
    "2026-03-29T03:00+02:00",
    "2026-03-30T02:00+02:00",
  ]],
  ["a step of minutes in a listed hour, autumn", cron({ hour: 2, minute: "*/20" }), "2026-10-24T20:00", [
    "2026-10-25T02:00+02:00",
    "2026-10-25T02:20+02:00",
    "2026-10-25T02:40+02:00",
    "2026-10-26T02:00+01:00",
  ]],
  ["a range of hours, spring: 2:00 falls on 3:00", cron({ hour: "1-3" }), "2026-03-28T20:00", [
    "2026-03-29T01:00+01:00",
    "2026-03-29T03:00+02:00",
    "2026-03-30T01:00+02:00",
  ]],
  ["a step of hours keeps running, spring", cron({ hour: "*/2", minute: 30 }), "2026-03-28T23:00", [
    "2026-03-29T00:30+01:00",
    "2026-03-29T04:30+02:00",
  ]],
  ["a step of hours keeps running, autumn", cron({ hour: "*/2" }), "2026-10-24T23:00", [
    "2026-10-25T00:00+02:00",
    "2026-10-25T02:00+02:00",
    "2026-10-25T02:00+01:00",
    "2026-10-25T04:00+01:00",
  ]],
];

for (const [what, spec, from, expected] of LISTED) {
  Deno.test(`Europe/Stockholm: ${what}`, () =>
    assert.deepEqual(fires(spec, "Europe/Stockholm", from, expected.length), expected));
}

const ALIKE: [what: string, specs: TriggerSpec[]][] = [
  ["a list of hours, a list of triggers and a crontab line", [
    cron({ hour: "2,14", minute: 30 }),
    anyOf(cron({ hour: 2, minute: 30 }), cron({ hour: 14, minute: 30 })),
    cron("30 2,14 * * *"),
  ]],
  ["a time every day, by field, by line and by date", [
    cron({ hour: 2, minute: 30 }),
    cron("30 2 * * *"),
    every({ days: 1, at: "02:30", startDate: "2026-01-01" }),
  ]],
  ["a rhythm of hours, by field and by line", [cron({ hour: "*/2", minute: 30 }), cron("30 */2 * * *")]],
  ["weekdays, by name, by APScheduler's number and by crontab's", [
    cron({ dayOfWeek: "sun", hour: 2 }),
    cron({ dayOfWeek: 6, hour: 2 }),
    cron("0 2 * * 0"),
    cron("0 2 * * 7"),
    every({ weeks: 1, on: "sun", at: "2:00", startDate: "2026-01-01" }),
  ]],
];

for (const [what, [first, ...others]] of ALIKE) {
  for (const zone of ["Europe/Stockholm", "America/Santiago", "Australia/Lord_Howe"]) {
    Deno.test(`two notations of one rule agree in ${zone}: ${what}`, () => {
      assert.ok(first);
      const expected = fires(first, zone, "2026-01-01T00:00", 1_000);
      for (const other of others) assert.deepEqual(fires(other, zone, "2026-01-01T00:00", 1_000), expected);
    });
  }
}

const CASES: [what: string, spec: TriggerSpec, zone: string, from: string, expected: string[]][] = [
  [
    "a fixed time in the gap runs at its end, once",
    cron({ hour: 2, minute: 30 }),
    "Europe/Stockholm",
    "2026-03-28T12:00",
    [
      "2026-03-29T03:00+02:00",
      "2026-03-30T02:30+02:00",
    ],
  ],
  [
    "a fixed time in the repeated hour runs once",
    cron({ hour: 2, minute: 30 }),
    "Europe/Stockholm",
    "2026-10-24T12:00",
    [
      "2026-10-25T02:30+02:00",
      "2026-10-26T02:30+01:00",
    ],
  ],
  [
    "a rhythm of minutes keeps running over the repeated hour",
    cron({ minute: "*/30" }),
    "Europe/Stockholm",
    "2026-10-25T01:45",
    [
      "2026-10-25T02:00+02:00",
      "2026-10-25T02:30+02:00",
      "2026-10-25T02:00+01:00",
      "2026-10-25T02:30+01:00",
      "2026-10-25T03:00+01:00",
    ],
  ],
  [
    "an interval is a length of time, whatever the clock does",
    every("1h"),
    "Europe/Stockholm",
    "2026-03-29T00:30",
    [
      "2026-03-29T01:30+01:00",
      "2026-03-29T03:30+02:00",
      "2026-03-29T04:30+02:00",
    ],
  ],
  ["New York, spring", cron({ hour: 2, minute: 30 }), "America/New_York", "2026-03-07T12:00", [
    "2026-03-08T03:00-04:00",
    "2026-03-09T02:30-04:00",
  ]],
  ["New York, autumn", cron({ hour: 1, minute: 30 }), "America/New_York", "2026-10-31T12:00", [
    "2026-11-01T01:30-04:00",
    "2026-11-02T01:30-05:00",
  ]],
  [
    "Lord Howe, half an hour forward",
    cron({ hour: 2, minute: 15 }),
    "Australia/Lord_Howe",
    "2026-10-03T12:00",
    [
      "2026-10-04T02:30+11:00",
      "2026-10-05T02:15+11:00",
    ],
  ],
  ["Lord Howe, half an hour back", cron({ hour: 1, minute: 45 }), "Australia/Lord_Howe", "2026-04-04T12:00", [
    "2026-04-05T01:45+11:00",
    "2026-04-06T01:45+10:30",
  ]],
  ["Apia, the day that never was", cron({ hour: 10 }), "Pacific/Apia", "2011-12-28T12:00", [
    "2011-12-29T10:00-10:00",
    "2011-12-31T10:00+14:00",
  ]],
  [
    "Apia, on the 30th only: not that month",
    cron({ day: 30, hour: 10 }),
    "Pacific/Apia",
    "2011-12-01T00:00",
    [
      "2012-01-30T10:00+14:00",
    ],
  ],
  ["Casablanca, back for Ramadan", cron({ hour: 2, minute: 30 }), "Africa/Casablanca", "2026-02-14T12:00", [
    "2026-02-15T02:30+01:00",
    "2026-02-16T02:30+00:00",
  ]],
  [
    "Casablanca, forward after Ramadan",
    cron({ hour: 2, minute: 30 }),
    "Africa/Casablanca",
    "2026-03-21T12:00",
    [
      "2026-03-22T03:00+01:00",
      "2026-03-23T02:30+01:00",
    ],
  ],
];

for (const [what, spec, zone, from, expected] of CASES) {
  Deno.test(`${zone}: ${what}`, () => assert.deepEqual(fires(spec, zone, from, expected.length), expected));
}

/** What Carillon does where APScheduler has a fault: the last column of docs/triggers.md, "Against APScheduler". */
const FAULTS: [what: string, spec: TriggerSpec, zone: string, after: string, expected: string[]][] = [
  ["in a gap", cron({ hour: "2,14", minute: 46 }), "Europe/Stockholm", "2024-03-30T15:50:34Z", [
    "2024-03-31T01:00:00Z",
    "2024-03-31T12:46:00Z",
  ]],
  ["at a midnight in a gap", cron({ hour: 0 }), "Africa/Cairo", "2026-04-23T13:00:00Z", [
    "2026-04-23T22:00:00Z",
    "2026-04-24T21:00:00Z",
  ]],
  ["at the midnight after a change", cron({ hour: 0 }), "Europe/Stockholm", "2012-03-24T05:37:29Z", [
    "2012-03-24T23:00:00Z",
    "2012-03-25T22:00:00Z",
  ]],
  ["in the first pass", cron({ hour: 2, minute: "0,30" }), "Europe/Stockholm", "2017-10-28T15:15:04Z", [
    "2017-10-29T00:00:00Z",
    "2017-10-29T00:30:00Z",
    "2017-10-30T01:00:00Z",
  ]],
  ["in one pass only", cron({ hour: "2-14/10" }), "Africa/Casablanca", "2020-04-18T12:00:00Z", [
    "2020-04-19T01:00:00Z",
    "2020-04-19T12:00:00Z",
  ]],
  ["in both passes of a rhythm", cron({ minute: 30 }), "Europe/Stockholm", "2012-10-27T22:48:06Z", [
    "2012-10-27T23:30:00Z",
    "2012-10-28T00:30:00Z",
    "2012-10-28T01:30:00Z",
  ]],
  ["a step of minutes", cron({ hour: 1, minute: "*/33" }), "Australia/Lord_Howe", "2012-03-31T10:00:00Z", [
    "2012-03-31T14:00:00Z",
    "2012-03-31T14:33:00Z",
  ]],
  ["the first time after a change", cron({ month: "3-8" }), "America/New_York", "2015-11-01T06:03:16Z", [
    "2016-03-01T05:00:00Z",
    "2016-04-01T04:00:00Z",
    "2016-05-01T04:00:00Z",
  ]],
  ["a rule that never fires", cron({ day: "3rd sun", dayOfWeek: "4,1" }), "UTC", "2026-01-01T00:00:00Z", []],
  ["weekdays of a line", cron("0 9 * * 1"), "UTC", "2026-01-01T00:00:00Z", ["2026-01-05T09:00:00Z"]],
];

for (const [what, spec, zone, after, expected] of FAULTS) {
  Deno.test(`where APScheduler has a fault: ${what}`, () => {
    const trigger = compileTrigger(spec, { timezone: zone, anchor: 0 });
    const found: string[] = [];
    let at = trigger.next(Temporal.Instant.from(after));
    while (at && found.length < Math.max(1, expected.length)) {
      found.push(at.toString());
      at = trigger.next(at);
    }
    assert.deepEqual(found, expected);
  });
}

Deno.test("a date that the clock leaves out is the end of the gap, wherever it stands", () => {
  const zone = "Europe/Stockholm";
  const date = "2027-03-28 02:30";
  const end = "2027-03-28T03:00+02:00";
  const specs = [
    cron({ hour: 2, minute: 30, startDate: date }),
    cron({ hour: 2, minute: 30, endDate: date }),
    every("1h", { startDate: date }),
    at(date),
  ];
  for (const spec of specs) {
    assert.equal(fires(spec, zone, "2027-03-28T00:00", 4).find((each) => each >= end), end);
  }
  assert.deepEqual(fires(cron({ hour: 2, minute: 30, endDate: date }), zone, "2027-03-27T20:00", 3), [end]);
});

Deno.test("a date that is left out as a whole begins where the next one does", () => {
  const [first] = fires(at("2011-12-30 12:00"), "Pacific/Apia", "2011-12-29T00:00", 1);
  assert.equal(first, "2011-12-31T12:00+14:00");
});
