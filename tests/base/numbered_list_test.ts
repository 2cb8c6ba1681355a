import assert from "node:assert/strict";
import { NumberedList } from "../../app/base/numbered_list.ts";

Deno.test("things are found by their number, whatever was taken out between them", () => {
  const list = new NumberedList<string>();
  for (let number = 1; number <= 50; number++) list.add(number * 3, `v${number * 3}`);
  for (const gone of [3, 75, 150, 99]) list.remove(gone);
  for (let number = 0; number <= 151; number++) {
    const there = number % 3 === 0 && number > 0 && ![3, 75, 150, 99].includes(number);
    assert.equal(list.get(number), there ? `v${number}` : undefined);
  }
  assert.equal(list.size, 46);
  assert.equal(list.numberOf("v6"), 6);
  assert.equal(list.numberOf("v3"), undefined);
  assert.deepEqual(list.entries().slice(0, 2), [[6, "v6"], [9, "v9"]]);
});

Deno.test("what is not there can be taken out, and an emptied list begins anew", () => {
  const list = new NumberedList<string>();
  list.remove(1);
  list.add(5, "five");
  list.remove(4);
  list.remove(6);
  assert.deepEqual(list.values, ["five"]);
  list.clear();
  assert.equal(list.size, 0);
  list.add(1, "one");
  assert.equal(list.get(1), "one");
});

Deno.test("a number has to be larger than the last one", () => {
  const list = new NumberedList<string>();
  list.add(2, "two");
  for (const number of [2, 1, -1]) assert.throws(() => list.add(number, "again"), RangeError);
  assert.deepEqual(list.values, ["two"]);
});
