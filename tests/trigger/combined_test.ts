import assert from "node:assert/strict";
import { compileTrigger } from "../../app/trigger/compile.ts";
import { allOf, anyOf, at, atStart, cron, every, everyNth } from "../../app/trigger/declare.ts";
import { TriggerError, type TriggerSpec } from "../../app/trigger/trigger.ts";
import { fc } from "../support/fast_check.ts";

function fires(spec: TriggerSpec, from: string, count: number, timezone = "UTC"): string[] {
  const trigger = compileTrigger(spec, { timezone, anchor: Date.UTC(2026, 0, 1) });
  const found: string[] = [];
  let next = trigger.next(Temporal.Instant.from(from));
  while (next && found.length < count) {
    found.push(next.toString());
    next = trigger.next(next);
  }
  return found;
}

const START = { startDate: "2026-01-01T00:00:00Z" };

Deno.test("intervals that seldom meet are solved, not chased", () => {
  const spec = allOf(every({ seconds: 3_599, ...START }), every({ seconds: 3_600, ...START }));
  assert.deepEqual(fires(spec, "2026-01-01T00:00:00Z", 2), ["2026-05-30T23:00:00Z", "2026-10-27T22:00:00Z"]);
  const three = allOf(
    every({ seconds: 86_399, ...START }),
    every({ seconds: 86_413, startDate: "2026-01-01T00:00:14Z" }),
    every({ seconds: 7, ...START }),
  );
  const [first] = fires(three, "2026-01-01T00:00:00Z", 1);
  const ms = Temporal.Instant.from(first ?? "").epochMilliseconds - Date.UTC(2026, 0, 1);
  assert.deepEqual([ms % 86_399_000, (ms - 14_000) % 86_413_000, ms % 7_000], [0, 0, 0]);
});

Deno.test("intervals that never meet say so at once", () => {
  const even = every({ seconds: 3_600, ...START });
  const odd = every({ seconds: 3_600, startDate: "2026-01-01T00:30:00Z" });
  assert.deepEqual(fires(allOf(even, odd), "2026-01-01T00:00:00Z", 1), []);
});

Deno.test("an interval and a wall clock meet where the zone lets them", () => {
  // On the half hour of UTC, which is the full hour of Lord Howe in winter only.
  const spec = allOf(
    every({ hours: 1, startDate: "2026-01-01T00:30:00Z" }),
    cron({ minute: 0, timezone: "Australia/Lord_Howe" }),
  );
  assert.deepEqual(fires(spec, "2026-01-01T00:00:00Z", 1), ["2026-04-04T15:30:00Z"]);
  const seldom = allOf(every({ seconds: 86_399, ...START }), cron({ hour: 0 }));
  // 86,399 intervals are 86,398 days and a second short of another: once in 236 years.
  assert.deepEqual(fires(seldom, "2026-01-01T00:00:00Z", 1), ["2262-07-22T00:00:00Z"]);
});

Deno.test("the triggers of allOf fire where looking at every second finds all of them to fire", () => {
  const part = fc.oneof(
    fc.tuple(fc.integer({ min: 2, max: 400 }), fc.integer({ min: 0, max: 399 })).map(([seconds, late]) =>
      every({
        seconds,
        endDate: "2026-03-30T00:00:00Z",
        startDate: `2026-03-28T${String(late % 24).padStart(2, "0")}:00:${
          String(late % 60).padStart(2, "0")
        }Z`,
      })
    ),
    fc.constantFrom(
      cron({ minute: "*/7", second: "*" }),
      cron({ hour: "2,3", minute: "0,30", second: "*/9" }),
      cron({ second: "1,31" }),
      anyOf(cron({ second: 7 }), every({ seconds: 90, startDate: "2026-03-28T00:00:07Z" })),
    ),
  );
  let meetings = 0;
  fc.assert(
    fc.property(fc.array(part, { minLength: 2, maxLength: 3 }), (parts) => {
      const from = Date.UTC(2026, 2, 29, 0, 0, 0);
      const until = from + 4 * 3_600_000;
      const compile = (spec: TriggerSpec) =>
        compileTrigger(spec, { timezone: "Europe/Stockholm", anchor: 0 });
      const each = parts.map((spec) => {
        const trigger = compile(spec);
        const set = new Set<number>();
        for (let t = trigger.nextMs(from); t !== null && t <= until; t = trigger.nextMs(t)) set.add(t);
        return set;
      });
      const expected = [...each[0] ?? []].filter((t) => each.every((set) => set.has(t)));
      const all = compile(allOf(...parts));
      const found: number[] = [];
      for (let t = all.nextMs(from); t !== null && t <= until; t = all.nextMs(t)) found.push(t);
      assert.deepEqual(found, expected, JSON.stringify(parts));
      meetings += found.length;
    }),
    { numRuns: 200, seed: 7 },
  );
  assert.ok(meetings > 1_000, `${meetings}`);
});

Deno.test("one in n fires is counted from the start date", () => {
  const mondays = cron({ dayOfWeek: "mon", hour: 9, startDate: "2026-01-05" });
  assert.deepEqual(fires(everyNth(3, mondays), "2026-01-01T00:00:00Z", 3), [
    "2026-01-05T09:00:00Z",
    "2026-01-26T09:00:00Z",
    "2026-02-16T09:00:00Z",
  ]);
  assert.deepEqual(fires(everyNth(1, mondays), "2026-01-01T00:00:00Z", 2), [
    "2026-01-05T09:00:00Z",
    "2026-01-12T09:00:00Z",
  ]);
});

