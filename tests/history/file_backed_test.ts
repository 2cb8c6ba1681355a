/** Memory in front of a file that is in use, comes back, or is damaged. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { makeFolder } from "../support/folder.ts";
import { DAY_MS, idOf, maintainAll, makeRun, NOW, numberOf, openBacked, openSqlite } from "./runs.ts";

Deno.test("a file that another Carillon uses is left alone, told of, and taken when it is free", async () => {
  await using folder = makeFolder();
  const file = join(folder.path, "history.db");
  const other = openSqlite(file);
  const told: string[] = [];
  const store = openBacked(file, told);
  assert.match(store.health().trouble ?? "", /history\.db cannot be used: another Carillon is using it$/);
  store.save(makeRun(1, "running"));
  store.log(idOf(1), { at: NOW, level: "info", text: "kept" });
  store.save(makeRun(1, "succeeded", { message: "done", finishedAt: NOW }));
  await store.saveState("task", { firstSeen: 1, trigger: "x", settledTo: 2, paused: false });
  store.maintain(NOW + 60_000);
  assert.equal(told.length, 1);
  other.close();
  store.maintain(NOW + 120_000);
  assert.equal(store.health().trouble, undefined);
  assert.equal(told.at(-1), "the history file is written again");
  await store.close();
  const again = openSqlite(file);
  assert.equal(again.get(idOf(1))?.message, "done");
  assert.deepEqual(again.lines(idOf(1)).map(({ text }) => text), ["kept"]);
  assert.equal(again.state("task")?.settledTo, 2);
  again.close();
});

Deno.test("runs that a file gives back late come before those that were made meanwhile", async () => {
  await using folder = makeFolder();
  const file = join(folder.path, "history.db");
  const other = openSqlite(file);
  other.save(makeRun(1, "succeeded"));
  other.save(makeRun(2, "failed"));
  const store = openBacked(file);
  store.save(makeRun(3, "succeeded"));
  other.close();
  store.maintain(NOW + 60_000);
  store.save(makeRun(4, "succeeded"));
  assert.deepEqual((await store.recent("task")).map(({ id }) => numberOf(id)), [4, 3, 2]);
  assert.equal(numberOf((await store.lastRuns(["task"])).get("task")?.id ?? ""), 4);
  await store.close();
});

Deno.test("many logs in memory are shortened while the file waits, and the file has them whole", async () => {
  await using folder = makeFolder();
  const file = join(folder.path, "history.db");
  const store = openBacked(file);
  for (let number = 1; number <= 50; number++) {
    store.save(makeRun(number, "running"));
    for (let i = 0; i < 1_000; i++) {
      store.log(idOf(number), { at: NOW, level: "info", text: `${i} ${"x".repeat(900)}` });
    }
    store.save(makeRun(number, "succeeded", { finishedAt: NOW }));
  }
  const lengths = () => Promise.all([1, 25, 50].map(async (each) => (await store.lines(idOf(each))).length));
  assert.deepEqual(await lengths(), [1_000, 1_000, 1_000]);
  store.maintain(NOW);
  assert.deepEqual(await lengths(), [1_000, 1_000, 1_000]);
  await store.close();
});

Deno.test("a damaged file is set aside, and a new one is begun", async () => {
  await using folder = makeFolder();
  const file = folder.write("history.db", "this is no database, and long enough to be looked at".repeat(20));
  const told: string[] = [];
  const store = openBacked(file, told);
  assert.equal(store.health().trouble, undefined);
  assert.equal(store.health().setAside, `${file}.aside`);
  assert.match(told[0] ?? "", /is damaged; it is kept as/);
  assert.match(Deno.readTextFileSync(`${file}.aside`), /^this is no database/);
  store.save(makeRun(1, "succeeded"));
  await store.close();
  const again = openSqlite(file);
  assert.ok(again.get(idOf(1)));
  again.close();
});

Deno.test("a file that is damaged while it is used is set aside, and the new one has what is in memory", async () => {
  await using folder = makeFolder();
  const file = join(folder.path, "history.db");
  const filled = openSqlite(file);
  for (let i = 1; i < 400; i++) {
    filled.save(makeRun(i, "succeeded", { taskId: `task ${i}`, message: "x".repeat(500) }));
  }
  // The next opening does not look at these any more, so that the damage is met later.
  maintainAll(filled, NOW + 10 * DAY_MS);
  filled.close();
  const told: string[] = [];
  const store = openBacked(file, told);
  store.save(makeRun(1_000, "succeeded", { message: "in memory" }));
  using raw = Deno.openSync(file, { write: true, read: true });
  // Every page but the first becomes noise.
  raw.seekSync(4_096, Deno.SeekMode.Start);
  const noise = crypto.getRandomValues(new Uint8Array(4_096));
  for (let page = 1; page < 100; page++) raw.writeSync(noise);
  for (let i = 1; i < 400 && store.health().setAside === undefined; i++) {
    await store.recent(`task ${i}`);
    store.save(makeRun(2_000 + i, "succeeded", { taskId: `task ${i}` }));
  }
  assert.ok(store.health().setAside, "the damage was noticed");
  assert.equal(store.health().trouble, undefined);
  assert.equal((await store.get(idOf(1_000)))?.message, "in memory");
  await store.close();
  const again = openSqlite(file);
  assert.equal(again.get(idOf(1_000))?.message, "in memory");
  again.close();
});

Deno.test("while the file cannot be written, memory keeps more than its limit, and the file gets all of it", async () => {
  await using folder = makeFolder();
  const file = join(folder.path, "history.db");
  const other = openSqlite(file, NOW, { keep: 1_000 });
  const store = openBacked(file);
  for (let i = 1; i <= 300; i++) {
    store.save(makeRun(i, "running"));
    store.log(idOf(i), { at: NOW, level: "info", text: `said ${i}` });
    store.save(makeRun(i, "succeeded"));
    store.save(makeRun(i + 1_000, "skipped", { taskId: "other" }));
  }
  assert.equal((await store.recent("task")).length, 3);
  other.close();
  store.maintain(NOW + 60_000);
  assert.equal(store.health().trouble, undefined);
  store.save(makeRun(301, "succeeded"));
  assert.equal((await store.recent("task")).length, 3);
  await store.close();
  const again = openSqlite(file, NOW, { keep: 1_000 });
  assert.equal(again.recent("task", 1_000).length, 301);
  assert.equal(again.recent("other", 1_000).length, 300);
  assert.deepEqual(again.lines(idOf(1)).map(({ text }) => text), ["said 1"]);
  again.close();
});

Deno.test("code that the file could not take is given to it later, and comes over from a damaged one", async () => {
  await using folder = makeFolder();
  const file = join(folder.path, "history.db");
  const other = openSqlite(file);
  const store = openBacked(file);
  store.keepCode("0123456789abcdef", "[]", NOW);
  assert.equal(await store.code("0123456789abcdef"), "[]");
  other.close();
  store.maintain(NOW + 60_000);
  await store.close();
  const again = openSqlite(file);
  assert.equal(again.code("0123456789abcdef"), "[]");
  for (let i = 0; i < 400; i++) again.save(makeRun(i, "succeeded", { message: "x".repeat(300) }));
  again.keepCode("f".repeat(64), "text ".repeat(3_000), NOW);
  again.close();
  const bytes = Deno.readFileSync(file);
  // The header alone: SQLite refuses it, and every page can be read.
  bytes.fill(0xff, 0, 100);
  Deno.writeFileSync(file, bytes);
  const salvaged = openBacked(file);
  for (let step = 0; step < 2_000 && salvaged.maintain(NOW + 120_000 + step); step++);
  assert.equal(await salvaged.code("f".repeat(64)), "text ".repeat(3_000));
  assert.equal(await salvaged.code("0123456789abcdef"), "[]");
  await salvaged.close();
});
