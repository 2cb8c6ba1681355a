/** What the disk may do to the task folder and to the mirror of it: told, tried again, and the rest goes on. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { FolderWatch, LOOK_MS } from "../../app/task/watch.ts";
import { startCarillon, startRun, type TestCarillon, TESTER } from "../support/carillon.ts";
import { settled } from "../support/clock.ts";
import { makeFolder } from "../support/folder.ts";

const HELLO = (words: string) =>
  `import { defineTask } from "carillon";
import { lib } from "./lib/_lib.ts";
export default defineTask({ run: () => lib + "${words}" });
`;
const FILES = {
  "tasks/hello.ts": HELLO("one"),
  "tasks/lib/_lib.ts": `export const lib: string = "lib ";`,
  "tasks/script.js":
    `import { defineTask } from "carillon";\nexport default defineTask({ run: () => "js" });`,
};

async function messageOf(test: TestCarillon, id: string): Promise<string | undefined> {
  const run = await test.ended((await startRun(test, id)).id);
  assert.equal(run.status, "succeeded", String(run.error?.message));
  return run.message;
}

function watchOf(test: TestCarillon): FolderWatch {
  return new FolderWatch({
    folder: join(test.folder.path, "tasks"),
    clock: test.clock,
    reload: () => test.carillon.operations.reload(TESTER),
    onTrouble: () => {},
  });
}

Deno.test("when data/ was deleted the files of a task are there again before its next run, for nobody else to read", async () => {
  await using test = await startCarillon(FILES);
  const { tasks } = test.carillon.queries;
  assert.equal(await messageOf(test, "hello"), "lib one");
  const data = test.config.scheduler.data;
  for (const id of ["hello", "script"]) {
    Deno.removeSync(data, { recursive: true });
    assert.match(await messageOf(test, id) ?? "", /lib one|js/);
    const module = new URL(tasks.find(id)?.task.module ?? "");
    assert.equal((Deno.statSync(module).mode ?? 0) & 0o777, 0o600);
    assert.equal((Deno.statSync(new URL(".", module)).mode ?? 0) & 0o777, 0o700);
  }
  // One file that somebody tidied away.
  await messageOf(test, "hello");
  const module = tasks.find("hello")?.task.module ?? "";
  Deno.removeSync(new URL("lib/_lib.ts", module));
  assert.equal(await messageOf(test, "hello"), "lib one");
  // And a reading of the folder writes what it needs.
  Deno.removeSync(data, { recursive: true });
  test.folder.write("tasks/hello.ts", HELLO("two"));
  await test.carillon.operations.reload(TESTER);
  assert.equal(await messageOf(test, "hello"), "lib two");
  assert.equal(await messageOf(test, "script"), "js");
});

Deno.test("where the files cannot be written again, the run fails with the reason", async () => {
  await using test = await startCarillon(FILES);
  const mirror = join(test.config.scheduler.data, "mirror");
  Deno.removeSync(mirror, { recursive: true });
  Deno.writeTextFileSync(mirror, "in the way");
  const run = await test.ended((await startRun(test, "script")).id);
  assert.equal(run.status, "failed");
  assert.match(
    run.error?.message ?? "",
    /^the task's code cannot be written to .*\/mirror\/\d+: a part of the path is a file, not a folder$/,
  );
  Deno.removeSync(mirror);
  assert.equal(await messageOf(test, "script"), "js");
});

Deno.test("a reading that fails is an event, stands on every page, is tried again, and leaves the tasks as they are", async () => {
  await using test = await startCarillon(FILES);
  const events: string[] = [];
  for (const name of ["folder.failed", "folder.recovered"] as const) {
    test.carillon.events.on(name, () => void events.push(name));
  }
  const watch = watchOf(test);
  await watch.start();
  const looked = async () => {
    // First without time passing: a file has a limit for being loaded, by the same clock.
    await watch.look();
    await test.clock.advance({ milliseconds: LOOK_MS });
    await watch.look();
  };
  // The disk is full for the mirror alone: its folder is no folder any more.
  const mirror = join(test.config.scheduler.data, "mirror");
  Deno.removeSync(mirror, { recursive: true });
  Deno.writeTextFileSync(mirror, "in the way");
  test.folder.write("tasks/hello.ts", HELLO("two"));
  for (let i = 0; i < 3; i++) await looked();
  assert.deepEqual(events, ["folder.failed"]);
  for (const path of ["/", "/tasks", "/runs", "/timeline", "/system", "/tasks/hello"]) {
    assert.match(await (await test.fetch(path)).text(), /The task folder cannot be read: /, path);
  }
  assert.deepEqual(test.carillon.queries.tasks.ids(), ["hello", "script"]);
  assert.equal(test.lines.filter((line) => line.includes("reading the task folder failed")).length, 1);
  Deno.removeSync(mirror);
  await looked();
  assert.deepEqual(events, ["folder.failed", "folder.recovered"]);
  assert.doesNotMatch(await (await test.fetch("/")).text(), /The task folder cannot be read/);
  assert.equal(await messageOf(test, "hello"), "lib two");
  // The folder itself goes away, and comes back as a link to another release.
  const tasks = join(test.folder.path, "tasks");
  Deno.renameSync(tasks, `${tasks}.before`);
  await looked();
  assert.match(test.carillon.queries.system.folderTrouble() ?? "", /there is no such file or folder/);
  assert.equal(test.carillon.queries.system.notReady().some(({ part }) => part === "tasks"), true);
  assert.equal(await messageOf(test, "script"), "js");
  test.folder.write("release/hello.js", FILES["tasks/script.js"].replace("js", "released"));
  Deno.symlinkSync(join(test.folder.path, "release"), tasks);
  await looked();
  assert.equal(test.carillon.queries.system.folderTrouble(), undefined);
  assert.deepEqual(test.carillon.queries.tasks.ids(), ["hello"]);
  assert.equal(await messageOf(test, "hello"), "released");
  await watch.stop();
});

Deno.test("a generation that does not fit on the disk leaves nothing of itself, and is written when there is room", async () => {
  await using disk = makeFolder({ "data/keep": "" });
  const data = join(disk.path, "data");
  const mounted = new Deno.Command("mount", {
    args: ["-t", "tmpfs", "-o", "size=1m", "tmpfs", data],
    stderr: "null",
  }).outputSync().success;
  if (!mounted) {
    assert.notEqual(Deno.env.get("CI"), "true", "no file system can be mounted here");
    return;
  }
  try {
    await using test = await startCarillon(FILES, { flags: { data } });
    const { queries, operations } = test.carillon;
    const large = `export const text = "${"x".repeat(700_000)}";\n`;
    for (const name of ["_a.ts", "_b.ts"]) test.folder.write(`tasks/${name}`, large);
    test.folder.write("tasks/hello.ts", HELLO("two"));
    await assert.rejects(operations.reload(TESTER));
    assert.match(queries.system.folderTrouble() ?? "", /the disk is full/);
    assert.equal(await messageOf(test, "hello"), "lib one");
    test.folder.remove("tasks/_b.ts");
    await operations.reload(TESTER);
    assert.equal(queries.system.folderTrouble(), undefined);
    assert.equal(await messageOf(test, "hello"), "lib two");
  } finally {
    new Deno.Command("umount", { args: ["-l", data] }).outputSync();
  }
});

Deno.test("a pipe, a device, a socket, a link that leads nowhere or in a circle is one problem each", async () => {
  await using test = await startCarillon(FILES);
  const tasks = join(test.folder.path, "tasks");
  new Deno.Command("mkfifo", { args: [join(tasks, "pipe.ts")] }).outputSync();
  const device = new Deno.Command("mknod", { args: [join(tasks, "zero.ts"), "c", "1", "5"], stderr: "null" })
    .outputSync().success;
  using _socket = Deno.listen({ transport: "unix", path: join(tasks, "socket.ts") });
  Deno.symlinkSync("/nowhere/at/all", join(tasks, "nowhere.ts"));
  Deno.symlinkSync("circle.ts", join(tasks, "circle.ts"));
  Deno.symlinkSync(tasks, join(tasks, "again"));
  Deno.writeTextFileSync(join(tasks, "huge.ts"), "x".repeat(5_000_001));
  await test.carillon.operations.reload(TESTER);
  const broken = Object.fromEntries(
    test.carillon.queries.tasks.broken().map(({ path, message }) => [path, message]),
  );
  assert.deepEqual(broken, {
    "circle.ts": "it cannot be read: too many links lead to it",
    "huge.ts": "it has 5000001 bytes; a task file has 5000000 at the most",
    "nowhere.ts": "it is a link that leads nowhere",
    "pipe.ts": "it is a named pipe (FIFO), not a file",
    "socket.ts": "it is a socket, not a file",
    ...device ? { "zero.ts": "it is a device, not a file" } : {},
  });
  assert.deepEqual(test.carillon.queries.tasks.ids(), ["hello", "script"]);
});

Deno.test("a name that is not in UTF-8 is a problem of its own, of a file and of a folder", async () => {
  await using test = await startCarillon(FILES);
  const tasks = join(test.folder.path, "tasks");
  const made = new Deno.Command("sh", {
    args: [
      "-c",
      `cd "$0" && : > "$(printf 'a\\377.ts')" && mkdir "$(printf 'b\\377')" && : > "$(printf 'b\\377')/c.ts"`,
      tasks,
    ],
  }).outputSync();
  assert.ok(made.success);
  await test.carillon.operations.reload(TESTER);
  const broken = test.carillon.queries.tasks.broken().map(({ path, message }) => [path, message]);
  assert.deepEqual(broken, [
    ["a\ufffd.ts", "its name is not in UTF-8; give it another one"],
    ["b\ufffd", "the folder cannot be read: its name is not in UTF-8; give it another one"],
  ]);
  assert.deepEqual(test.carillon.queries.tasks.ids(), ["hello", "script"]);
});

Deno.test("what a user may not read is one problem each, and is worth another try", async () => {
  await using folder = makeFolder({
    "tasks/good.ts": "export default 1;",
    "tasks/secret.ts": "export default 1;",
    "tasks/closed/inside.ts": "export default 1;",
    "tasks/open/inside.ts": "export default 1;",
  });
  Deno.chmodSync(folder.path, 0o755);
  Deno.chmodSync(join(folder.path, "tasks/secret.ts"), 0o000);
  Deno.chmodSync(join(folder.path, "tasks/closed"), 0o000);
  const { stdout, stderr } = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      new URL("../support/as_nobody.ts", import.meta.url).pathname,
      join(folder.path, "tasks"),
    ],
  }).outputSync();
  assert.equal(new TextDecoder().decode(stderr), "");
  const found = JSON.parse(new TextDecoder().decode(stdout));
  assert.deepEqual(found.files, ["good.ts", "open/inside.ts"]);
  assert.deepEqual(found.badFolders, ["closed"]);
  assert.equal(found.folders.length, 3);
  assert.deepEqual(
    found.problems.map(({ path, fromSystem }: { path: string; fromSystem: boolean }) => [path, fromSystem]),
    [["closed", true], ["secret.ts", true]],
  );
  for (const { message } of found.problems) assert.match(message, /cannot be read: permission denied/);
});

Deno.test("the tasks of a folder that cannot be read any more go on with their last good version", async () => {
  await using test = await startCarillon({
    ...FILES,
    "tasks/sub/inside.js": FILES["tasks/script.js"].replace("js", "inside"),
  });
  const tasks = join(test.folder.path, "tasks");
  // Root may read everything; a path that is too long for the system cannot be read by anybody.
  const deep = join(tasks, "sub", ...Array.from({ length: 14 }, () => "d".repeat(250)));
  new Deno.Command("mkdir", { args: ["-p", deep] }).outputSync();
  const into = new Deno.Command("sh", {
    args: ["-c", `cd "$0" && mkdir -p ${Array.from({ length: 8 }, () => "d".repeat(250)).join("/")}`, deep],
  }).outputSync();
  assert.ok(into.success);
  await test.carillon.operations.reload(TESTER);
  const [broken, ...others] = test.carillon.queries.tasks.broken();
  assert.deepEqual(others, []);
  assert.match(broken?.message ?? "", /^the folder cannot be read: the name is too long$/);
  assert.deepEqual(test.carillon.queries.tasks.ids(), ["hello", "inside", "script"]);
  await settled();
  new Deno.Command("sh", { args: ["-c", `rm -rf "$0"/sub/d*`, tasks] }).outputSync();
  await test.carillon.operations.reload(TESTER);
  assert.deepEqual(test.carillon.queries.tasks.broken(), []);
});
