/** `carillon serve` as systemd starts it: what it says, and what it does on signals. */
import assert from "node:assert/strict";
import { listenForDatagrams } from "../support/datagrams.ts";
import { makeFolder } from "../support/folder.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

Deno.test("a service says that it is ready, feeds the watchdog, reads its tasks on SIGHUP, opens its log again, and stops", async () => {
  await using folder = makeFolder({
    "carillon.ini": "[server]\nport = 0\n[log]\nfile = carillon.log\nformat = json\n[history]\nfile =\n",
    "tasks/a.ts": 'import { defineTask } from "carillon"; export default defineTask({ run() {} });',
  });
  const socket = `${folder.path}/notify`;
  using listener = listenForDatagrams(socket);
  await using child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", `--config=${ROOT}deno.json`, `${ROOT}main.ts`, "serve"],
    cwd: folder.path,
    env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: "2000000", TZ: "UTC" },
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  const said: string[] = [];
  const hear = async (wanted: RegExp) => {
    for (;;) {
      const text = await listener.heard();
      said.push(text);
      if (wanted.test(text)) return text;
    }
  };
  assert.match(await hear(/READY=1/), /^READY=1\nSTATUS=1 tasks, 0 runs$/);
  assert.ok(said.every((text) => !text.includes("WATCHDOG")), "the watchdog is fed once it is ready");
  await hear(/^WATCHDOG=1$/);
  await hear(/^WATCHDOG=1$/);
  const log = `${folder.path}/carillon.log`;
  Deno.renameSync(log, `${log}.1`);
  folder.write(
    "tasks/b.ts",
    'import { defineTask } from "carillon"; export default defineTask({ run() {} });',
  );
  child.kill("SIGHUP");
  await hear(/^RELOADING=1\nMONOTONIC_USEC=\d+$/);
  await hear(/^READY=1$/);
  const lines = () => Deno.readTextFileSync(log).trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.ok(lines().some(({ message }) => /SIGHUP/.test(message)));
  const before = Deno.readTextFileSync(`${log}.1`).trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.ok(
    before.some(({ task, event, level }) => task === "a" && event === "task.loaded" && level === "info"),
  );
  child.kill("SIGTERM");
  await hear(/^STOPPING=1/);
  assert.equal((await child.status).code, 0);
  assert.equal(lines().at(-1).message, "stopped");
});
