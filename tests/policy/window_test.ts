/** `window: "sinceLastDue"`: which span a run stands for, by itself and against a look at every instant. */
import assert from "node:assert/strict";
import { instantOf } from "../../app/base/time.ts";
import { closedBecause } from "../../app/policy/closed.ts";
import { type Closings, windowBefore } from "../../app/policy/window.ts";
import { readPolicies } from "../../app/policy/policies.ts";
import { compileTrigger } from "../../app/trigger/compile.ts";
import { at, cron, every } from "../../app/trigger/declare.ts";
import type { TriggerSpec } from "../../app/trigger/trigger.ts";
import { tasksOf } from "../support/dispatch.ts";
import { fc } from "../support/fast_check.ts";

const ANCHOR = Date.parse("2026-01-01T00:00:00Z");

async function windowOf(spec: TriggerSpec, moment: string, more: object = {}, timezone = "UTC") {
  const closings = await readPolicies({ ...more }, {
    calendarFile: () => Promise.reject(new Error("none")),
    warn: () => {},
  });
  const trigger = compileTrigger(spec, { timezone, anchor: ANCHOR });
  const { from, to } = windowBefore(trigger, closings, Date.parse(moment), ANCHOR);
  return `${instantOf(from)} ${instantOf(to)}`;
}

Deno.test("it begins with the due instant before", async () => {
  assert.equal(
    await windowOf(cron({ hour: 6 }), "2026-03-10T06:00:00Z"),
    "2026-03-09T06:00:00Z 2026-03-10T06:00:00Z",
  );
  assert.equal(
    await windowOf(every("2s"), "2026-03-10T06:00:00Z"),
    "2026-03-10T05:59:58Z 2026-03-10T06:00:00Z",
  );
  // A night that is 23 hours long.
  assert.equal(
    await windowOf(cron({ hour: 6 }), "2026-03-29T04:00:00Z", {}, "Europe/Stockholm"),
    "2026-03-28T05:00:00Z 2026-03-29T04:00:00Z",
  );
});

Deno.test("of a run by hand it ends when it was asked for", async () => {
  assert.equal(
    await windowOf(cron({ hour: 6 }), "2026-03-10T09:30:00Z"),
    "2026-03-10T06:00:00Z 2026-03-10T09:30:00Z",
  );
});

Deno.test("what a calendar or a blackout closes is in the next window", async () => {
  assert.equal(
    await windowOf(cron({ hour: 6 }), "2026-03-09T06:00:00Z", { calendar: {} }),
    "2026-03-06T06:00:00Z 2026-03-09T06:00:00Z",
  );
  // The Chinese New Year of 2026: from the 15th to the 23rd of February.
  assert.equal(
    await windowOf(cron({ hour: 6, timezone: "Asia/Shanghai" }), "2026-02-23T22:00:00Z", { calendar: "cn" }),
    "2026-02-13T22:00:00Z 2026-02-23T22:00:00Z",
  );
  assert.equal(
    await windowOf(every("2s"), "2026-03-10T06:00:00Z", { blackout: { from: "22:00", to: "06:00" } }),
    "2026-03-09T21:59:58Z 2026-03-10T06:00:00Z",
  );
});

Deno.test("a first instant has the time since the task was first seen", async () => {
  assert.equal(
    await windowOf(at("2026-03-10"), "2026-03-10T00:00:00Z"),
    "2026-01-01T00:00:00Z 2026-03-10T00:00:00Z",
  );
  // It was due before that: nothing is known of a time before.
  assert.equal(
    await windowOf(at("2020-03-10"), "2020-03-10T00:00:00Z"),
    "2020-03-10T00:00:00Z 2020-03-10T00:00:00Z",
  );
});

Deno.test("windows of instants that follow each other leave no gap and do not overlap", async () => {
  const minute = fc.integer({ min: 0, max: 59 });
  const spec = fc.oneof(
    fc.integer({ min: 40, max: 20_000 }).map((seconds) => every({ seconds })),
    fc.tuple(minute, minute).map(([a, b]) => cron({ hour: "*/3", minute: `${a},${b}` })),
    fc.integer({ min: 0, max: 23 }).map((hour) => cron({ hour, timezone: "America/New_York" })),
  );
  const time = fc.tuple(fc.integer({ min: 0, max: 23 }), minute).map(([h, m]) =>
    `${String(h).padStart(2, "0")}:${String(m).padStart(2, "0")}`
  );
  const blackout = fc.option(fc.record({ from: time, to: time }), { nil: undefined });
  const calendar = fc.option(fc.constant({ holidays: ["2026-03-09/2026-03-12"] }), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(spec, blackout, calendar, async (spec, blackout, calendar) => {
      const closings: Closings = await readPolicies({ blackout, calendar }, {
        calendarFile: () => Promise.reject(new Error("none")),
        warn: () => {},
      });
      const trigger = compileTrigger(spec, { timezone: "Europe/Stockholm", anchor: ANCHOR });
      let before: number | undefined;
      const end = Date.parse("2026-03-15T00:00:00Z");
      const first = trigger.nextMs(Date.parse("2026-03-04T00:00:00Z"));
      for (let each = first; each !== null && each < end; each = trigger.nextMs(each)) {
        if (closedBecause(each, trigger.timezone, closings.blackout, closings.calendar)) continue;
        if (before !== undefined) {
          assert.deepEqual(windowBefore(trigger, closings, each, ANCHOR), { from: before, to: each });
        }
        before = each;
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("what cannot be is refused with the key and the remedy", async () => {
  const wrong: [object, RegExp][] = [
    [{ window: "sinceLastRun", trigger: every("1h") }, /window: "sinceLastRun" is not one of sinceLastDue/],
    [{ window: "sinceLastDue" }, /window: a task without a trigger has no due instants/],
    [{ window: { form: "a" }, trigger: every("1h") }, /window: unknown key "form"; did you mean "from"/],
    [{ window: { from: "a", to: "a" }, trigger: every("1h") }, /from and to both fill the parameter "a"/],
    [{ window: { from: "begn" }, trigger: every("1h") }, /window\.from: there is no parameter "begn"/],
    [{ window: { from: 3 }, trigger: every("1h") }, /window\.from: 3 is not a text/],
  ];
  for (const [definition, expected] of wrong) {
    await assert.rejects(() => tasksOf({ a: definition }), expected, JSON.stringify(definition));
  }
});
