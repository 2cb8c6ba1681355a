/** The executable, alone in an empty folder. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { addedBytes, hasBinary, runBinary, startBinary, startBinaryIn } from "../support/binary.ts";
import { makeFolder } from "../support/folder.ts";

const ignore = !hasBinary();

const GREET = `import { defineTask, every } from "carillon";
import { words } from "./_words.ts";
interface Words { readonly text: string }
const greeting: Words = words;
export default defineTask({ trigger: every("100ms"), run: ({ run }) => greeting.text + " " + (run.cause satisfies string) });
`;

async function historyOf(address: string, id: string): Promise<string> {
  return await (await fetch(`${address}/tasks/${id}`)).text();
}

Deno.test({
  name: "in an empty folder it starts, makes its data folder and serves its pages",
  ignore,
  async fn() {
    await using app = await startBinary();
    const page = await (await fetch(app.address)).text();
    assert.match(page, /No tasks yet/);
    for (const [, path] of page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)) {
      const asset = await fetch(`${app.address}${path}`);
      assert.equal(asset.status, 200);
      assert.ok((await asset.text()).length > 100);
    }
    assert.ok(Deno.statSync(join(app.folder.path, "data/carillon.db")).isFile);
    assert.match(app.log(), /this machine; \[server\] host opens it to others/);
  },
});

Deno.test({
  name: "a file that is dropped in, with types and a neighbour, is picked up and runs",
  ignore,
  async fn() {
    await using app = await startBinary();
    app.folder.write("tasks/_words.ts", `export const words: { text: string } = { text: "hi" };`);
    app.folder.write("tasks/greet.ts", GREET);
    await app.logged("task greet: loaded from greet.ts");
    await app.logged(/task greet: run \S+ succeeded: hi schedule/);
    assert.match(await historyOf(app.address, "greet"), /succeeded/);
    app.folder.write("tasks/_words.ts", `export const words = { text: "hello" };`);
    await app.logged(/succeeded: hello schedule/);
    app.folder.write("tasks/greet.ts", "export default (");
    await app.logged(/task file \S+greet\.ts:1:\d+: .*\(task greet goes on with its last good version\)/);
    assert.match(await (await fetch(app.address)).text(), /A task file cannot be loaded/);
    assert.match(await (await fetch(`${app.address}/system`)).text(), /goes on with its last good version/);
    app.folder.remove("tasks/greet.ts");
    await app.logged("task greet: its file is gone");
  },
});

Deno.test({
  name: "SIGTERM waits for what is running, records it, and ends with 0",
  ignore,
  async fn() {
    await using app = await startBinary({
      "tasks/slow.ts": `import { defineTask } from "carillon";
export default defineTask({ async run({ log }) { log.info("begun"); await new Promise((end) => setTimeout(end, 300)); return "all of it"; } });`,
      "tasks/stuck.ts": `import { defineTask } from "carillon";
export default defineTask({ run({ log }) { log.info("begun"); for (;;); } });`,
    }, ["--scheduler-grace=2s"]);
    const runs = await Promise.all(
      ["slow", "stuck"].map(async (id) =>
        (await (await fetch(`${app.address}/trigger/${id}`, { method: "POST" })).json()).run_id as string
      ),
    );
    for (const run of runs) {
      while (!(await (await fetch(`${app.address}/runs/${run}`)).text()).includes("begun")) continue;
    }
    const { code } = await app.end("SIGTERM");
    assert.equal(code, 0, app.log());
    assert.match(app.log(), /task slow: run \S+ succeeded: all of it/);
    assert.match(app.log(), /task stuck: run \S+ interrupted: Carillon was stopped/);
    const again = await startBinaryIn(app.folder);
    assert.match(await historyOf(again.address, "slow"), /all of it/);
    assert.match(await historyOf(again.address, "stuck"), /interrupted/);
    assert.equal((await again.end("SIGTERM")).code, 0);
  },
});

Deno.test({
  name: "kill -9 loses no finished run, and what was running shows as interrupted",
  ignore,
  async fn() {
    await using app = await startBinary({
      "tasks/quick.ts":
        `import { defineTask } from "carillon";\nexport default defineTask({ run: () => "done" });`,
      "tasks/stuck.ts":
        `import { defineTask } from "carillon";\nexport default defineTask({ run: () => new Promise(() => {}) });`,
    });
    await fetch(`${app.address}/trigger/stuck`, { method: "POST" }).then((answer) => answer.body?.cancel());
    await fetch(`${app.address}/trigger/quick`, { method: "POST" }).then((answer) => answer.body?.cancel());
    await app.logged(/task quick: run \S+ succeeded/);
    await app.end("SIGKILL");
    const again = await startBinaryIn(app.folder);
    assert.match(await historyOf(again.address, "quick"), /succeeded/);
    assert.match(await historyOf(again.address, "stuck"), /interrupted/);
    await again.end("SIGTERM");
  },
});

Deno.test({
  name: "a port that is taken is told in one sentence, and no task is run",
  ignore,
  async fn() {
    await using app = await startBinary();
    await using other = makeFolder();
    const port = new URL(app.address).port;
    const { code, stderr } = await runBinary(["serve", `--port=${port}`], other.path);
    assert.equal(code, 2);
    assert.match(
      stderr,
      new RegExp(`^carillon: cannot listen on 127.0.0.1, port ${port}: another program listens there`, "m"),
    );
  },
});

Deno.test({
  name: "the executable strips types, answers its commands and finds APScheduler's instants",
  ignore,
  async fn() {
    await using folder = makeFolder();
    assert.equal((await runBinary(["init"], folder.path)).code, 0);
    const ran = await runBinary(["run", "nightly_report"], folder.path);
    assert.equal(ran.code, 0, ran.stderr);
    const cases = Deno.readTextFileSync(new URL("../trigger/apscheduler_fire_times.ndjson", import.meta.url));
    const { stdout } = await runBinary(["next", "--batch"], folder.path, cases);
    const fires = (text: string) =>
      text.trimEnd().split("\n").map((line) => JSON.stringify(JSON.parse(line).fires));
    const [ours, expected] = [fires(stdout), fires(cases)];
    const differing = expected.filter((each, index) => each !== ours[index]);
    assert.equal(ours.length, 1_500);
    assert.equal(
      differing.length,
      1,
      "one case lies beyond the years that pytz knows: see tests/trigger/fixture_test.ts",
    );
  },
});

function taskIn(executor: string, body: string, rest = ""): string {
  return `import { defineTask, log, secret } from "carillon";
export default defineTask({ executor: "${executor}", ${rest} async run({ signal }) { ${body} } });`;
}

async function started(address: string, id: string): Promise<string> {
  const answer = await fetch(`${address}/trigger/${id}`, { method: "POST" });
  return (await answer.json() as { run_id: string }).run_id;
}

Deno.test({
  name: "every executor runs, and what tasks do to themselves harms nobody else",
  ignore,
  async fn() {
    await using app = await startBinary({
      "carillon.ini": "[scheduler]\nmemory = 64\n[secrets]\ntoken = s3cret-value\n",
      "tasks/a_worker.ts": taskIn("worker", `return "worker " + secret("token");`),
      "tasks/a_process.ts": taskIn("process", `return "process " + secret("token");`),
      "tasks/a_inline.ts": taskIn("inline", `return "inline " + secret("token");`),
      "tasks/sandboxed.ts": taskIn(
        "worker",
        `try { Deno.readTextFileSync("/etc/hostname"); return "read"; } catch (error) { return error.name; }`,
        `permissions: { net: ["example.com"] },`,
      ),
      "tasks/hog.ts": taskIn(
        "process",
        `const all = []; for (;;) all.push(new Array(1e5).fill(all.length));`,
      ),
      "tasks/hog_thread.ts": taskIn(
        "worker",
        `await 1; const all = []; for (;;) all.push(new Array(1e5).fill(all.length));`,
      ),
      "tasks/exits.ts": taskIn("process", `Deno.exit(3);`),
      "tasks/loop.ts": taskIn("process", `for (;;);`, `timeout: "500ms",`),
    });
    const expected: Record<string, RegExp> = {
      a_worker: /succeeded: worker •••/,
      a_process: /succeeded: process •••/,
      a_inline: /succeeded: inline •••/,
      sandboxed: /succeeded: NotCapable/,
      hog: /failed: the task needed more than the 64 MB of memory/,
      hog_thread: /failed: the task needed more than the 64 MB of memory/,
      exits: /failed: the task called exit\(3\)/,
      loop: /timed_out: ended after its time limit of 500 ms/,
    };
    const runs = await Promise.all(Object.keys(expected).map((id) => started(app.address, id)));
    for (const [i, outcome] of Object.values(expected).entries()) {
      await app.logged(new RegExp(`run ${runs[i]} ${outcome.source}`));
    }
    assert.equal((await fetch(app.address)).status, 200);
    assert.doesNotMatch(app.log(), /s3cret-value/);
  },
});

Deno.test({
  name: "a run is cancelled from the command line",
  ignore,
  async fn() {
    await using app = await startBinary({
      "tasks/wait.ts": taskIn(
        "worker",
        `log.info("begun"); await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));`,
      ),
    });
    const id = await started(app.address, "wait");
    const port = new URL(app.address).port;
    const first = await runBinary(["cancel", id, `--port=${port}`], app.folder.path);
    assert.equal(first.code, 0, first.stderr);
    await app.logged(`run ${id} cancelled: cancelled by the command line`);
    const second = await runBinary(["cancel", id, `--port=${port}`], app.folder.path);
    assert.equal(second.code, 2);
    assert.match(second.stderr, /has ended already: cancelled/);
    const nobody = await runBinary(["cancel", id, "--port=1"], app.folder.path);
    assert.equal(nobody.code, 2);
    assert.match(nobody.stderr, /no Carillon answers on http:\/\/127\.0\.0\.1:1/);
  },
});

Deno.test({
  name: "the drivers are in the executable",
  ignore,
  async fn() {
    const section = (name: string, type: string) =>
      `[${name}]\ntype = ${type}\nhost = 127.0.0.1\nport = 1\ndatabase = d\nuser = u\npassword = geheim\n`;
    await using folder = makeFolder({
      "database.ini": section("pg", "postgresql") + section("my", "mysql") +
        "[lite]\ntype = sqlite\ndatabase = x.db\n",
    });
    const { code, stdout, stderr } = await runBinary(["db", "test"], folder.path);
    assert.equal(code, 1);
    assert.match(stdout, /^lite: SQLite \d/m);
    assert.match(stderr, /^PostgreSQL pg: cannot connect to 127\.0\.0\.1:1 \(connection refused\)$/m);
    assert.match(stderr, /^MySQL my: cannot connect to 127\.0\.0\.1:1 \(connection refused\)$/m);
    assert.doesNotMatch(stdout + stderr, /geheim/);
  },
});

Deno.test({
  name: "a stack names files and lines of the sources, not of the bundle",
  ignore,
  async fn() {
    await using folder = makeFolder({
      "tasks/fails.ts":
        `import { defineTask } from "carillon";\n\nexport default defineTask({ run() { throw new Error("here"); } });`,
    });
    const { code, stderr } = await runBinary(["run", "fails"], folder.path);
    assert.equal(code, 1);
    assert.match(stderr, /^Error: here\n +at run \(\S+\/tasks\/fails\.ts:3:/m);
    assert.match(stderr, /\/app\/worker\/\w+\.ts:\d+:\d+/);
    assert.doesNotMatch(stderr, /chunk-|\.js:/);
  },
});

Deno.test({
  name: "Carillon adds 12 MB at the most to the runtime",
  ignore,
  fn() {
    assert.ok(addedBytes() <= 12e6, `${addedBytes()} bytes`);
  },
});
