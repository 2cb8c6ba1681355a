/** A disk without room, and one that may only be read: a small file system in memory, which root may mount. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { FileBackedHistory } from "../../app/history/file_backed.ts";
import { FolderLock } from "../../app/history/folder_lock.ts";
import { openHistory } from "../../app/history/open.ts";
import { idFloor } from "../../app/history/run_id.ts";
import { SqliteLedger } from "../../app/history/sqlite/store.ts";
import type { Run } from "../../app/model/run.ts";
import { makeFolder } from "../support/folder.ts";

const NOW = Date.parse("2026-03-10T10:00:00Z");
const OPTIONS = { limit: 100, keep: 1_000, keepMs: 1e12, keepLogsMs: 1e12 };

function mount(...args: string[]): boolean {
  return new Deno.Command("mount", { args, stderr: "null" }).outputSync().success;
}

/** True where a file system can be mounted here; under CI=true it must be. */
function canMount(): boolean {
  const folder = Deno.makeTempDirSync();
  try {
    const able = mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", folder);
    if (able) new Deno.Command("umount", { args: [folder] }).outputSync();
    if (!able && Deno.env.get("CI") === "true") throw new Error("no file system can be mounted here");
    return able;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound && Deno.env.get("CI") !== "true") return false;
    throw error;
  } finally {
    Deno.removeSync(folder);
  }
}

function makeRun(number: number): Run {
  return {
    id: `${idFloor(NOW + number)}-7000-8000-000000000000`,
    taskId: "task",
    status: "succeeded",
    cause: "manual",
    queuedAt: NOW + number,
    attempt: 1,
    instants: 1,
    params: {},
    message: `run ${number} ${"x".repeat(400)}`,
  };
}

interface SmallDisk extends AsyncDisposable {
  readonly path: string;
  readonly file: string;
  /** Mounts it anew, `ro` or `rw`. */
  remount(mode: "ro" | "rw"): void;
}

function smallDisk(): SmallDisk {
  const folder = makeFolder();
  const path = join(folder.path, "disk");
  Deno.mkdirSync(path);
  assert.ok(mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", path));
  return {
    path,
    file: join(path, "history.db"),
    remount: (mode) => assert.ok(mount("-o", `remount,${mode}`, path)),
    async [Symbol.asyncDispose]() {
      new Deno.Command("umount", { args: ["-l", path] }).outputSync();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function open(file: string, told: string[]): FileBackedHistory {
  return new FileBackedHistory(
    1_000,
    {
      open: () => new SqliteLedger(file, OPTIONS, NOW),
      setAside: () => {
        throw new Error("nothing is damaged");
      },
      canWrite: () => false,
    },
    (sentence) => told.push(sentence),
    { logs: `${file}.logs`, artifacts: `${file}.artifacts`, keepLogsMs: 1e12 },
  );
}

/** Writes a file until there is no room any more. */
function fill(path: string): void {
  using file = Deno.openSync(path, { create: true, write: true });
  try {
    for (;;) file.writeSync(new Uint8Array(4_096));
  } catch (error) {
    assert.match(String(error), /No space left/);
  }
}

/** How many runs are in the file. */
function runsIn(file: string): number {
  const again = new SqliteLedger(file, OPTIONS, NOW);
  const { length } = again.recent("task", 10_000);
  again.close();
  return length;
}

const ignore = !canMount();

Deno.test({
  name:
    "a full disk is told of, the history goes on in memory, and the file gets all of it when there is room",
  ignore,
  async fn() {
    await using disk = smallDisk();
    const told: string[] = [];
    const store = open(disk.file, told);
    store.save(makeRun(0));
    Deno.writeFileSync(join(disk.path, "ballast"), new Uint8Array(1_700_000));
    let number = 1;
    while (store.health().trouble === undefined && number < 2_000) {
      store.batch(() => store.save(makeRun(number++)));
    }
    assert.match(store.health().trouble ?? "", /cannot be written: .*(full|I\/O)/);
    assert.equal(told.length, 1);
    for (let i = 0; i < 20; i++) store.save(makeRun(number++));
    assert.equal((await store.recent("task", 10_000)).length, number);
    store.maintain(NOW + 20_000);
    assert.notEqual(store.health().trouble, undefined);
    Deno.removeSync(join(disk.path, "ballast"));
    store.maintain(NOW + 40_000);
    assert.equal(store.health().trouble, undefined);
    assert.equal(told.at(-1), "the history file is written again");
    await store.close();
    assert.equal(runsIn(disk.file), number);
  },
});

Deno.test({
  name: "a disk that may only be read is told of, and written again when it may be",
  ignore,
  async fn() {
    await using disk = smallDisk();
    const first = open(disk.file, []);
    first.save(makeRun(0));
    await first.close();
    disk.remount("ro");
    const told: string[] = [];
    const store = open(disk.file, told);
    assert.match(store.health().trouble ?? "", /history\.db cannot be used: .*read-only file system/);
    store.save(makeRun(1));
    assert.equal((await store.recent("task")).length, 1);
    disk.remount("rw");
    store.maintain(NOW + 60_000);
    assert.equal(store.health().trouble, undefined);
    await store.close();
    assert.equal(runsIn(disk.file), 2);
  },
});

Deno.test({
  name: "a data folder that may only be read has one Carillon too",
  ignore,
  async fn() {
    await using disk = smallDisk();
    disk.remount("ro");
    using _lock = new FolderLock(disk.path, "x", NOW);
    assert.throws(() => new FolderLock(disk.path, "y", NOW), /another Carillon is active/);
  },
});

Deno.test({
  name: "a damaged file on a full disk is set aside, and brought over once there is room",
  ignore,
  async fn() {
    await using disk = smallDisk();
    const clock = { now: () => NOW };
    const reported: string[] = [];
    const settings = { ...OPTIONS, file: disk.file };
    const first = openHistory(settings, clock, () => {});
    first.batch(() => {
      for (let i = 0; i < 300; i++) first.save(makeRun(i));
    });
    await first.close();
    fill(join(disk.path, "ballast"));
    using raw = Deno.openSync(disk.file, { write: true });
    raw.writeSync(new Uint8Array(100).fill(7));
    const history = openHistory(settings, clock, (sentence) => reported.push(sentence));
    history.save(makeRun(300));
    for (let i = 1; i < 20; i++) history.maintain(NOW + i * 20_000);
    assert.notEqual(history.health().trouble, undefined, reported.join("; "));
    Deno.removeSync(join(disk.path, "ballast"));
    for (let i = 20; i < 200; i++) history.maintain(NOW + i * 20_000);
    assert.equal(history.health().trouble, undefined, reported.join("; "));
    assert.equal((await history.find({ limit: 1_000 })).length, 301, reported.join("; "));
    await history.close();
  },
});
