import assert from "node:assert/strict";
import { allOf, anyOf, at, cron, every } from "../../app/trigger/declare.ts";
import { compileTrigger } from "../../app/trigger/compile.ts";
import { isIdentityOf } from "../../app/trigger/identity.ts";
import { triggerFromJson } from "../../app/trigger/from_json.ts";
import { readTrigger, TriggerError, type TriggerSpec } from "../../app/trigger/trigger.ts";

const ANCHOR = Temporal.Instant.from("2026-03-10T10:00:00Z");

function fires(spec: TriggerSpec, count = 3, from = ANCHOR, timezone = "UTC"): string[] {
  const trigger = compileTrigger(spec, { timezone, anchor: ANCHOR.epochMilliseconds });
  const found: string[] = [];
  let next = trigger.next(from);
  while (next && found.length < count) {
    found.push(next.toString());
    next = trigger.next(next);
  }
  return found;
}

Deno.test("PyScheduler's documented triggers fire as they did", () => {
  const cases: [TriggerSpec, string[]][] = [
    [every({ seconds: 5 }), ["2026-03-10T10:00:05Z", "2026-03-10T10:00:10Z"]],
    [every({ minutes: 10 }), ["2026-03-10T10:10:00Z", "2026-03-10T10:20:00Z"]],
    [every({ hours: 2 }), ["2026-03-10T12:00:00Z", "2026-03-10T14:00:00Z"]],
    [every({ days: 3 }), ["2026-03-13T10:00:00Z", "2026-03-16T10:00:00Z"]],
    [every({ weeks: 2 }), ["2026-03-24T10:00:00Z", "2026-04-07T10:00:00Z"]],
    [every({ seconds: 5, startDate: "2023-10-01 00:00:00" }), [
      "2026-03-10T10:00:05Z",
      "2026-03-10T10:00:10Z",
    ]],
    [every({ seconds: 5, endDate: "2023-10-31 23:59:59" }), []],
    [every({ seconds: 5, timezone: "Asia/Shanghai" }), ["2026-03-10T10:00:05Z", "2026-03-10T10:00:10Z"]],
    [cron({ minute: "*" }), ["2026-03-10T10:01:00Z", "2026-03-10T10:02:00Z"]],
    [cron({ minute: 15 }), ["2026-03-10T10:15:00Z", "2026-03-10T11:15:00Z"]],
    [cron({ hour: 10, minute: 30 }), ["2026-03-10T10:30:00Z", "2026-03-11T10:30:00Z"]],
    [cron({ dayOfWeek: "mon", hour: 10, minute: 30 }), ["2026-03-16T10:30:00Z", "2026-03-23T10:30:00Z"]],
    [cron({ day: "1,15", hour: 10, minute: 30 }), ["2026-03-15T10:30:00Z", "2026-04-01T10:30:00Z"]],
    [cron({ month: "1", day: "1", hour: 0, minute: 0 }), ["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"]],
    [cron({ dayOfWeek: "mon", hour: 10, minute: 30, startDate: "2026-05-01" }), [
      "2026-05-04T10:30:00Z",
      "2026-05-11T10:30:00Z",
    ]],
    [cron({ day: "1,15", hour: 10, minute: 30, endDate: "2026-03-20" }), ["2026-03-15T10:30:00Z"]],
    [cron({ hour: 10, minute: 30, timezone: "Asia/Shanghai" }), [
      "2026-03-11T02:30:00Z",
      "2026-03-12T02:30:00Z",
    ]],
  ];
  for (const [spec, expected] of cases) assert.deepEqual(fires(spec, 2), expected, JSON.stringify(spec));
});

Deno.test("start and end are inclusive, and local unless they carry an offset", () => {
  const bounds = {
    startDate: "2026-06-01T12:00:00",
    endDate: "2026-06-01T14:00:00",
    timezone: "Europe/Stockholm",
  };
  assert.deepEqual(fires(every({ hours: 1, ...bounds }), 9), [
    "2026-06-01T10:00:00Z",
    "2026-06-01T11:00:00Z",
    "2026-06-01T12:00:00Z",
  ]);
  assert.deepEqual(
    fires(cron({ minute: 0, startDate: "2026-06-01T12:00:00+09:00", endDate: "2026-06-01T03:00:00Z" }), 9),
    [
      "2026-06-01T03:00:00Z",
    ],
  );
});

