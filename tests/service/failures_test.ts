/** What is counted of a task's failures stays bounded, and costs a run that ends nothing. */
import assert from "node:assert/strict";
import { Failures } from "../../app/service/queries/failures.ts";

Deno.test("failures are counted exactly while they are some tens of thousands, in whichever order they come", () => {
  const failures = new Failures();
  for (let i = 0; i < 50_000; i++) failures.add(i % 2 === 0 ? i : 50_000 - i, 0);
  assert.equal(failures.since(0), 50_000);
  assert.equal(failures.since(25_001), 24_999);
  assert.equal(failures.since(50_001), 0);
});

Deno.test("what is too old is forgotten, and of very many the newest are kept", () => {
  const failures = new Failures();
  for (let i = 0; i < 1_000_000; i++) failures.add(i, i - 100);
  assert.equal(failures.since(999_900), 100);
  assert.ok(failures.since(0) <= 300);
  for (let i = 0; i < 200_000; i++) failures.add(2_000_000 + i, 0);
  const kept = failures.since(0);
  assert.ok(kept >= 50_000 && kept <= 100_001, String(kept));
  assert.equal(failures.since(2_199_000), 1_000);
});
