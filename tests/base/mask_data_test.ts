import assert from "node:assert/strict";
import { createMask, MASKED } from "../../app/base/mask.ts";
import { maskData, maskValues } from "../../app/base/mask_data.ts";

const mask = createMask(["s3cret", "123456"]);

Deno.test("data without a secret are the same data, whatever they are", () => {
  for (
    const data of [undefined, null, 0, NaN, 9123456, "x", [], {}, [NaN, { a: [1, "b", null] }], new Date(0)]
  ) {
    assert.ok(Object.is(maskData(data, mask), data));
  }
  const params = { n: NaN, at: new Date(0) };
  assert.equal(maskValues(params, mask), params);
});

Deno.test("secrets go out of texts, names and numbers, at any depth; what is called by a secret keeps its name among values", () => {
  assert.deepEqual(maskData({ a: ["xs3cret", { s3cret: 123456 }], n: 1234567 }, mask), {
    a: [`x${MASKED}`, { [MASKED]: MASKED }],
    n: 1234567,
  });
  assert.deepEqual(maskValues({ s3cret: "s3cret", other: 1 }, mask), { s3cret: MASKED, other: 1 });
});

Deno.test("what is nested too deeply to be looked through is masked whole, and nothing falls", () => {
  const deep = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
  assert.equal(maskData(deep, mask), MASKED);
  assert.deepEqual(maskValues({ deep, other: 1 }, mask), { deep: MASKED, other: 1 });
});
