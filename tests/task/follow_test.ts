import assert from "node:assert/strict";
import { followers, followProblems } from "../../app/task/follow.ts";
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
