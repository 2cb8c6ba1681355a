/** Loading and reloading task files, with real workers. */
import assert from "node:assert/strict";
import { startCarillon, startStill, TESTER } from "../support/carillon.ts";

const HELLO = `import { defineTask, every } from "carillon";
import { greeting } from "./lib/_greeting.ts";
export default defineTask({ trigger: every("1h"), title: greeting, run: () => greeting });
`;

Deno.test("task files are found, with what they import from beside them", async () => {
  await using test = await startStill({
    "tasks/hello.ts": HELLO,
    "tasks/lib/_greeting.ts": `export const greeting: string = "hi";`,
    "tasks/sub/other.js": `import { defineTask } from "carillon";\nexport default defineTask({ run() {} });`,
  });
  const { tasks } = test.carillon.queries;
  assert.deepEqual(tasks.ids(), ["hello", "other"]);
  assert.deepEqual(tasks.broken(), []);
  assert.equal(tasks.find("hello")?.task.description.title, "hi");
});

const BROKEN: [string, string, RegExp, { line: number; column: number } | undefined][] = [
  ["a syntax error", `export default defineTask({\n  run( {},\n});`, /Expected|expected|Unexpected/, {
    line: 3,
    column: 1,
  }],
  ["an error while loading", `const a = 1;\nthrow new Error("no luck");\nexport default a;`, /^no luck$/, {
    line: 2,
    column: 7,
  }],
  [
    "a wrong trigger",
    `import { cron, defineTask } from "carillon";\nexport default defineTask({\n  trigger: cron({ hour: 25 }), run() {} });`,
    /^hour: "25" is not between 0 and 23$/,
    { line: 3, column: 12 },
  ],
  [
    "no default export",
    `export const a = 1;`,
    /^it has no default export; write "export default defineTask/,
    undefined,
  ],
  [
    "a default export that is no task",
    `export default { run() {} };`,
    /^the default export is an object, not a task/,
    undefined,
  ],
  [
    "an import out of the folder",
    `import { defineTask } from "carillon";\nimport { q } from "../lib/q.ts";\nexport default defineTask({ run: () => q });`,
    /^"\.\.\/lib\/q\.ts": imports stay within the tasks folder; put shared code into it, .* such as _shared\/lib\/q\.ts, or/,
    { line: 2, column: 20 },
  ],
  [
    "an import() out of the folder",
    `import { defineTask } from "carillon";\nexport default defineTask({ run: async () => await import("../q.ts") });`,
    /^"\.\.\/q\.ts": imports stay within the tasks folder/,
    { line: 2, column: 59 },
  ],
  [
    "an import of a file that is not there",
    `import { defineTask } from "carillon";\nimport "./lib/nofile.ts?x";\nexport default defineTask({ run() {} });`,
    /^"\.\/lib\/nofile\.ts\?x": there is no lib\/nofile\.ts in the tasks folder$/,
    { line: 2, column: 9 },
  ],
  [
    "an import without its ending",
    `import { defineTask } from "carillon";\nimport "./good";\nexport default defineTask({ run() {} });`,
    /^"\.\/good": write it with its ending, "\.\/good\.js"$/,
    { line: 2, column: 9 },
  ],
  ["a package that is not there", `import "left-pad";\nexport default 1;`, /left-pad/, undefined],
];

for (const [what, code, message, place] of BROKEN) {
  Deno.test(`${what} is shown with its place, and the other tasks run`, async () => {
    await using test = await startStill({
      "tasks/bad.ts": code,
      "tasks/good.js":
        `import { defineTask } from "carillon";\nexport default defineTask({ run: () => "fine" });`,
    });
    const { tasks } = test.carillon.queries;
    assert.deepEqual(tasks.ids(), ["good"]);
    const [broken, ...rest] = tasks.broken();
    assert.deepEqual(rest, []);
    assert.equal(broken?.path, "bad.ts");
    assert.match(broken?.message ?? "", message);
    if (place) assert.deepEqual(broken?.place, place);
    assert.ok(test.lines.some((line) => line.startsWith("ERROR task file") && line.includes("bad.ts")));
    const page = await (await test.fetch("/")).text();
    assert.match(page, /A task file cannot be loaded/);
    assert.match(page, /bad\.ts/);
  });
}

