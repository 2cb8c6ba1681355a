/** Failures in the order in which runs ended, which is not that in which they were queued. */
import assert from "node:assert/strict";
import type { RunOutcome } from "../../app/model/history.ts";
import { LastFailures } from "../../app/service/queries/last_failures.ts";

function outcome(
  id: string,
  finishedAt: number | undefined,
  status: RunOutcome["status"] = "failed",
): RunOutcome {
  return {
    id,
    taskId: "a",
    status,
    cause: "manual",
    scheduledAt: undefined,
    queuedAt: 1,
    startedAt: 2,
    finishedAt,
  };
}

function idsOf(outcomes: readonly RunOutcome[]): readonly string[] {
  const failures = new LastFailures();
  for (const each of outcomes) failures.keep(each);
  return failures.newestFirst.map(({ id }) => id);
}

Deno.test("a run that was queued first and ended last is the last failure", () => {
  const outcomes = [outcome("2", 20), outcome("3", 30), outcome("1", 40)];
  assert.deepEqual(idsOf(outcomes), ["1", "3", "2"]);
  assert.deepEqual(idsOf(outcomes.toReversed()), ["1", "3", "2"]);
});

Deno.test("what went well is no failure, and news of a run takes the place of the old", () => {
  assert.deepEqual(idsOf([outcome("1", 10, "succeeded"), outcome("2", 20), outcome("2", 20)]), ["2"]);
});

Deno.test("of many failures the last to end are kept", () => {
  const ids = idsOf(Array.from({ length: 1_200 }, (_, i) => outcome(String(i), i)));
  assert.deepEqual([ids.length, ids[0], ids.at(-1)], [1_000, "1199", "200"]);
});
