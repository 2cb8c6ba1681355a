import assert from "node:assert/strict";
import { allSucceeded, followers, followProblems } from "../../app/policy/follow.ts";
import { tasksOf } from "../support/dispatch.ts";

Deno.test("links to nobody and circles are told, and circles do not turn", async () => {
  const tasks = [...(await tasksOf({
    a: { after: "c" },
    b: { after: "a" },
    c: { after: "b" },
    d: { after: ["a", "lost"] },
    self: { after: "self" },
  })).values()];
  const cycle = (task: string, way: string) => [{ key: "warning.after_cycle", values: { task, cycle: way } }];
  assert.deepEqual(Object.fromEntries(followProblems(tasks)), {
    a: cycle("c", "a → c → b → a"),
    b: cycle("a", "b → a → c → b"),
    c: cycle("b", "c → b → a → c"),
    d: [{ key: "warning.after_unknown", values: { task: "lost", known: "a, b, c, d, self" } }],
    self: cycle("self", "self → self"),
  });
  assert.deepEqual(Object.fromEntries(followers(tasks)), {
    a: [{ task: "d", on: "success" }],
    lost: [{ task: "d", on: "success" }],
  });
});

Deno.test("with all, each of the others leads to the task, and only their successes since its last start count", async () => {
  const tasks = [...(await tasksOf({
    a: {},
    b: {},
    report: { after: { all: ["a", "b"] } },
    // One of the two would make a circle: it does not follow the other either.
    knot: { after: { all: ["a", "knot"] } },
  })).values()];
  const follow = { task: "report", on: "success", all: ["a", "b"] };
  assert.deepEqual(Object.fromEntries(followers(tasks)), { a: [follow], b: [follow] });
  assert.deepEqual([...followProblems(tasks).keys()], ["knot"]);

  const at = (times: Record<string, number>) => (task: string) => times[task];
  assert.equal(allSucceeded(["a", "b"], at({ a: 5 }), undefined), false);
  assert.equal(allSucceeded(["a", "b"], at({ a: 5, b: 9 }), undefined), true);
  assert.equal(allSucceeded(["a", "b"], at({ a: 5, b: 9 }), 4), true);
  // What ended on the very millisecond of the start is what it was started for.
  assert.equal(allSucceeded(["a", "b"], at({ a: 5, b: 9 }), 5), false);
});

Deno.test("a chain of thousands of tasks is looked through in no time", async () => {
  const [first] = (await tasksOf({ t0: { after: "t4999" } })).values();
  assert.ok(first);
  const { description } = first;
  const tasks = Array.from({ length: 5_000 }, (_, i) => ({
    id: `t${i}`,
    description: {
      policies: {
        ...description.policies,
        after: [{ kind: "one", task: `t${(i + 4_999) % 5_000}`, on: "end" } as const],
      },
    },
  }));
  const problems = followProblems(tasks.slice(0, 2_000));
  assert.equal(problems.size, 1);
  assert.ok(String(problems.get("t0")?.[0]?.values.known).length < 1_000);
  assert.equal(followers(tasks.slice(0, 2_000)).size, 2_000);
});
