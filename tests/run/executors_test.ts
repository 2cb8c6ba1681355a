/** One suite for all executors: what a task can rely on, and what it cannot do to others, wherever it runs (I4). */
import assert from "node:assert/strict";
import type { Run } from "../../app/model/run.ts";
import type { ExecutorKind } from "../../app/model/order.ts";
import {
  logged,
  passWhile,
  startCarillon,
  startRun as start,
  type TestCarillon,
  TESTER,
  type TestOptions,
} from "../support/carillon.ts";

function task(executor: ExecutorKind, body: string, rest = ""): string {
  return `import { defineTask, log, z } from "carillon";
export default defineTask({ executor: "${executor}", ${rest}
  async run({ log: own, signal, progress, params, run }) { ${body} } });`;
}

async function lines(test: TestCarillon, run: Run): Promise<string[]> {
  return (await test.carillon.queries.runs.lines(run.id)).map(({ level, text }) => `${level} ${text}`);
}

/** The Carillons of this file that serve several tests; they stop after the last one. */
const shared: Promise<TestCarillon>[] = [];

Deno.test.afterAll(async () => {
  for (const each of shared) await (await each)[Symbol.asyncDispose]();
});

/** A Carillon that is started by the first who asks for it, with what has been put into `files` until then. */
function startedOnce(
  files: Readonly<Record<string, string>>,
  options?: TestOptions,
): () => Promise<TestCarillon> {
  let started: Promise<TestCarillon> | undefined;
  return () => {
    if (!started) shared.push(started = startCarillon(files, options));
    return started;
  };
}

const KINDS: readonly ExecutorKind[] = ["worker", "process", "shared"];

for (const kind of KINDS) {
  const files: Record<string, string> = { "tasks/good.ts": task("worker", `return "fine";`) };
  const running = startedOnce(files);
  const test = (
    what: string,
    body: string,
    check: (test: TestCarillon, id: string) => Promise<void>,
    rest = "",
  ) => {
    const id = `a${Object.keys(files).length}`;
    files[`tasks/${id}.ts`] = task(kind, body, rest);
    Deno.test(`${kind}: ${what}`, async () => {
      const carillon = await running();
      await check(carillon, id);
      // Whatever happened: another task runs, and the pages answer.
      assert.equal((await carillon.ended((await start(carillon, "good")).id)).message, "fine");
      assert.equal((await carillon.fetch("/")).status, 200);
    });
  };

  test(
    "message, log, console and progress are recorded",
    `own.info("one", { two: 2 }); log.warn("three"); console.error("four"); progress(0.5, "half"); return "  all \\n done ";`,
    async (test, id) => {
      const run = await test.ended((await start(test, id)).id);
      assert.equal(run.status, "succeeded", JSON.stringify(run));
      assert.equal(run.message, "all done");
      assert.deepEqual(run.progress, { fraction: 0.5, note: "half" });
      assert.deepEqual(await lines(test, run), ["info one { two: 2 }", "warn three", "error four"]);
    },
  );

  test(
    "parameters are checked by the task's schema, with defaults of the moment",
    `return JSON.stringify(params);`,
    async (test, id) => {
      const run = await test.ended((await start(test, id, { n: "7" })).id);
      assert.deepEqual(JSON.parse(run.message ?? ""), { n: 7, name: "x" });
    },
    `params: z.object({ n: z.int(), name: z.string().default(() => "x") }),`,
  );

  test(
    "what is thrown fails the run, with its place in the file",
    `throw new TypeError("no luck");`,
    async (test, id) => {
      const run = await test.ended((await start(test, id)).id);
      assert.equal(run.status, "failed");
      assert.equal(run.error?.name, "TypeError");
      assert.equal(run.error?.message, "no luck");
      assert.match(run.error?.stack ?? "", new RegExp(`tasks/${id}\\.ts:3:`));
    },
  );

  test("what is returned need not be data", `return () => 5;`, async (test, id) => {
    const run = await test.ended((await start(test, id)).id);
    assert.equal(run.status, "succeeded");
    assert.match(run.message ?? "", /Function/);
  });

  test(
    "of a flood of log lines the first, the last and the warnings between are at hand, and all are counted",
    `for (let i = 0; i < 20_000; i++) log[i % 4_000 === 1_000 ? "warn" : "info"](i); return "done";`,
    async (test, id) => {
      const run = await test.ended((await start(test, id)).id);
      assert.equal(run.message, "done");
      // Whether it had to wait, and is told so, depends on how fast the machine is; that line may be one of the last.
      const isHeld = (line: string) => line.startsWith("warn more is written than is read of one run");
      const all = await lines(test, run);
      const isEarlier = all.slice(0, -5_000).some(isHeld);
      assert.equal(all.length, 200 + 4 + 5_000 + (isEarlier ? 1 : 0));
      const said = all.filter((line) => !isHeld(line));
      assert.deepEqual([said[0], said[199], said[200], said[203], said[204], said.at(-1)], [
        "info 0",
        "info 199",
        "warn 1000",
        "warn 13000",
        all.some(isHeld) && !isEarlier ? "info 15001" : "info 15000",
        "info 19999",
      ]);
      assert.equal(
        (await test.carillon.queries.runs.logSize(run.id)).lines,
        20_000 + (all.some(isHeld) ? 1 : 0),
      );
    },
  );

  test(
    "a promise that is rejected and that nobody awaits fails the run",
    `Promise.reject(new Error("nobody waits")); await new Promise(() => {});`,
    async (test, id) => {
      const run = await test.ended((await start(test, id)).id);
      assert.equal(run.status, "failed");
      assert.match(run.error?.message ?? "", /nobody waits/);
    },
  );

  test(
    "a task that is cancelled and heeds its signal ends by itself",
    `own.info("begun"); await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));`,
    async (test, id) => {
      const { id: runId } = await start(test, id);
      await logged(test, runId, "begun");
      assert.equal((await test.carillon.operations.cancel({ ...TESTER, name: "anna" }, runId)).id, runId);
      const run = await test.ended(runId);
      assert.equal(run.status, "cancelled");
      assert.equal(run.message, "cancelled by anna");
    },
  );

  test(
    "a task that outlives its time limit and heeds nothing is given up after a grace time",
    `own.info("begun"); await new Promise(() => {});`,
    async (test, id) => {
      const { id: runId } = await start(test, id);
      await logged(test, runId, "begun");
      await test.clock.advance({ seconds: 15 });
      const run = await test.ended(runId);
      assert.equal(run.status, "timed_out");
      assert.equal(run.message, "ended after its time limit of 10 s");
    },
    `timeout: "10s",`,
  );
}

