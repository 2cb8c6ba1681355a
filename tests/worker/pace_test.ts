/** How much one host may say: a flood waits, what belongs to its runs does not (I4). */
import assert from "node:assert/strict";
import { Allowance } from "../../app/worker/pace.ts";

/** More than fits into what may be said at once. */
const FLOOD = 100_000_000;

Deno.test("whoever says more than it may waits, the longer the more", () => {
  const allowance = new Allowance();
  assert.equal(allowance.take(1_000, 1), 0);
  const wait = allowance.take(FLOOD, 1);
  assert.ok(wait > 1_000);
  assert.ok(allowance.take(FLOOD, 1) > wait);
});

Deno.test("what is granted beyond it is not waited for, and does not pile up", () => {
  const granted = new Allowance();
  granted.take(FLOOD, 0);
  granted.grant(FLOOD);
  assert.equal(granted.take(1_000, 0), 0);
  granted.grant(10 * FLOOD);
  assert.ok(granted.take(FLOOD, 0) > 1_000);
});
