/** Several tasks from one file: their ids, versions and what happens where one of them is wrong. */
import assert from "node:assert/strict";
import { isTaskId } from "../../app/task/task_id.ts";
import { startCarillon, startRun, type TestCarillon, TESTER } from "../support/carillon.ts";

const HEAD = `import { defineTask } from "carillon";\n`;

async function messageOf(test: TestCarillon, id: string): Promise<string | undefined> {
  return (await test.ended((await startRun(test, id)).id)).message;
}

async function change(test: TestCarillon, files: Readonly<Record<string, string>>) {
  for (const [path, text] of Object.entries(files)) test.folder.write(path, text);
  return await test.carillon.operations.reload(TESTER);
}

/** A file whose default export is a list of tasks with these ids. */
function listOf(ids: readonly string[], words = ""): string {
  const tasks = ids.map((id) => `defineTask({ id: "${id}", run: () => "${id}${words}" })`);
  return `${HEAD}export default [${tasks.join(", ")}];`;
}

Deno.test("a list, names, and both beside each other are tasks by their ids", async () => {
  await using test = await startCarillon({
    "tasks/list.ts": listOf(["a", "b.2"]),
    "tasks/named.ts":
      `${HEAD}export const c = defineTask({ run: () => "c" });\nexport const own = defineTask({ id: "d", run: () => "d" });\nexport const limit = 5;`,
    "tasks/both.ts":
      `${HEAD}export const e = defineTask({ run: () => "e" });\nexport default defineTask({ run: () => "both" });`,
    "tasks/handed.ts": `export * from "./_made.ts";`,
    "tasks/_made.ts": `${HEAD}export const f = defineTask({ run: () => "f" });`,
  });
  const { tasks } = test.carillon.queries;
  assert.deepEqual(tasks.broken(), []);
  assert.deepEqual(tasks.ids(), ["a", "b.2", "both", "c", "d", "e", "f"]);
  for (const id of ["a", "b.2", "both", "c", "d", "e", "f"]) assert.equal(await messageOf(test, id), id);
});

Deno.test("a file that others import and that exports no task is no task file, and not broken", async () => {
  const lib = `${HEAD}export const make = (words) => defineTask({ run: () => words });`;
  await using test = await startCarillon({
    "tasks/lib.js": lib,
    "tasks/user.js": `import { make } from "./lib.js";\nexport default make("made");`,
  });
  const { tasks } = test.carillon.queries;
  assert.deepEqual(tasks.broken(), []);
  assert.deepEqual(tasks.ids(), ["user"]);
  assert.deepEqual(await change(test, {}), { changed: [], removed: [], newlyBroken: [], mayReadMore: false });
  test.folder.remove("tasks/user.js");
  await change(test, {});
  assert.match(tasks.broken()[0]?.message ?? "", /^it has no default export/);
});

Deno.test("one wrong task makes the file wrong, and all its tasks keep their last good version", async () => {
  await using test = await startCarillon({ "tasks/list.ts": listOf(["a", "b"]) });
  const { tasks } = test.carillon.queries;
  const wrong =
    `${HEAD}export default [defineTask({ id: "a", run: () => "new" }), defineTask({ id: "b", timeout: "soon", run() {} })];`;
  const { newlyBroken, removed } = await change(test, { "tasks/list.ts": wrong });
  assert.deepEqual(newlyBroken.map(({ taskId }) => taskId), ["a"]);
  assert.match(newlyBroken[0]?.message ?? "", /^task "b": defineTask: timeout: "soon"/);
  assert.deepEqual(removed, []);
  assert.equal(await messageOf(test, "a"), "a");
  assert.equal(await messageOf(test, "b"), "b");
  assert.equal(tasks.broken("b").length, 1);
  await change(test, { "tasks/list.ts": "export default [" });
  assert.deepEqual(tasks.ids(), ["a", "b"]);
  const mended = await change(test, { "tasks/list.ts": listOf(["a", "c"], "!") });
  assert.deepEqual(mended.removed, ["b"]);
  assert.deepEqual(mended.changed.map(({ id }) => id), ["a", "c"]);
  assert.equal(await messageOf(test, "a"), "a!");
  test.folder.remove("tasks/list.ts");
  assert.deepEqual((await change(test, {})).removed, ["a", "c"]);
});

Deno.test("an id belongs to the file that had it first, until that gives it up", async () => {
  await using test = await startCarillon({ "tasks/z.ts": listOf(["x", "y"]) });
  const { tasks } = test.carillon.queries;
  const { newlyBroken } = await change(test, {
    "tasks/a.ts": listOf(["x", "w"]),
    "tasks/y.js": `${HEAD}export default defineTask({ run() {} });`,
  });
  assert.deepEqual(newlyBroken.map(({ message }) => message), [
    `the id "x" is taken by z.ts; give one of the two tasks another id`,
    `the id "y" is taken by z.ts; rename one of the two files`,
  ]);
  assert.deepEqual(tasks.ids(), ["x", "y"]);
  // A file that wants another's id keeps what it has.
  await change(test, { "tasks/b.ts": listOf(["v"]) });
  await change(test, { "tasks/b.ts": listOf(["v", "y"], " of b") });
  assert.equal(await messageOf(test, "v"), "v");
  const given = await change(test, { "tasks/z.ts": listOf(["z"]) });
  assert.deepEqual(given.removed, []);
  assert.deepEqual(tasks.ids(), ["v", "w", "x", "y", "z"]);
  assert.equal(tasks.find("x")?.task.path, "a.ts");
  assert.equal(tasks.find("y")?.task.path, "b.ts");
  assert.equal(await messageOf(test, "v"), "v of b");
});

Deno.test("a name may have blanks within: as a file, as an id, in addresses and for the followers", async () => {
  await using test = await startCarillon({
    "tasks/nightly orders.ts": `${HEAD}export default defineTask({ run: () => "orders" });`,
    "tasks/more.ts":
      `${HEAD}export default [defineTask({ id: "日报 1", after: "nightly orders", run: () => "after" })];`,
  });
  const { tasks, runs } = test.carillon.queries;
  assert.deepEqual(tasks.broken(), []);
  assert.deepEqual(tasks.ids(), ["nightly orders", "日报 1"]);
  const followed = new Promise<string | undefined>((resolve) =>
    test.carillon.events.on("run.ended", ({ run }) => run.taskId === "日报 1" && resolve(run.message))
  );
  const answer = await test.fetch("/trigger/nightly%20orders", { method: "POST" });
  assert.equal(answer.status, 200, await answer.text());
  assert.equal(await followed, "after");
  assert.equal((await runs.recent("nightly orders"))[0]?.message, "orders");
  for (
    const path of [
      "/tasks/nightly%20orders",
      "/tasks/nightly%20orders/source",
      "/tasks",
    ]
  ) {
    const page = await test.fetch(path);
    assert.equal(page.status, 200, path);
    assert.ok((await page.text()).includes("orders"), path);
  }
});

for (const name of [" x", "x ", "x\ty", "x\ny", "a/b", "", "-a", "x\u00a0y"]) {
  Deno.test(`no name of a task: ${JSON.stringify(name)}`, () => assert.equal(isTaskId(name), false));
}
