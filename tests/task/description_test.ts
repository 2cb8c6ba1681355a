import assert from "node:assert/strict";
import { z } from "zod";
import { defineTask } from "../../app/task/define.ts";
import { describeTask } from "../../app/task/description.ts";
import { every } from "../../app/trigger/declare.ts";

function run() {}

function noFile(): Promise<never> {
  return Promise.reject(new Error("no calendar file is expected"));
}

Deno.test("a definition becomes plain data that can be copied between threads", async () => {
  const task = defineTask({
    title: { en: "A", zh: "甲" },
    trigger: every("5s"),
    timeout: "1m",
    params: z.object({ day: z.iso.date().describe("which day").default("2026-01-01") }),
    run,
  });
  const described = await describeTask(task, noFile);
  assert.deepEqual(structuredClone(described), described);
  assert.equal(described.policies.timeoutMs, 60_000);
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
    defineTask({ run, retry: {} } as never),
    /^defineTask: retry\.attempts: undefined is not a whole number from 1/,
  ],
  [defineTask({ run, retry: { attempts: 2, tries: 3 } } as never), /^defineTask: retry: unknown key "tries"/],
  [defineTask({ run, overlap: "wait" } as never), /^defineTask: overlap: "wait" is not one of skip, queue/],
  [defineTask({ run, concurrency: 0 }), /^defineTask: concurrency: 0 is not a whole number from 1 to 1000/],
  [
    defineTask({ run, misfire: { catchUp: "some" } } as never),
    /^defineTask: misfire\.catchUp: "some" is not one of/,
  ],
  [defineTask({ run, jitter: "x" }), /^defineTask: jitter: "x" is not a duration/],
  [defineTask({ run, locks: [""] }), /^defineTask: locks: "" is not a text/],
  [
    defineTask({ run, blackout: { from: "25:00", to: "06:00" } }),
    /^defineTask: blackout\[0\]: "25:00" is neither/,
  ],
  [
    defineTask({ run, blackout: { from: "2026-02-02", to: "2026-02-01" } }),
    /^defineTask: blackout\[0\]: it ends before it begins/,
  ],
  [defineTask({ run, calendar: { weekdays: "funday" } }), /^defineTask: calendar\.weekdays: .*"funday"/],
  [
    defineTask({ run, calendar: { holidays: ["soon"] } }),
    /^defineTask: calendar\.holidays: "soon" is not a day/,
  ],
  [defineTask({ run, after: { task: "" } }), /^defineTask: after\.task: it names the other task/],
  [defineTask({ run, permissions: { disk: true } } as never), /^defineTask: permissions: unknown key "disk"/],
  [
    defineTask({ run, executor: "inline", permissions: {} }),
    /^defineTask: permissions: a task that runs "inline" shares/,
  ],
  [
    defineTask({ run, title: { fr: "x" } } as never),
    /^defineTask: title is an object; write a text, or texts by language/,
  ],
];

for (const [exported, expected] of WRONG) {
  Deno.test(`a default export that is no task is refused: ${expected.source}`, async () => {
    await assert.rejects(describeTask(exported, noFile), (error) => {
      assert.match((error as Error).message, expected);
      return true;
    });
  });
}
