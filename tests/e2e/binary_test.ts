/** The executable, alone in an empty folder. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { hasBinary, runBinary, startBinary, startBinaryIn } from "../support/binary.ts";
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
    assert.match(await (await fetch(app.address)).text(), /goes on with its last good version/);
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