function hog(pause: string): string {
  return `const all = []; for (;;) { all.push(new Array(1e5).fill(all.length)); ${pause}; }`;
}

const HARMS: [string, string, RegExp][] = [
  [
    "throws in a timer",
    `setTimeout(() => { throw new Error("late"); }, 1); await new Promise(() => {});`,
    /late/,
  ],
  ["calls Deno.exit", `Deno.exit(3);`, /the task called exit\(3\)/],
  [
    "closes its worker",
    `self.close(); await new Promise(() => {});`,
    /self is not defined|the task called close\(\)/,
  ],
  ["exhausts its heap", hog("1"), /more than the 64 MB of memory/],
  [
    "exhausts its heap after a wait",
    `await new Promise((resolve) => setTimeout(resolve, 1)); await 1; ${hog("1")}`,
    /more than the 64 MB of memory/,
  ],
  [
    "exhausts its heap bit by bit",
    hog("await new Promise((resolve) => setTimeout(resolve, 0))"),
    /more than the 64 MB of memory/,
  ],
];

for (const kind of ["worker", "process"] as const) {
  const files: Record<string, string> = {
    "tasks/tick.ts": `import { defineTask, every } from "carillon";
export default defineTask({ trigger: every("1m"), run: () => "tick" });`,
  };
  const running = startedOnce(files, { flags: { "scheduler-memory": "64" } });
  for (const [what, body, expected] of HARMS) {
    const id = `bad${Object.keys(files).length}`;
    files[`tasks/${id}.ts`] = task(kind, body);
    Deno.test(`${kind}: a task that ${what} ends its own run and nothing else`, async () => {
      const test = await running();
      const run = await test.ended((await start(test, id)).id);
      assert.equal(run.status, "failed", JSON.stringify(run));
      assert.match(run.error?.message ?? "", expected);
      const due = test.clock.now() + 60_000;
      await test.clock.advance({ minutes: 1 });
      const [tick] = await test.carillon.queries.runs.recent("tick");
      assert.equal(tick?.scheduledAt, due);
      assert.equal((await test.ended(tick.id)).message, "tick");
      assert.equal((await test.fetch("/")).status, 200);
    });
  }

  Deno.test(`${kind}: an endless loop is ended, and the next tick of another task is on time`, async () => {
    await using test = await startCarillon({
      "tasks/loop.ts": task(kind, `own.info("begun"); for (;;);`, `timeout: "10s",`),
      "tasks/tick.ts": `import { defineTask, every } from "carillon";
export default defineTask({ trigger: every("5s"), run: () => "tick" });`,
    });
    const { id } = await start(test, "loop");
    await logged(test, id, "begun");
    await test.clock.advance({ seconds: 5 });
    const [tick] = await test.carillon.queries.runs.recent("tick");
    assert.equal(tick?.scheduledAt, Date.parse("2026-03-10T10:00:05Z"));
    assert.equal((await test.ended(tick.id)).message, "tick");
    assert.equal((await test.fetch(`/runs/${id}`)).status, 200);
    await test.clock.advance({ seconds: 10 });
    assert.equal((await test.ended(id)).status, "timed_out");
  });
}

