import assert from "node:assert/strict";
import { connectSystemd, isJournal } from "../../app/base/systemd.ts";
import { listenForDatagrams } from "../support/datagrams.ts";
import { makeFolder } from "../support/folder.ts";

Deno.test("systemd hears what a service says of itself", async () => {
  await using folder = makeFolder();
  const path = `${folder.path}/notify`;
  using listener = listenForDatagrams(path);
  const fault = (error: unknown) => assert.fail(String(error));
  using systemd = connectSystemd({
    NOTIFY_SOCKET: path,
    WATCHDOG_USEC: "30000000",
    WATCHDOG_PID: String(Deno.pid),
  }, fault);
  systemd.notify({ kind: "ready" }, { kind: "status", text: "3 tasks\nREADY=0" });
  assert.equal(await listener.heard(), "READY=1\nSTATUS=3 tasks READY=0");
  systemd.notify({ kind: "reloading", monotonicMs: 1.5 });
  assert.equal(await listener.heard(), "RELOADING=1\nMONOTONIC_USEC=1500");
  systemd.notify({ kind: "watchdog" });
  assert.equal(await listener.heard(), "WATCHDOG=1");
  assert.equal(systemd.watchdogMs, 15_000);
});

Deno.test("without systemd nothing is said, and a socket that is gone is reported once", async () => {
  using silent = connectSystemd({}, (error) => assert.fail(String(error)));
  silent.notify({ kind: "ready" });
  assert.equal(silent.watchdogMs, undefined);
  const faults: unknown[] = [];
  const reported = Promise.withResolvers<void>();
  using systemd = connectSystemd({ NOTIFY_SOCKET: "/no/such/socket", WATCHDOG_USEC: "1x" }, (error) => {
    faults.push(error);
    reported.resolve();
  });
  systemd.notify({ kind: "ready" });
  systemd.notify({ kind: "ready" });
  await reported.promise;
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(faults.length, 1);
  assert.equal(systemd.watchdogMs, undefined);
});

Deno.test("the watchdog of another process is not ours", () => {
  using systemd = connectSystemd(
    { NOTIFY_SOCKET: "/x", WATCHDOG_USEC: "1000000", WATCHDOG_PID: "1" },
    () => {},
  );
  assert.equal(systemd.watchdogMs, undefined);
});

Deno.test("standard error is journald's where device and inode say so, and not where a variable was left behind", async () => {
  assert.equal(isJournal(undefined), false);
  assert.equal(isJournal("1:2"), false);
  const module = new URL("../../app/base/systemd.ts", import.meta.url);
  const script =
    `import { isJournal } from "${module}"; console.log(isJournal(Deno.env.get("JOURNAL_STREAM")));`;
  const { stdout, stderr } = await new Deno.Command("sh", {
    args: [
      "-c",
      'JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2) exec "$0" eval --unstable-net "$1"',
      Deno.execPath(),
      script,
    ],
    stdout: "piped",
    stderr: "piped",
  }).output();
  assert.equal(new TextDecoder().decode(stdout), "true\n", new TextDecoder().decode(stderr));
});
