/** A clock that was wrong when Carillon was started for the first time. */
import assert from "node:assert/strict";
import { instantOf } from "../../app/base/time.ts";
import { startCarillon } from "../support/carillon.ts";

Deno.test("first seen in 2036, corrected to 2026: an interval counts from then on, at once and after a restart", async () => {
  await using test = await startCarillon({
    "tasks/a.ts":
      `import { defineTask, every } from "carillon"; export default defineTask({ trigger: every("1h"), run() {} });`,
  }, { start: "2036-01-01T00:00:00Z" });
  const nextOf = ({ carillon }: typeof test) =>
    instantOf(carillon.queries.tasks.get("a").next ?? 0).toString();
  assert.equal(nextOf(test), "2036-01-01T01:00:00Z");
  await test.clock.advance({ minutes: 5 });
  await test.clock.set("2026-03-10T10:00:00Z");
  await test.clock.advance({ seconds: 10 });
  assert.match(nextOf(test), /^2026-03-10T11:00:/);
  assert.match(test.lines.join("\n"), /the system clock went back by/);
  const next = nextOf(test);
  await using again = await test.restart({ minutes: 10 });
  assert.equal(nextOf(again), next);
});