Deno.test("intervals of fractions of a second keep their step", () => {
  assert.deepEqual(fires(every({ seconds: 0.1 }), 2), ["2026-03-10T10:00:00.1Z", "2026-03-10T10:00:00.2Z"]);
});

Deno.test("several triggers fire once where they coincide; all of them only where they agree", () => {
  assert.deepEqual(fires(anyOf(every("20m"), cron({ minute: "0,40" }))), [
    "2026-03-10T10:20:00Z",
    "2026-03-10T10:40:00Z",
    "2026-03-10T11:00:00Z",
  ]);
  assert.deepEqual(fires(allOf(cron({ day: 13, hour: 9 }), cron({ dayOfWeek: "fri", hour: 9 })), 2), [
    "2026-03-13T09:00:00Z",
    "2026-11-13T09:00:00Z",
  ]);
  assert.deepEqual(fires(allOf(cron({ minute: 1 }), cron({ minute: 2 })), 2), []);
});

Deno.test("once is once", () => {
  assert.deepEqual(fires(at("2026-12-24T18:00", { timezone: "Europe/Stockholm" })), ["2026-12-24T17:00:00Z"]);
  assert.deepEqual(fires(at("2020-01-01T00:00Z")), []);
});

Deno.test("crontab lines have five to seven fields, or a nickname", () => {
  assert.deepEqual(fires(cron("0 9 * * MON"), 2), ["2026-03-16T09:00:00Z", "2026-03-23T09:00:00Z"]);
  assert.deepEqual(fires(cron("*/30 * * * * *"), 2), ["2026-03-10T10:00:30Z", "2026-03-10T10:01:00Z"]);
  assert.deepEqual(fires(cron("0 0 0 1 1 * 2028"), 2), ["2028-01-01T00:00:00Z"]);
  assert.deepEqual(fires(cron("@daily"), 1), ["2026-03-11T00:00:00Z"]);
  assert.deepEqual(fires(cron("0 0 L * *"), 1), ["2026-03-31T00:00:00Z"]);
});

Deno.test("a range of one value takes a step of 1, as in APScheduler", () => {
  assert.deepEqual(fires(cron({ dayOfWeek: "0-0/1", hour: 9 }), 2), [
    "2026-03-16T09:00:00Z",
    "2026-03-23T09:00:00Z",
  ]);
  assert.throws(
    () => cron({ dayOfWeek: "0-0/2" }),
    /^TriggerError: dayOfWeek: "0-0\/2" has a step of 2, more than its range of 0$/,
  );
});

Deno.test("dates are taken in the forms that people and APScheduler write", () => {
  assert.deepEqual(fires(at("2026-11-5 9:00:00")), ["2026-11-05T09:00:00Z"]);
  assert.deepEqual(fires(at("2026/11/25 10:00")), ["2026-11-25T10:00:00Z"]);
  assert.deepEqual(fires(every({ days: 1, startDate: "2021-11-9 15:00:00" }), 1), ["2026-03-10T15:00:00Z"]);
  assert.deepEqual(fires(cron({ hour: 9, startDate: "2026-4-1", endDate: "2026-4-2 9:00" })), [
    "2026-04-01T09:00:00Z",
    "2026-04-02T09:00:00Z",
  ]);
  assert.deepEqual(fires(at("2026-11-25T10:00[Asia/Shanghai]")), ["2026-11-25T02:00:00Z"]);
});

const ENDED: TriggerSpec[] = [
  cron({ month: 2, day: 30 }),
  cron({ year: 2020 }),
  cron({ minute: 0, startDate: "2030-01-01", endDate: "2029-01-01" }),
  cron({ year: "2100-2200", month: 2, day: 29, week: 30 }),
  cron({ month: "2", day: "5th sun", week: 1 }),
  cron("0 0 30 2 *"),
  at("1999-12-31"),
];

for (const spec of ENDED) {
  Deno.test(`a trigger that cannot fire again says so: ${compileTrigger(spec, { timezone: "UTC", anchor: ANCHOR.epochMilliseconds }).rule}`, () => {
    assert.deepEqual(fires(spec), []);
  });
}

