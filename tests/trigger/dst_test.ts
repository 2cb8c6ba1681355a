/** The table of docs/triggers.md: what happens when the clock is set. */
import assert from "node:assert/strict";
import { compileTrigger } from "../../app/trigger/compile.ts";
import { cron, every } from "../../app/trigger/declare.ts";
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
