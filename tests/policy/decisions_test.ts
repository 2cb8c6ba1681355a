/** Decisions of single policies that are functions of their arguments. */
import assert from "node:assert/strict";
import type { RunStatus } from "../../app/model/run.ts";
import { startsAgain } from "../../app/policy/interrupted.ts";
import { failuresInRow, pausesNow } from "../../app/policy/pause_after.ts";
import { startRank } from "../../app/policy/priority.ts";
import { tooLongMs, usualMs } from "../../app/policy/promise.ts";
import { fc } from "../support/fast_check.ts";

/** Who starts, one a minute, where a run of priority 0 comes every 30 s: the names in their order. */
function started(low: { readonly priority: number; readonly queuedAt: number }, minutes: number): string[] {
  const waiting = [{ name: "low", rank: startRank(low.priority, low.queuedAt) }];
  const names: string[] = [];
  for (let now = 0; now < minutes * 60_000; now += 30_000) {
    waiting.push({ name: "other", rank: startRank(0, now) });
    if (now % 60_000 !== 0) continue;
    waiting.sort((a, b) => a.rank - b.rank);
    names.push(waiting.shift()?.name ?? "");
  }
  return names;
}

Deno.test("a low priority waits longer, and does not wait for ever", () => {
  assert.equal(started({ priority: -10, queuedAt: 0 }, 60).indexOf("low"), 20);
  assert.equal(started({ priority: 0, queuedAt: 0 }, 60).indexOf("low"), 0);
});

Deno.test("of those queued at one moment the greater priority goes first, and of equals who came first", () => {
  const moment = fc.integer({ min: 0, max: 4e12 });
  const step = fc.integer({ min: -1_000, max: 1_000 });
  fc.assert(fc.property(moment, step, step, (at, a, b) => {
    assert.equal(Math.sign(startRank(a, at) - startRank(b, at)), Math.sign(b - a));
    assert.ok(startRank(a, at) < startRank(a, at + 1));
  }));
});

Deno.test("a run that is cut off starts again where that is wanted, and not for ever", () => {
  assert.equal(startsAgain("leave", 0), false);
  assert.deepEqual([0, 4, 5].map((times) => startsAgain("again", times)), [true, true, false]);
});

const ROWS: [readonly RunStatus[], number][] = [
  [[], 0],
  [["succeeded", "failed"], 0],
  [["failed", "timed_out", "succeeded", "failed"], 2],
  [["skipped", "failed", "cancelled", "missed", "interrupted", "failed"], 2],
  [["running", "queued", "failed"], 1],
];

for (const [statuses, expected] of ROWS) {
  Deno.test(`failures in a row: ${statuses.join(", ") || "no runs"} are ${expected}`, () => {
    assert.equal(failuresInRow(statuses), expected);
    assert.equal(pausesNow(expected + 1, statuses), false);
    assert.equal(pausesNow(undefined, statuses), false);
    if (expected > 0) assert.equal(pausesNow(expected, statuses), true);
  });
}

Deno.test("the usual is the median of the newest successes, where there are enough", () => {
  assert.equal(usualMs([1, 2, 3, 4]), undefined);
  assert.equal(usualMs([50, 10, 40, 20, 30]), 30);
  assert.equal(usualMs([10, 20, 30, 40, 50, 60]), 35);
  assert.equal(usualMs([...Array<number>(20).fill(7), ...Array<number>(100).fill(1_000)]), 7);
});

Deno.test("too long is what passes the budget, else three times the usual, else nothing", () => {
  assert.equal(tooLongMs(1_000, 10), 1_000);
  assert.equal(tooLongMs(undefined, 10), 30);
  assert.equal(tooLongMs(undefined, undefined), undefined);
});
