import assert from "node:assert/strict";
import { DueQueue } from "../../app/scheduler/due_queue.ts";
import { fc } from "../support/fast_check.ts";

Deno.test("whatever is put in, moved and taken out, the earliest comes first", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("set" as const), key: fc.integer({ max: 20, min: 0 }), due: fc.nat(100) }),
    fc.record({
      kind: fc.constant("delete" as const),
      key: fc.integer({ max: 20, min: 0 }),
      due: fc.constant(0),
    }),
    fc.record({ kind: fc.constant("take" as const), key: fc.constant(0), due: fc.nat(100) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const queue = new DueQueue();
    const model = new Map<string, number>();
    for (const { kind, key, due } of steps) {
      if (kind === "set") {
        queue.set(`${key}`, due);
        model.set(`${key}`, due);
      } else if (kind === "delete") {
        queue.delete(`${key}`);
        model.delete(`${key}`);
      } else {
        const expected = [...model.values()].filter((each) => each <= due).sort((a, b) => a - b);
        const taken = queue.takeDue(due);
        assert.deepEqual(taken.map((each) => each.due), expected);
        for (const each of taken) {
          assert.equal(model.get(each.key), each.due);
          model.delete(each.key);
        }
      }
      assert.equal(queue.size, model.size);
      assert.equal(queue.earliest, model.size === 0 ? undefined : Math.min(...model.values()));
    }
  }));
});
