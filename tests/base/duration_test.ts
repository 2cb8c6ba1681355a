import assert from "node:assert/strict";
import { durationMs, splitDuration } from "../../app/base/duration.ts";
import { fc } from "../support/fast_check.ts";

const GOOD: [string, number][] = [
  ["500ms", 500],
  ["10s", 10_000],
  ["1h30m", 5_400_000],
  ["2 weeks", 1_209_600_000],
  ["1d 2h", 93_600_000],
  ["1.5m", 90_000],
];

for (const [text, ms] of GOOD) {
  Deno.test(`"${text}" is ${ms} ms`, () => assert.equal(durationMs(text), ms));
}

for (const text of ["", "10", "s", "10 fortnights", "10s!", "-5s"]) {
  Deno.test(`"${text}" is refused as a duration`, () => assert.throws(() => durationMs(text), RangeError));
}

Deno.test("an object of units adds up", () => {
  assert.equal(durationMs({ hours: 1, minutes: 30, seconds: 0.5 }), 5_400_500);
  assert.throws(() => durationMs({ minutes: -1 }), /minutes: -1 is not a number of at least 0/);
});

Deno.test("split into units and put together again a duration is the same", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 10 ** 12 }), (ms) => {
    assert.equal(durationMs(Object.fromEntries(splitDuration(ms))), ms);
  }));
});
