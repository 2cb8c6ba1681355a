/** Loading and reloading task files, with real workers. */
import assert from "node:assert/strict";
import { startCarillon } from "../support/carillon.ts";

const HELLO = `import { defineTask, every } from "carillon";
import { greeting } from "./lib/_greeting.ts";
export default defineTask({ trigger: every("1h"), title: greeting, run: () => greeting });
`;

Deno.test("task files are found, with what they import from beside them", async () => {
  await using test = await startCarillon({
    "tasks/hello.ts": HELLO,
    "tasks/lib/_greeting.ts": `export const greeting: string = "hi";`,
    "tasks/sub/other.js": `import { defineTask } from "carillon";\nexport default defineTask({ run() {} });`,
  });
  const { tasks, broken } = test.carillon.registry;
  assert.deepEqual([...tasks.keys()], ["hello", "other"]);
  assert.deepEqual(broken, []);
  assert.equal(tasks.get("hello")?.description.title, "hi");
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
  ["a package that is not there", `import "left-pad";\nexport default 1;`, /left-pad/, undefined],
];

for (const [what, code, message, place] of BROKEN) {
  Deno.test(`${what} is shown with its place, and the other tasks run`, async () => {
    await using test = await startCarillon({
      "tasks/bad.ts": code,
      "tasks/good.js":
        `import { defineTask } from "carillon";\nexport default defineTask({ run: () => "fine" });`,
    });
    const { registry } = test.carillon;
    assert.deepEqual([...registry.tasks.keys()], ["good"]);
    const [broken, ...rest] = registry.broken;
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
  await using test = await startCarillon({ "tasks/a/twin.ts": code, "tasks/b/twin.ts": code });
  const { registry } = test.carillon;
  assert.equal(registry.tasks.get("twin")?.path, "a/twin.ts");
  assert.match(
    registry.broken[0]?.message ?? "",
    /^the id "twin" is taken by a\/twin\.ts; rename one of the two files$/,
  );
  test.folder.remove("tasks/a/twin.ts");
  await test.carillon.reload();
  assert.equal(registry.tasks.get("twin")?.path, "b/twin.ts");
  assert.deepEqual(registry.broken, []);
});

Deno.test("a file that breaks keeps its last good version, and the page says so", async () => {
  const version = (words: string) =>
    `import { defineTask } from "carillon";\nexport default defineTask({ run: () => "${words}" });`;
  await using test = await startCarillon({ "tasks/hello.ts": version("one") });
  const { registry } = test.carillon;
  const messageOf = async () => {
    const task = registry.tasks.get("hello");
    assert.ok(task);
    const answer = await test.carillon.request(task, [], { cause: "manual" });
    assert.ok(answer.ok);
    return (await test.ended(answer.run.id)).message;
  };
  assert.equal(await messageOf(), "one");
  test.folder.write("tasks/hello.ts", "export default (");
  await test.carillon.reload();
  assert.equal(registry.broken[0]?.taskId, "hello");
  assert.equal(await messageOf(), "one");
  assert.match(await (await test.fetch("/tasks/hello")).text(), /goes on with its last good version/);
  test.folder.write("tasks/hello.ts", version("two"));
  await test.carillon.reload();
  assert.deepEqual(registry.broken, []);
  assert.equal(await messageOf(), "two");
});

Deno.test("a change in a file that is imported is a new version of the task", async () => {
  await using test = await startCarillon({
    "tasks/hello.ts": HELLO,
    "tasks/lib/_greeting.ts": `export const greeting = "hi";`,
  });
  test.folder.write("tasks/lib/_greeting.ts", `export const greeting = "hello";`);
  const { changed } = await test.carillon.reload();
  assert.deepEqual(changed.map(({ id }) => id), ["hello"]);
  assert.equal(test.carillon.registry.tasks.get("hello")?.description.title, "hello");
});

Deno.test("a file that is removed stops its trigger and keeps its history", async () => {
  await using test = await startCarillon({
    "tasks/tick.ts":
      `import { defineTask, every } from "carillon";\nexport default defineTask({ trigger: every("1m"), run: () => "tick" });`,
  });
  await test.clock.advance({ minutes: 1 });
  const [run] = test.carillon.history.recent("tick");
  assert.ok(run);
  await test.ended(run.id);
  test.folder.remove("tasks/tick.ts");
  const { removed } = await test.carillon.reload();
  assert.deepEqual(removed, ["tick"]);
  await test.clock.advance({ minutes: 10 });
  assert.equal(test.carillon.history.recent("tick").length, 1);
  assert.equal((await test.fetch(`/runs/${run.id}`)).status, 200);
});

Deno.test("an unchanged folder is not loaded again", async () => {
  await using test = await startCarillon({
    "tasks/bad.ts": "export default (",
    "tasks/good.js": "export default 1",
  });
  const again = await test.carillon.reload();
  assert.deepEqual(again, { changed: [], removed: [], newlyBroken: [] });
});
