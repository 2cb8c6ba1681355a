/** Runs by day and outcomes in one order: what is kept gives the same answer as counting everything anew. */
import assert from "node:assert/strict";
import { MemoryHistory } from "../../app/history/memory.ts";
import type { RunOutcome } from "../../app/model/history.ts";
import type { RunStatus } from "../../app/model/run.ts";
import { NewestOutcomes } from "../../app/service/queries/newest_outcomes.ts";
import { RunDays } from "../../app/service/queries/run_days.ts";
import { VirtualClock } from "../support/clock.ts";
import { randomFrom } from "../support/random.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const NOW = Date.parse("2026-03-10T10:00:00Z");
const TODAY = Date.parse("2026-03-10T00:00:00Z");
const STARTS = [-2, -1, 0, 1].map((n) => TODAY + n * DAY_MS);

function outcome(queuedAt: number, status: RunStatus, n = 0): RunOutcome {
  const time = queuedAt.toString(16).padStart(12, "0");
  const id = `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${n.toString(16).padStart(12, "0")}`;
  return { id, taskId: "a", status, cause: "schedule", queuedAt };
}

function keep(history: MemoryHistory, each: RunOutcome): void {
  history.save({ ...each, attempt: 1, instants: 1, params: {} });
}

Deno.test("days that are over are asked for once, today each time", async () => {
  const history = new MemoryHistory(100);
  const clock = new VirtualClock("2026-03-10T10:00:00Z");
  keep(history, outcome(TODAY - 30 * HOUR_MS, "failed"));
  keep(history, outcome(TODAY - HOUR_MS, "succeeded"));
  keep(history, outcome(NOW - HOUR_MS, "succeeded"));
  const asked: number[] = [];
  const days = new RunDays({
    outcomes: (query) => (asked.push(query.from), history.outcomes(query)),
  }, clock);
  const expected = [{ runs: 1, failures: 1 }, { runs: 1, failures: 0 }, { runs: 1, failures: 0 }];
  assert.deepEqual(await days.count("a", STARTS), expected);
  keep(history, outcome(NOW - 1, "failed"));
  assert.deepEqual((await days.count("a", STARTS))[2], { runs: 2, failures: 1 });
  assert.deepEqual(asked, [STARTS[0], TODAY, TODAY]);
  await clock.advance({ minutes: 11 });
  await days.count("a", STARTS);
  assert.deepEqual(asked.slice(3), [STARTS[0], TODAY], "after a while what is over is counted again");
  assert.deepEqual(await days.count("b", STARTS), expected.map(() => ({ runs: 0, failures: 0 })));
});

Deno.test("a run of yesterday that goes on is not yet over: its failure is counted at once", async () => {
  const history = new MemoryHistory(100);
  const days = new RunDays(history, new VirtualClock("2026-03-10T10:00:00Z"));
  const late = outcome(TODAY - HOUR_MS, "running");
  keep(history, late);
  assert.deepEqual((await days.count("a", STARTS))[1], { runs: 1, failures: 0 });
  keep(history, { ...late, status: "timed_out", finishedAt: NOW });
  assert.deepEqual((await days.count("a", STARTS))[1], { runs: 1, failures: 1 });
});

Deno.test("a year that is over, one that has not begun, and none at all", async () => {
  const history = new MemoryHistory(100);
  const days = new RunDays(history, new VirtualClock("2026-03-10T10:00:00Z"));
  keep(history, outcome(TODAY - 30 * HOUR_MS, "failed"));
  assert.deepEqual(await days.count("a", STARTS.slice(0, 3)), [{ runs: 1, failures: 1 }, {
    runs: 0,
    failures: 0,
  }]);
  assert.deepEqual(await days.count("a", [NOW + DAY_MS, NOW + 2 * DAY_MS]), [{ runs: 0, failures: 0 }]);
  assert.deepEqual(await days.count("a", []), []);
});

Deno.test("outcomes that come in any order stand in that of their ids, each once, and the old ones go", () => {
  const seed = 7;
  const random = randomFrom(seed);
  const newest = new NewestOutcomes();
  const all = new Map<string, RunOutcome>();
  for (let i = 0; i < 12_000; i++) {
    const each = outcome(
      NOW + i * 100 - Math.floor(random() * 5_000),
      i % 3 ? "succeeded" : "failed",
      i % 50,
    );
    newest.keep(each);
    all.set(each.id, each);
    if (i % 1_000 === 0) newest.keep({ ...each });
  }
  const sorted = [...all.values()].sort((a, b) => a.id < b.id ? 1 : -1);
  const [from, to] = [NOW + 200_000, NOW + 900_000];
  const expected = sorted.filter(({ queuedAt }) => queuedAt >= from && queuedAt < to);
  assert.deepEqual([...newest.within(from, to)], expected, `seed ${seed}`);
  newest.forget(NOW + 800_000);
  assert.deepEqual(
    [...newest.within(-Infinity, Infinity)].length,
    sorted.filter(({ queuedAt }) => queuedAt >= NOW + 800_000).length,
  );
});
