import assert from "node:assert/strict";
import { z } from "zod";
import { defineTask } from "../../app/task/define.ts";
import { describeTask } from "../../app/task/description.ts";
import { every } from "../../app/trigger/declare.ts";

function run() {}

Deno.test("a definition becomes plain data that can be copied between threads", () => {
  const described = describeTask(defineTask({
    title: { en: "A", zh: "甲" },
    trigger: every("5s"),
    timeout: "1m",
    params: z.object({ day: z.iso.date().describe("which day").default("2026-01-01") }),
    run,
  }));
  assert.deepEqual(structuredClone(described), described);
  assert.equal(described.timeoutMs, 60_000);
  assert.deepEqual(described.triggers, [{ kind: "interval", every: 5_000 }]);
  const [day] = described.params.fields;
  assert.equal(day?.required, false);
  assert.equal(day?.schema.default, "2026-01-01");
  assert.equal(day?.schema.description, "which day");
});

const WRONG: [unknown, RegExp][] = [
  [undefined, /^the default export is missing, not a task; write "export default defineTask/],
  [{ run }, /^the default export is an object, not a task/],
  [defineTask({} as never), /^defineTask: run is missing/],
  [defineTask({ run, triger: 1 } as never), /^defineTask: unknown key "triger"; did you mean "trigger"\?/],
  [defineTask({ run, trigger: "5m" } as never), /^defineTask: trigger is "5m"; write cron/],
  [defineTask({ run, timeout: "soon" }), /^defineTask: timeout: "soon" is not a duration/],
  [defineTask({ run, timeout: "0s" }), /^defineTask: timeout: it must be longer than 0/],
  [defineTask({ run, params: {} } as never), /^defineTask: params is an object; write z\.object/],
  [
    defineTask({ run, title: { fr: "x" } } as never),
    /^defineTask: title is an object; write a text, or texts by language/,
  ],
];

for (const [exported, expected] of WRONG) {
  Deno.test(`a default export that is no task is refused: ${expected.source}`, () => {
    assert.throws(() => describeTask(exported), (error) => {
      assert.match((error as Error).message, expected);
      return true;
    });
  });
}
