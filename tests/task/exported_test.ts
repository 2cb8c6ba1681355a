/** Which tasks a file has, and how each is found again. */
import assert from "node:assert/strict";
import { defineTask } from "../../app/task/define.ts";
import { describeTasks } from "../../app/task/description.ts";
import { type ModuleExports, taskIn, tasksIn } from "../../app/task/exported.ts";

function run() {}

function noFile(): Promise<never> {
  return Promise.reject(new Error("no calendar file is expected"));
}

const plain = defineTask({ run });
const named = defineTask({ id: "sync_a", run });

const GOOD: [string, ModuleExports, (string | undefined)[]][] = [
  ["one task is called as its file is", { default: plain }, [undefined]],
  ["one task has an id of its own", { default: named }, ["sync_a"]],
  ["a list has an id each", { default: [named, defineTask({ id: "订单", run })] }, ["sync_a", "订单"]],
  ["an export by name is called by it", { nightly: plain }, ["nightly"]],
  ["an export by name has an id of its own", { nightly: named }, ["sync_a"]],
  ["by default and by name", { default: plain, nightly: defineTask({ run }) }, [undefined, "nightly"]],
  ["one task by default and by name is one", { default: plain, task: plain }, [undefined]],
  [
    "what is no task beside one matters to nobody",
    { default: plain, limit: 5, helper: run, constructor: {} },
    [
      undefined,
    ],
  ],
  ["an empty list has no tasks", { default: [] }, []],
];

for (const [what, exports, ids] of GOOD) {
  Deno.test(`a file's tasks: ${what}`, async () => {
    const found = tasksIn(exports);
    assert.deepEqual(found.map(({ id }) => id), ids);
    assert.deepEqual((await describeTasks(exports, noFile)).map(({ id }) => id), ids);
    for (const { id, task } of found) assert.equal(taskIn(exports, id ?? "the_files_name"), task);
  });
}

const BAD: [ModuleExports, RegExp][] = [
  [{}, /^the default export is missing, not a task; write "export default defineTask/],
  [{ default: run, nightly: plain }, /^the default export is a function, not a task/],
  [{ default: [plain] }, /^item 1 of the default export has no id; write defineTask\(\{ id: "…", … \}\)$/],
  [{ default: [named, { id: "b", run }] }, /^item 2 of the default export is an object, not a task/],
  [{ default: new Array(3) }, /^item 1 of the default export is missing, not a task/],
  [{ default: [named, named] }, /^two tasks of the file have the id "sync_a"/],
  [{ default: named, sync_a: plain }, /^two tasks of the file have the id "sync_a"/],
  [
    { default: defineTask({ id: "../x", run }) },
    /^defineTask: id: "\.\.\/x" cannot be a task's id; it has letters/,
  ],
  [{ default: defineTask({ id: 5, run } as never) }, /^defineTask: id: 5 cannot be/],
  [{ $: plain }, /^defineTask: id: "\$" cannot be a task's id/],
  [
    { default: [named, defineTask({ id: "sync_b", run, timeout: "soon" })] },
    /^task "sync_b": defineTask: timeout: "soon" is not a duration/,
  ],
];

for (const [exports, expected] of BAD) {
  Deno.test(`a file's tasks are refused: ${expected.source}`, async () => {
    await assert.rejects(describeTasks(exports, noFile), (error) => {
      assert.ok(error instanceof TypeError);
      assert.match(error.message, expected);
      return true;
    });
  });
}

Deno.test("a task that its file no longer has is not taken for another", () => {
  assert.throws(
    () => taskIn({ default: [named] }, "sync_b"),
    /^TypeError: the file has no task "sync_b" any more$/,
  );
});