const WRONG: [() => TriggerSpec, string | RegExp][] = [
  [() => cron({ hour: "25" }), /^hour: "25" is not between 0 and 23$/],
  [() => cron({ hour: 25 }), /^hour: "25" is not between 0 and 23$/],
  [() => cron({ minute: "0,15,61" }), /^minute: "61" \(position 6 of "0,15,61"\) is not between 0 and 59$/],
  [() => cron({ minute: "30-10" }), /^minute: "30-10" runs backwards: 30 is greater than 10$/],
  [() => cron({ minute: "*/0" }), /^minute: "\*\/0" has a step of 0; the least step is 1$/],
  [() => cron({ minute: "5-7/9" }), /^minute: "5-7\/9" has a step of 9, more than its range of 2$/],
  [() => cron({ dayOfWeek: "mun" }), /^dayOfWeek: "mun" is not allowed: "mun" is none of mon, tue/],
  [() => cron({ day: "6th mon" }), /^day: "6th mon" is not allowed; allowed is 1 to 31/],
  [() => cron({ month: "nov-feb" }), /^month: "nov-feb" runs backwards/],
  [
    () => cron({ dayOfWeek: "fri-mon" }),
    /^dayOfWeek: "fri-mon" runs backwards: write it as two ranges, "fri-sun,mon"$/,
  ],
  [() => cron({ hour: "" }), /^hour: the expression is empty/],
  [() => cron({ hour: 1.5 }), /^hour: 1\.5 is neither a whole number nor a text$/],
  [() => cron({}), /^cron: give at least one of year, month/],
  [() => cron({ hours: 1 } as never), /^cron: unknown key "hours"; did you mean "hour"\?/],
  [() => cron({ hour: 1, timezone: "Europe/Stokholm" }), /^timezone: "Europe\/Stokholm" is not a time zone/],
  [() => cron({ hour: 1, startDate: "tomorrow" }), /^startDate: "tomorrow" is not a date and time/],
  [() => cron("61 * * * *"), /^crontab line "61 \* \* \* \*": /],
  [() => every("soon"), /^every: "soon" is not a duration/],
  [() => every({ seconds: 0.01 }), /^every: 10 ms is too short; the shortest interval is 100 ms$/],
  [() => every({ fortnights: 1 } as never), /^every: unknown key "fortnights"/],
  [() => at("2026-13-01"), /^at: "2026-13-01" is not a date and time/],
  [() => cron(null as never), /^cron: null is not an object of options$/],
  [() => cron("0 9 * * *", null as never), /^cron: null is not an object of options$/],
  [
    () => cron("0 9 1," + "1,".repeat(1_000) + "1 * *"),
    /^crontab line: it has 2011 characters; allowed are 1000$/,
  ],
  [() => cron({ minute: "1,".repeat(1_000) }), /^minute: it has 2000 characters; allowed are 1000$/],
  [() => every(5 as never), /^every: 5 is not an object of options$/],
  [() => allOf(null as never), /^null is not a trigger; write cron\(\{ … \}\), every\("10m"\)/],
  [() => anyOf("0 9 * * *" as never), /^"0 9 \* \* \*" is not a trigger; write cron/],
  [
    () => anyOf(...Array<TriggerSpec>(1_001).fill(every("1h"))),
    /^anyOf: 1001 triggers are too many; allowed are 1000$/,
  ],
  [
    () => readTrigger(JSON.parse('{"kind":"any","of":['.repeat(30) + '{"kind":"start"}' + "]}".repeat(30))),
    /^a trigger lies more than 20 levels/,
  ],
  [
    () => readTrigger({ kind: "interval", every: 1e300 }),
    /^every: 1e\+300 is not a whole number of milliseconds$/,
  ],
  [() => allOf(), /^allOf: give at least one trigger$/],
  [() => triggerFromJson(`{"kind":"moon"}`).spec, /^kind: "moon" is none of/],
  [() => triggerFromJson(`{"kind":"cron","fields":{"hour":1},"form":"x"}`).spec, /^unknown key "form"/],
  [() => triggerFromJson(`{"kind":"cron","fields":[1]}`).spec, /^fields: \[1\] is not an object$/],
  [() => triggerFromJson(`{"hours":2,"day_of_week":1}`).spec, /^every: unknown key "dayOfWeek"/],
  [() => triggerFromJson(`{"trigger":"moon"}`).spec, /^trigger: .*Known are: cron, interval, date$/],
  [() => triggerFromJson(`[`).spec, /^not JSON: /],
  [() => triggerFromJson(`3`).spec, /^3 is not a JSON object$/],
];

