/** What is kept of what a task returns. */
import assert from "node:assert/strict";
import { keptResult, MAX_RESULT_BYTES } from "../../app/model/result.ts";

Deno.test("a result is JSON, a bigint a text, and nothing is nothing", () => {
  assert.deepEqual(keptResult({ a: 2n ** 70n, at: new Date(0), no: undefined }), {
    json: '{"a":"1180591620717411303424","at":"1970-01-01T00:00:00.000Z"}',
  });
  for (const nothing of [undefined, () => {}, Symbol("x")]) assert.deepEqual(keptResult(nothing), {});
  assert.deepEqual(keptResult(null), { json: "null" });
});

Deno.test("a result that is too large, or no JSON, is not kept, and it is said why", () => {
  assert.equal(keptResult("x".repeat(MAX_RESULT_BYTES - 2)).json?.length, MAX_RESULT_BYTES);
  assert.match(keptResult("数".repeat(30_000)).problem ?? "", /has 90002 bytes as JSON, of at most 65536/);
  const huge = ["r".repeat(2_000_000), Array.from({ length: 1_000_001 }, () => 0)];
  for (const each of huge) {
    assert.match(keptResult(each).problem ?? "", /has more than 1000000 bytes as JSON, of at most 65536/);
  }
  const circle: { self?: unknown } = {};
  circle.self = circle;
  assert.match(keptResult(circle).problem ?? "", /cannot be written as JSON/);
  const hostile = {
    toJSON: () => {
      throw new Error("no");
    },
  };
  assert.match(keptResult(hostile).problem ?? "", /no\)$/);
});

Deno.test("what is nested too deeply is not kept, whatever a page would make of it", () => {
  const nested = (levels: number, wrap: (inner: unknown) => unknown) =>
    Array.from({ length: levels }).reduce(wrap, 0);
  for (const wrap of [(inner: unknown) => [inner], (inner: unknown) => ({ a: inner, b: 1 })]) {
    assert.ok(keptResult(nested(50, wrap)).json);
    for (const levels of [51, 2_000]) {
      assert.match(
        keptResult(nested(levels, wrap)).problem ?? "",
        /more than 50 lists and objects within each other/,
      );
    }
  }
});
