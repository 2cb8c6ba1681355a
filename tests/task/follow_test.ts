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
  const problems = Object.fromEntries(followProblems(tasks));
  assert.deepEqual(problems, {
    a: ["after: it would run for ever (a → c → b → a); it does not run after c"],
    b: ["after: it would run for ever (b → a → c → b); it does not run after a"],
    c: ["after: it would run for ever (c → b → a → c); it does not run after b"],
    d: [`after: there is no task "lost"; known are: a, b, c, d, self`],
    self: ["after: it would run for ever (self → self); it does not run after self"],
  });
  assert.deepEqual(Object.fromEntries(followers(tasks)), {
    a: [{ task: "d", on: "success" }],
    lost: [{ task: "d", on: "success" }],
  });
});