Deno.test("of two files with one id the first goes on and the second is broken", async () => {
  const code = `import { defineTask } from "carillon";\nexport default defineTask({ run() {} });`;
  await using test = await startStill({ "tasks/a/twin.ts": code, "tasks/b/twin.ts": code });
  const { tasks } = test.carillon.queries;
  assert.equal(tasks.find("twin")?.task.path, "a/twin.ts");
  assert.match(
    tasks.broken()[0]?.message ?? "",
    /^the id "twin" is taken by a\/twin\.ts; rename one of the two files$/,
  );
  test.folder.remove("tasks/a/twin.ts");
  await test.carillon.operations.reload(TESTER);
  assert.equal(tasks.find("twin")?.task.path, "b/twin.ts");
  assert.deepEqual(tasks.broken(), []);
});

Deno.test("a file that breaks keeps its last good version, and the page says so", async () => {
  const version = (words: string) =>
    `import { defineTask } from "carillon";\nexport default defineTask({ run: () => "${words}" });`;
  await using test = await startStill({ "tasks/hello.ts": version("one") });
  const { tasks } = test.carillon.queries;
  const messageOf = async () => {
    const answer = await test.carillon.operations.run(TESTER, "hello", []);
    assert.ok(answer.ok);
    return (await test.ended(answer.run.id)).message;
  };
  assert.equal(await messageOf(), "one");
  test.folder.write("tasks/hello.ts", "export default (");
  await test.carillon.operations.reload(TESTER);
  assert.equal(tasks.broken()[0]?.taskId, "hello");
  assert.equal(await messageOf(), "one");
  assert.match(await (await test.fetch("/tasks/hello")).text(), /goes on with its last good version/);
  test.folder.write("tasks/hello.ts", version("two"));
  await test.carillon.operations.reload(TESTER);
  assert.deepEqual(tasks.broken(), []);
  assert.equal(await messageOf(), "two");
});

Deno.test("a change in a file that is imported is a new version of the task", async () => {
  await using test = await startStill({
    "tasks/hello.ts": HELLO,
    "tasks/lib/_greeting.ts": `export const greeting = "hi";`,
  });
  test.folder.write("tasks/lib/_greeting.ts", `export const greeting = "hello";`);
  const { changed } = await test.carillon.operations.reload(TESTER);
  assert.deepEqual(changed.map(({ id }) => id), ["hello"]);
  assert.equal(test.carillon.queries.tasks.find("hello")?.task.description.title, "hello");
});

Deno.test("a file that is removed stops its trigger and keeps its history", async () => {
  await using test = await startCarillon({
    "tasks/tick.ts":
      `import { defineTask, every } from "carillon";\nexport default defineTask({ trigger: every("1m"), run: () => "tick" });`,
  });
  await test.clock.advance({ minutes: 1 });
  const [run] = await test.carillon.queries.runs.recent("tick");
  assert.ok(run);
  await test.ended(run.id);
  test.folder.remove("tasks/tick.ts");
  const { removed } = await test.carillon.operations.reload(TESTER);
  assert.deepEqual(removed, ["tick"]);
  await test.clock.advance({ minutes: 10 });
  assert.equal((await test.carillon.queries.runs.recent("tick")).length, 1);
  assert.equal((await test.fetch(`/runs/${run.id}`)).status, 200);
});

/** Loading it fails for a reason outside of the file, for as long as there is a file beside the folder. */
const UNLUCKY = (title: string) =>
  `import { defineTask } from "carillon";
import { existsSync } from "node:fs";
if (existsSync("busy")) {
  new Deno.Command("kill", { args: ["-KILL", String(Deno.pid)] }).outputSync();
  await new Promise(() => {});
}
export default defineTask({ title: "${title}", run: () => "fine" });
`.replace(`"busy"`, `new URL(import.meta.url).pathname.replace(/\\/data\\/.*/, "/busy")`);