Deno.test("one in n fires is counted from when the task was first seen, where there is no start date", () => {
  const spec = everyNth(4, every("1h"));
  const anchor = Date.UTC(2026, 0, 1, 0, 30);
  const trigger = compileTrigger(spec, { timezone: "UTC", anchor });
  const [first, second] = [trigger.nextMs(anchor), trigger.nextMs(anchor + 3_600_000)];
  assert.deepEqual([first, second], [anchor + 3_600_000, anchor + 5 * 3_600_000]);
  // Whatever it was asked before, and however far on or back.
  const later = anchor + 1_000 * 4 * 3_600_000;
  assert.equal(trigger.nextMs(later), later + 3_600_000);
  assert.equal(trigger.nextMs(anchor), first);
});

Deno.test("one in n fires is every n-th of them, over changes of the clock and however it is asked", () => {
  const inner = fc.constantFrom<TriggerSpec>(
    cron({ minute: "*/30" }),
    cron({ hour: "1,2,14", minute: "15,45" }),
    cron({ day: "1-9", hour: "*/3", startDate: "2025-11-03" }),
    every({ days: 2, at: ["02:30", "03:00"], startDate: "2025-06-01" }),
    every({ minutes: 95, startDate: "2025-12-01" }),
    anyOf(cron({ hour: 2 }), cron({ hour: 3, minute: 10 })),
  );
  const asked = fc.array(fc.integer({ min: 0, max: 400 * 24 }), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(inner, fc.integer({ min: 2, max: 5 }), asked, (spec, n, hours) => {
      const context = { timezone: "Europe/Stockholm", anchor: Date.UTC(2026, 1, 1) };
      const plain = compileTrigger(spec, context);
      const begin = spec.kind === "any" || !("startDate" in spec) || spec.startDate === undefined
        ? context.anchor
        : Date.UTC(2025, 5, 1) - 86_400_000;
      const kept: number[] = [];
      let index = 0;
      const until = context.anchor + 500 * 86_400_000;
      for (let t = plain.nextMs(begin - 1); t !== null && t < until; t = plain.nextMs(t)) {
        if (index++ % n === 0) kept.push(t);
      }
      const trigger = compileTrigger(everyNth(n, spec), context);
      for (const hour of hours) {
        const after = context.anchor + hour * 3_600_000;
        assert.equal(trigger.nextMs(after), kept.find((t) => t > after), JSON.stringify([spec, n, hour]));
      }
    }),
    { numRuns: 150, seed: 8 },
  );
});

Deno.test("a start of Carillon fires beside other triggers, and has no time of its own", () => {
  const compile = (spec: TriggerSpec) => compileTrigger(spec, { timezone: "UTC", anchor: 0 });
  assert.equal(compile(atStart()).atStart, true);
  assert.equal(compile(atStart()).nextMs(0), null);
  assert.equal(compile(anyOf(cron({ hour: 3 }), atStart())).atStart, true);
  assert.equal(compile(anyOf(cron({ hour: 3 }), every("1h"))).atStart, false);
  assert.deepEqual(fires(anyOf(cron({ hour: 3 }), atStart()), "2026-01-01T00:00:00Z", 1), [
    "2026-01-01T03:00:00Z",
  ]);
  assert.throws(() => allOf(cron({ hour: 3 }), atStart()), TriggerError);
  assert.throws(() => everyNth(2, atStart()), TriggerError);
  assert.throws(() => everyNth(2, cron("@reboot")), TriggerError);
  assert.throws(
    () => everyNth(1.5, cron({ hour: 3 })),
    /everyNth: 1\.5 is not a whole number from 1 to 10000$/,
  );
});

Deno.test("nothing fires after 2999-12-31, whatever its kind", () => {
  const late = "2999-12-31T00:00:00Z";
  assert.deepEqual(fires(cron({ hour: 12 }), late, 3), ["2999-12-31T12:00:00Z"]);
  assert.deepEqual(fires(cron({ year: 9999 }), late, 1), []);
  assert.deepEqual(fires(cron("0 0 12 * * * 3000"), late, 1), []);
  assert.deepEqual(fires(every({ hours: 20, ...START, startDate: late }), late, 9), ["2999-12-31T20:00:00Z"]);
  assert.deepEqual(fires(at("3000-01-01T00:00:00Z"), late, 1), []);
  assert.deepEqual(fires(at("2999-12-31T23:59:59Z"), late, 1), ["2999-12-31T23:59:59Z"]);
  assert.deepEqual(fires(every({ days: 1, at: "18:00", startDate: "2990-01-01" }), late, 9), [
    "2999-12-31T18:00:00Z",
  ]);
});

Deno.test("a rhythm is told from wall-clock times", () => {
  const isRhythm = (spec: TriggerSpec) => compileTrigger(spec, { timezone: "UTC", anchor: 0 }).isRhythm;
  const rhythms = [
    every("1h"),
    cron({ minute: 30 }),
    cron({ hour: "*/2" }),
    cron("*/5 * * * *"),
    anyOf(every("1h"), cron({ minute: 5 })),
    everyNth(3, every("1h")),
  ];
  const wallTimes = [
    cron({ hour: 2 }),
    cron("30 2,14 * * *"),
    at("2026-12-24T18:00"),
    atStart(),
    every({ days: 1, at: "02:00", startDate: "2026-01-01" }),
    anyOf(every("1h"), cron({ hour: 2 })),
  ];
  for (const spec of rhythms) assert.equal(isRhythm(spec), true, JSON.stringify(spec));
  for (const spec of wallTimes) assert.equal(isRhythm(spec), false, JSON.stringify(spec));
});
