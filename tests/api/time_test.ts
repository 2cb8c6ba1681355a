/** Moments as programs get them. */
import assert from "node:assert/strict";
import { instantOf } from "../../app/base/time.ts";
import { momentOrNull, momentText } from "../../app/api/v1/shapes/time.ts";
import { fc } from "../support/fast_check.ts";

/** The first and the last moment there is, in milliseconds before and after 1970. */
const FARTHEST = 8.64e15;

Deno.test("a moment is written as Temporal writes it, with three digits of a second, in every year", () => {
  fc.assert(fc.property(fc.maxSafeInteger(), (given) => {
    const at = given % (FARTHEST + 1);
    assert.equal(momentText(at), instantOf(at).toString({ smallestUnit: "millisecond" }));
  }));
  for (const at of [0, -1, 1.7e12, FARTHEST, -FARTHEST]) {
    assert.equal(momentText(at), instantOf(at).toString({ smallestUnit: "millisecond" }));
  }
  assert.deepEqual([momentOrNull(undefined), momentOrNull(null), momentOrNull(0)], [
    null,
    null,
    "1970-01-01T00:00:00.000Z",
  ]);
  assert.throws(() => momentText(FARTHEST + 1), RangeError);
});
