/** Whatever a task writes, by whatever way, is in its run's log: in each executor, in a sandbox, and at a terminal. */
import assert from "node:assert/strict";
import { carillon } from "../support/commands.ts";
import { makeFolder } from "../support/folder.ts";
import { startCarillon, startRun } from "../support/carillon.ts";

/** Children and bytes of its own are for hosts that have one run at a time. */
const task = (options: string, ownProcess: boolean) =>
  `import process from "node:process";
import { defineTask, log } from "carillon";
export default defineTask({
  ${options}
  async run(context) {
    context.log.info("a context");
    log.warn("b sdk %s", "x");
    console.log("c console", { n: 1 });
    console.info("d info");
    console.warn("e warn");
    console.error("f error");
    console.debug("g debug");
    ${
    ownProcess
      ? `process.stdout.write("h out\\n"); process.stderr.write("i err\\n");
    const child = new Deno.Command("sh", { args: ["-c", "echo j child; echo k child err >&2"], stdout: "inherit", stderr: "inherit" });
    await child.output();`
      : ""
  }
    return { rows: [1, 2], day: "2026-03-10" };
  },
});
`;
const WRITTEN = [
  "a context",
  "b sdk x",
  "c console { n: 1 }",
  "d info",
  "e warn",
  "f error",
  "g debug",
];
const OWN = ["h out", "i err", "j child", "k child err"];

const KINDS: [name: string, options: string, expected: readonly string[]][] = [
  ["worker", "", [...WRITTEN, ...OWN]],
  ["process", `executor: "process",`, [...WRITTEN, ...OWN]],
  ["shared", `executor: "shared",`, WRITTEN],
  ["sandbox", `permissions: { run: ["sh"], env: true },`, [...WRITTEN, ...OWN]],
];

for (const [name, options, expected] of KINDS) {
  Deno.test(`what a task writes is in its log: ${name}`, async () => {
    await using test = await startCarillon({ "tasks/t.ts": task(options, expected.length > WRITTEN.length) });
    const run = await test.ended((await startRun(test, "t")).id);
    assert.equal(run.error, undefined);
    // An object reads as JSON.
    assert.equal(run.message, `{"rows":[1,2],"day":"2026-03-10"}`);
    const lines = await test.carillon.queries.runs.lines(run.id);
    assert.deepEqual(lines.map(({ text }) => text).sort(), expected);
  });
}

Deno.test("at a terminal the same lines are on standard error, and the message on standard output", async () => {
  await using folder = makeFolder(
    Object.fromEntries(
      KINDS.map(([name, options, expected]) => [
        `tasks/${name}.ts`,
        task(options, expected.length > WRITTEN.length),
      ]),
    ),
  );
  for (const [name, , expected] of KINDS) {
    const { code, stdout, stderr } = await carillon(folder.path, ["run", name]);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, `{"rows":[1,2],"day":"2026-03-10"}\n`);
    const lines = stderr.trim().split("\n").map((line) => line.replace(/^\w+ +/, ""));
    assert.deepEqual(lines.sort(), [...expected], name);
  }
});