Deno.test("a file that could not be loaded for a reason outside of it is loaded again, later each time", async () => {
  await using test = await startCarillon({ "tasks/hello.ts": UNLUCKY("one") });
  const { operations, queries: { tasks } } = test.carillon;
  const look = () => operations.reload(TESTER, { again: false });
  test.folder.write("busy", "");
  test.folder.write("tasks/hello.ts", UNLUCKY("two"));
  const waits: number[] = [];
  for (let i = 0; i < 8; i++) {
    const now = test.clock.now();
    const { newlyBroken, mayReadMore } = await look();
    assert.equal(mayReadMore, true);
    // The same trouble is said once.
    assert.equal(newlyBroken.length, i === 0 ? 1 : 0);
    const [file] = tasks.broken();
    assert.ok(file?.retryAt !== undefined && file.taskId === "hello");
    const before = file.retryAt;
    waits.push((before - now) / 1_000);
    await test.clock.advance({ milliseconds: before - test.clock.now() - 1 });
    await look();
    assert.equal(tasks.broken()[0]?.retryAt, before, "not before its time");
    await test.clock.advance({ milliseconds: 1 });
  }
  assert.deepEqual(waits, [30, 60, 120, 240, 480, 960, 1_800, 1_800]);
  const page = await (await test.fetch("/system")).text();
  assert.match(page, /The reason may pass without a change of the file: it is loaded again at \d\d:\d\d\./);
  const { broken } = await (await test.fetch("/api/v1/system")).json();
  assert.equal(Date.parse(broken[0].retry_at), tasks.broken()[0]?.retryAt);
  assert.equal(tasks.find("hello")?.task.description.title, "one");
  test.folder.remove("busy");
  assert.equal((await look()).mayReadMore, false);
  assert.equal(tasks.find("hello")?.task.description.title, "two");
  assert.deepEqual(tasks.broken(), []);
});

Deno.test("whoever reads the folder by hand does not wait for the next try, and a change begins anew", async () => {
  await using test = await startStill({ "busy": "", "tasks/hello.ts": UNLUCKY("by hand") });
  const { operations, queries: { tasks } } = test.carillon;
  const wait = () => (tasks.broken()[0]?.retryAt ?? NaN) - test.clock.now();
  assert.equal(wait(), 30_000);
  await operations.reload(TESTER);
  assert.equal(wait(), 60_000);
  test.folder.write("tasks/hello.ts", UNLUCKY("changed"));
  await operations.reload(TESTER, { again: false });
  assert.equal(wait(), 30_000);
  test.folder.remove("busy");
  await operations.reload(TESTER);
  assert.equal(tasks.find("hello")?.task.description.title, "changed");
});

Deno.test("an unchanged folder is not loaded again", async () => {
  await using test = await startStill({
    "tasks/bad.ts": "export default (",
    "tasks/good.js": "export default 1",
  });
  const again = await test.carillon.operations.reload(TESTER);
  assert.deepEqual(again, { changed: [], removed: [], newlyBroken: [], mayReadMore: false });
});

Deno.test("an import of a broken file, or of one that imports nothing, names the file, and is good once that is", async () => {
  const task =
    `import { defineTask } from "carillon"; import { x } from "./_x.ts"; export default defineTask({ run: () => x });`;
  await using test = await startStill({
    "tasks/a.ts": task,
    "tasks/_x.ts": `export * from "./_y.ts"; export const x = 1;`,
    "tasks/_y.ts": "export const y = (;",
  });
  const { tasks } = test.carillon.queries;
  const messageOf = (path: string) => tasks.broken().find((each) => each.path === path)?.message;
  assert.equal(messageOf("a.ts"), '_x.ts:1: "./_y.ts": _y.ts is broken itself');
  test.folder.remove("tasks/_y.ts");
  await test.carillon.operations.reload(TESTER);
  assert.equal(messageOf("a.ts"), '_x.ts:1: "./_y.ts": there is no _y.ts in the tasks folder');
  test.folder.write("tasks/_y.ts", "export const y = 1;");
  await test.carillon.operations.reload(TESTER);
  assert.deepEqual([tasks.broken(), tasks.ids()], [[], ["a"]]);
});