for (const [make, expected] of WRONG) {
  Deno.test(`a trigger that cannot be is refused: ${expected}`, () => {
    assert.throws(make, (error) => {
      assert.ok(error instanceof TriggerError, String(error));
      assert.match(error.message, expected as RegExp);
      return true;
    });
  });
}

Deno.test("the default zone belongs to a trigger's identity only where it has a say in when it fires", () => {
  const identity = (spec: TriggerSpec, timezone: string) =>
    compileTrigger(spec, { timezone, anchor: 0 }).identity;
  const local: TriggerSpec[] = [
    cron({ hour: 9 }),
    cron("0 9 * * *"),
    every({ hours: 1, endDate: "2030-01-01" }),
    at("2026-12-24T18:00"),
    anyOf(every("1h"), cron({ hour: 9 })),
  ];
  const anywhere: TriggerSpec[] = [
    every("2s"),
    every({ hours: 1, startDate: "2026-01-01T00:00:00+01:00" }),
    every({ hours: 1, startDate: "2026-01-01", timezone: "UTC" }),
    cron({ hour: 9, timezone: "UTC" }),
    at("2026-12-24T18:00Z"),
    allOf(every("2s"), every("3s")),
  ];
  for (const spec of local) assert.notEqual(identity(spec, "UTC"), identity(spec, "Asia/Tokyo"));
  for (const spec of anywhere) assert.equal(identity(spec, "UTC"), identity(spec, "Asia/Tokyo"));
});

Deno.test("an identity that version 0.1.0 recorded is known again", () => {
  const compiled = (spec: TriggerSpec) => compileTrigger(spec, { timezone: "UTC", anchor: 0 });
  assert.ok(isIdentityOf('Asia/Tokyo {"kind":"interval","every":2000}', compiled(every("2s"))));
  assert.ok(isIdentityOf('{"kind":"interval","every":2000}', compiled(every("2s"))));
  assert.ok(!isIdentityOf('UTC {"kind":"interval","every":3000}', compiled(every("2s"))));
  const local = cron({ hour: 9 });
  assert.ok(isIdentityOf('UTC {"kind":"cron","fields":{"hour":"9"}}', compiled(local)));
  assert.ok(!isIdentityOf('Asia/Tokyo {"kind":"cron","fields":{"hour":"9"}}', compiled(local)));
});

Deno.test("a spec that has travelled as JSON is read as it was, and a damaged one is refused", () => {
  const specs: TriggerSpec[] = [
    cron({ hour: "*/2", timezone: "Asia/Shanghai" }),
    cron("0 9 * * MON"),
    every({ minutes: 10, endDate: "2030-01-01" }),
    at("2026-12-24T18:00"),
    anyOf(every("1h"), allOf(cron({ hour: 9 }), cron({ day: 1, hour: 9 }))),
  ];
  for (const spec of specs) assert.deepEqual(readTrigger(JSON.parse(JSON.stringify(spec))), spec);
  for (
    const damaged of [null, [], {}, { kind: "cron" }, { kind: "any", of: [] }, { kind: "any", of: [3] }, {
      kind: "interval",
      every: 1,
    }, { kind: "constructor" }]
  ) assert.throws(() => readTrigger(damaged), TriggerError, JSON.stringify(damaged));
});

const AS_PYSCHEDULER: readonly (readonly [string, TriggerSpec])[] = [
  [`{"hour": "*/2"}`, cron({ hour: "*/2" })],
  [`{"hours": 2}`, every({ hours: 2 })],
  [
    `{"trigger": "interval", "start_date": "2026-01-05", "jitter": 30}`,
    every({ seconds: 1, startDate: "2026-01-05" }),
  ],
  [
    `{"day_of_week": "mon", "hour": 9, "start_date": null, "end_date": null}`,
    cron({ dayOfWeek: "mon", hour: 9 }),
  ],
  [
    `{"trigger": "cron", "day_of_week": "mon", "timezone": "Asia/Shanghai"}`,
    cron({ dayOfWeek: "mon", timezone: "Asia/Shanghai" }),
  ],
  [`{"run_date": "2026-12-24 18:00:00"}`, at("2026-12-24 18:00:00")],
];

for (const [json, spec] of AS_PYSCHEDULER) {
  Deno.test(`a trigger as PyScheduler writes it: ${json}`, () =>
    assert.deepEqual(triggerFromJson(json).spec, spec));
}