Deno.test("inline: an error in a timer is logged and ends nothing", async () => {
  await using test = await startCarillon({
    "tasks/a.ts": task(
      "shared",
      `setTimeout(() => { throw new Error("late"); }, 0); await new Promise((resolve) => setTimeout(resolve, 20)); return "done";`,
    ),
  });
  assert.equal((await test.ended((await start(test, "a")).id)).message, "done");
  assert.match(test.lines.join("\n"), /ERROR a shared task left an error behind: Error: late/);
});

Deno.test("a task file that never finishes loading is broken, and the others go on", async () => {
  await using test = await startCarillon({ "tasks/good.ts": task("worker", `return "fine";`) });
  test.folder.write(
    "tasks/hang.ts",
    `import { defineTask } from "carillon";
await new Promise(() => setInterval(() => {}, 1_000));
export default defineTask({ run() {} });`,
  );
  await passWhile(test.carillon.operations.reload(TESTER), test.clock, { seconds: 11 });
  assert.deepEqual(test.carillon.queries.tasks.ids(), ["good"]);
  const [broken] = test.carillon.queries.tasks.broken();
  assert.match(broken?.message ?? "", /did not finish loading within 10 s/);
  assert.equal((await test.ended((await start(test, "good")).id)).message, "fine");
});

Deno.test("process: what the task writes by itself is kept as lines", async () => {
  await using test = await startCarillon({
    "tasks/a.ts": task(
      "process",
      `Deno.stdout.writeSync(new TextEncoder().encode("out\\n")); Deno.stderr.writeSync(new TextEncoder().encode("err\\n")); return 1;`,
    ),
  });
  const run = await test.ended((await start(test, "a")).id);
  assert.deepEqual((await lines(test, run)).toSorted(), ["info out", "warn err"]);
});

const ATTEMPTS = `
const tried = {};
const attempt = async (name, work) => {
  try { await work(); tried[name] = "allowed"; } catch (error) { tried[name] = error.name; }
};
await attempt("read", () => Deno.readTextFile("/etc/hostname"));
await attempt("readHere", () => Deno.readTextFile(params.folder + "/in/file.txt"));
await attempt("write", () => Deno.writeTextFile(params.folder + "/out.txt", "x"));
await attempt("env", () => Deno.env.get("HOME"));
await attempt("envOne", () => Deno.env.get("LANG"));
await attempt("run", () => new Deno.Command("true").output());
await attempt("net", () => Deno.connect({ hostname: "127.0.0.1", port: Number(params.port) }));
await attempt("netOther", () => Deno.connect({ hostname: "127.0.0.2", port: Number(params.port) }));
return JSON.stringify(tried);`;

Deno.test("a task that declares permissions gets these alone", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  await using test = await startCarillon({ "in/file.txt": "x" });
  const folder = test.folder.path;
  test.folder.write(
    "tasks/a.ts",
    task(
      "worker",
      ATTEMPTS,
      `params: z.object({ folder: z.string(), port: z.string() }),
       permissions: { net: ["127.0.0.1:${port}"], read: [${
        JSON.stringify(`${folder}/in`)
      }], env: ["LANG"] },`,
    ),
  );
  await test.carillon.operations.reload(TESTER);
  const run = await test.ended((await start(test, "a", { folder, port: String(port) })).id);
  assert.equal(run.status, "succeeded", JSON.stringify(run.error));
  assert.deepEqual(JSON.parse(run.message ?? ""), {
    read: "NotCapable",
    readHere: "allowed",
    write: "NotCapable",
    env: "NotCapable",
    envOne: "allowed",
    run: "NotCapable",
    net: "allowed",
    netOther: "NotCapable",
  });
});

Deno.test("the operator's default holds for tasks that declare nothing", async () => {
  await using test = await startCarillon({
    "tasks/a.ts": task(
      "worker",
      `try { Deno.env.get("HOME"); return "allowed"; } catch (error) { return error.name; }`,
    ),
  }, { flags: { "permissions-env": "none" } });
  assert.equal((await test.ended((await start(test, "a")).id)).message, "NotCapable");
});
