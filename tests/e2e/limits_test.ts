/** The executable among strangers: few descriptors, many connections, signals, and a second Carillon in its folder. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { hasBinary, runBinary, startBinary, startBinaryIn } from "../support/binary.ts";
import { makeFolder } from "../support/folder.ts";
import { readToEnd } from "../support/raw_http.ts";

const ignore = !hasBinary();
const TASK = {
  "tasks/a.ts": 'import { defineTask } from "carillon"; export default defineTask({ run: () => "done" });',
};

async function statusOf(address: string, path = "/healthz", method = "GET"): Promise<number> {
  const answer = await fetch(`${address}${path}`, { method });
  await answer.body?.cancel();
  return answer.status;
}

async function connections(address: string, count: number): Promise<readonly Deno.Conn[]> {
  const port = Number(new URL(address).port);
  return await Promise.all(
    Array.from({ length: count }, () => Deno.connect({ hostname: "127.0.0.1", port })),
  );
}

/** Sets how many files a process may have open, as `ulimit -n` does from within. */
async function setOpenFiles(pid: number, soft: number): Promise<void> {
  const { success } = await new Deno.Command("prlimit", { args: [`--pid=${pid}`, `--nofile=${soft}:`] })
    .output();
  assert.ok(success);
}

Deno.test({
  name: "with 64 descriptors and 120 connections, pages are answered and tasks run",
  ignore,
  async fn() {
    await using app = await startBinary(TASK, [], { openFiles: 64 });
    await app.logged(/at most \d+ connections at one time, not 500/);
    const idle = await connections(app.address, 120);
    assert.equal(await statusOf(app.address), 200);
    assert.equal(await statusOf(app.address, "/trigger/a", "POST"), 200);
    await app.logged(/run \S+ succeeded: done/);
    for (const conn of idle) conn.close();
    assert.equal((await app.end("SIGTERM")).code, 0);
  },
});

Deno.test({
  name: "with fewer descriptors than it can live with it does not start, and says how many it needs",
  ignore,
  async fn() {
    await using folder = makeFolder(TASK);
    for (const openFiles of [63, 32, 20]) {
      const { code, stderr } = await runBinary(["serve", "--port=0"], folder.path, "", { openFiles });
      assert.equal(code, 2, stderr);
      assert.match(
        stderr,
        new RegExp(
          `^carillon: this process may have ${openFiles} files open .* needs 64 at the least; raise .*\\n$`,
        ),
      );
    }
    assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["tasks"]);
  },
});

Deno.test({
  name: "a connection that no descriptor is left for waits until there is one",
  ignore,
  async fn() {
    await using app = await startBinary(TASK, ["--history-file="]);
    while (await statusOf(app.address, "/readyz") !== 200);
    await setOpenFiles(app.pid, 8);
    const waiting = statusOf(app.address);
    await app.logged(/a connection cannot be accepted, others wait: .*(?:open files|os error 24)/);
    await setOpenFiles(app.pid, 1_000);
    assert.equal(await waiting, 200);
    assert.equal((await app.end("SIGTERM")).code, 0);
  },
});

Deno.test({
  name: "600 connections that say nothing leave room for others, and are closed",
  ignore,
  async fn() {
    await using app = await startBinary(TASK, [
      "--history-file=",
      "--server-idle-timeout=200ms",
      "--server-header-timeout=200ms",
    ]);
    const idle = await connections(app.address, 600);
    assert.equal(await statusOf(app.address), 200);
    assert.ok((await Promise.all(idle.map(readToEnd))).every((text) => text === ""));
    for (const conn of idle) conn.close();
  },
});

Deno.test({
  name: "signals that are not meant for it leave it running; SIGHUP reads the tasks, SIGTERM ends it",
  ignore,
  async fn() {
    await using app = await startBinary(TASK, ["--history-file=", "--log-level=debug"]);
    for (const signal of ["SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGXFSZ", "SIGALRM"] as const) {
      Deno.kill(app.pid, signal);
      await app.logged(`${signal} came`);
    }
    Deno.kill(app.pid, "SIGHUP");
    await app.logged("SIGHUP: the log was opened again and the tasks were read");
    assert.equal(await statusOf(app.address), 200);
    assert.equal((await app.end("SIGTERM")).code, 0);
  },
});

Deno.test({
  name:
    "a second Carillon in the folder is refused whatever its port, until the first has ended, however it ends",
  ignore,
  async fn() {
    await using app = await startBinary(TASK);
    const { code, stderr } = await runBinary(["serve", "--port=0"], app.folder.path);
    assert.equal(code, 2);
    assert.match(stderr, /^carillon: another Carillon is active in \S+data: process \d+ on /m);
    assert.doesNotMatch(stderr, /listens on|loaded from/);
    await app.end("SIGKILL");
    const again = await startBinaryIn(app.folder);
    assert.equal(await statusOf(again.address), 200);
    assert.equal((await again.end("SIGTERM")).code, 0);
  },
});

/** Waits until a file is there, looking at its folder each time something happens in it. */
async function appeared(folder: string, name: string): Promise<void> {
  const watching = Deno.watchFs(folder);
  try {
    if (existsSync(join(folder, name))) return;
    for await (const _change of watching) if (existsSync(join(folder, name))) return;
  } finally {
    try {
      watching.close();
    } catch {
      // It was closed as the loop was left.
    }
  }
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  for (const [what, code] of [["is quick", ""], ["never ends", "await new Promise(() => {});\n"]] as const) {
    Deno.test({
      name:
        `${signal} while Carillon starts, and reading its tasks ${what}: a stop as any other, with nothing left behind`,
      ignore,
      async fn() {
        await using folder = makeFolder({ "tasks/a.ts": `${code}${TASK["tasks/a.ts"]}`, "data/x": "" });
        const data = join(folder.path, "data");
        const args = ["serve", "--port=0", `--server-socket=${join(data, "proxy.sock")}`];
        const ended = await runBinary(args, folder.path, "", {
          // From here on it is known which signals there are, and tasks are read much later.
          onSpawn: async (pid) => {
            await appeared(data, "carillon.lock");
            Deno.kill(pid, signal);
          },
        });
        assert.equal(ended.code, 0, ended.stderr);
        assert.match(
          ended.stderr,
          new RegExp(`INFO  ${signal}: (?:ended before the start was over|stopping)`),
        );
        if (code !== "") assert.doesNotMatch(ended.stderr, /listens on/);
        const left = [...Deno.readDirSync(data)].map(({ name }) => name);
        assert.deepEqual(left.filter((name) => /\.sock$|^carillon\.lock$|\.pid$/.test(name)), []);
        // Nothing holds the folder: it can be had at once.
        const again = await startBinaryIn(folder, ["--scheduler-tasks=."]);
        assert.equal((await again.end("SIGTERM")).code, 0);
      },
    });
  }
}
