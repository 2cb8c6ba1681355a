/** The history file: what is found at its opening, what goes from it, and its versions. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { MIGRATIONS, SCHEMA_VERSION } from "../../app/history/sqlite/schema.ts";
import { HistoryFileError } from "../../app/history/sqlite/errors.ts";
import { LedgerHistory } from "../../app/history/ledger_history.ts";
import type { RunStatus } from "../../app/model/run.ts";
import { makeFolder } from "../support/folder.ts";
import { quickFolder } from "./damages.ts";
import { DAY_MS, idOf, maintainAll, makeRun, NOW, numberOf, openSqlite } from "./runs.ts";

Deno.test("sqlite: what was under way when the file was last open was interrupted", async () => {
  await using folder = makeFolder();
  const file = join(folder.path, "history.db");
  const first = openSqlite(file);
  first.save(makeRun(1, "running", { startedAt: NOW }));
  first.save(makeRun(2, "queued"));
  first.save(makeRun(3, "succeeded", { finishedAt: NOW }));
  first.close();
  const later = NOW + 3_600_000;
  const second = openSqlite(file, later);
  assert.deepEqual(second.recent("task").map(({ status }) => status), [
    "succeeded",
    "interrupted",
    "interrupted",
  ]);
  assert.deepEqual(second.get(idOf(1))?.finishedAt, later);
  second.close();
});

Deno.test("sqlite: others cannot read the file, nor what SQLite keeps beside it", async () => {
  await using folder = makeFolder();
  const file = join(folder.path, "history.db");
  const store = openSqlite(file);
  store.save(makeRun(1, "succeeded"));
  for (const part of ["", "-wal", ".lock"]) {
    assert.equal((Deno.statSync(file + part).mode ?? 0) & 0o777, 0o600, part);
  }
  // Nothing is shared that somebody could cut short.
  assert.throws(() => Deno.statSync(`${file}-shm`), Deno.errors.NotFound);
  store.close();
});

Deno.test("sqlite: a file of a newer Carillon is refused and left as it is", async () => {
  await using folder = makeFolder();
  const file = join(folder.path, "history.db");
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
  db.close();
  assert.throws(() => openSqlite(file), (error) => {
    assert.ok(error instanceof HistoryFileError);
    assert.match(error.message, /written by a newer Carillon/);
    return true;
  });
});

Deno.test("sqlite: runs beyond what is kept go, the oldest finished first, and an unfinished one never", async () => {
  await using folder = makeFolder();
  const store = openSqlite(join(folder.path, "history.db"), NOW, { keep: 5 });
  store.save(makeRun(0, "queued"));
  for (let i = 1; i <= 60; i++) {
    store.save(makeRun(i, "queued", { taskId: i % 2 ? "a" : "task" }));
    store.save(makeRun(i, "succeeded", { taskId: i % 2 ? "a" : "task", message: `m ${i}` }));
  }
  maintainAll(store, NOW);
  const kept = (taskId: string) => store.recent(taskId, 100).map(({ id }) => numberOf(id));
  assert.deepEqual(kept("a"), [59, 57, 55, 53, 51]);
  assert.deepEqual(kept("task"), [60, 58, 56, 54, 52, 0]);
  assert.deepEqual(store.find({ text: "m 6", limit: 10 }).map(({ id }) => numberOf(id)), [60]);
  store.close();
});

Deno.test("sqlite: old runs go by age, old logs before them", async () => {
  await using folder = makeFolder();
  const store = openSqlite(join(folder.path, "history.db"));
  for (let i = 0; i < 25; i++) {
    store.save(makeRun(i, "running"));
    store.log(idOf(i), { at: NOW, level: "info", text: `needle ${i}` });
    store.save(makeRun(i, "succeeded", { finishedAt: NOW + i }));
  }
  maintainAll(store, NOW);
  assert.equal(store.find({ text: "needle", limit: 100 }).length, 10);
  maintainAll(store, NOW + 8 * DAY_MS);
  assert.equal(store.lines(idOf(24)).length, 0);
  assert.equal(store.find({ text: "needle", limit: 100 }).length, 0);
  assert.equal(store.recent("task", 100).length, 10);
  maintainAll(store, NOW + 31 * DAY_MS);
  assert.equal(store.recent("task", 100).length, 0);
  store.close();
});

for (let version = 1; version < SCHEMA_VERSION; version++) {
  Deno.test(`sqlite: a file of version ${version} is brought up to date, and nothing in it is lost`, async () => {
    await using folder = makeFolder();
    const file = join(folder.path, "history.db");
    const db = new DatabaseSync(file);
    for (const step of MIGRATIONS.slice(0, version)) db.exec(step);
    db.exec(`PRAGMA user_version = ${version}`);
    db.prepare(
      `INSERT INTO runs (id, task_id, status, cause, queued_at, attempt, instants, params, message)
       VALUES (?, 'task', 'succeeded', 'manual', ?, 1, 1, '{"a":1}', 'hello')`,
    ).run(idOf(1), NOW);
    for (const number of [0, 1]) {
      db.prepare("INSERT INTO lines (run_id, number, at, level, text) VALUES (?, ?, ?, 'warn', ?)")
        .run(idOf(1), number, NOW, `line ${number}`);
    }
    db.prepare(
      "INSERT INTO task_states (task_id, first_seen, trigger_identity, settled_to) VALUES ('task', 1, 'x', 2)",
    )
      .run();
    db.close();
    const store = openSqlite(file);
    assert.equal(store.get(idOf(1))?.message, "hello");
    assert.deepEqual(store.get(idOf(1))?.params, { a: 1 });
    assert.deepEqual(store.lines(idOf(1)), [
      { number: 0, at: NOW, level: "warn", text: "line 0" },
      { number: 1, at: NOW, level: "warn", text: "line 1" },
    ]);
    const pauses = { paused: false, pause: undefined, resumedAt: undefined };
    assert.deepEqual(store.state("task"), { firstSeen: 1, trigger: "x", settledTo: 2, ...pauses });
    maintainAll(store, NOW);
    assert.equal(store.find({ text: "line 1", limit: 5 }).length, 1);
    store.close();
    openSqlite(file).close();
  });
}

Deno.test("sqlite: what is usual is the median of the last 20 successes, once there are 5", async () => {
  using folder = quickFolder();
  const history = new LedgerHistory(openSqlite(join(folder.path, "history.db")));
  const took = (number: number, ms: number, status: RunStatus = "succeeded") =>
    history.save(makeRun(number, status, { startedAt: NOW, finishedAt: NOW + ms }));
  [1_000, 3, 1, 4].forEach((ms, i) => took(i, ms));
  took(5, 99, "failed");
  assert.equal(await history.usual("task"), undefined);
  took(6, 2);
  assert.equal(await history.usual("task"), 3);
  took(7, 9);
  assert.equal(await history.usual("task"), 3.5);
  for (let i = 10; i < 30; i++) took(i, 50);
  assert.equal(await history.usual("task"), 50);
  await history.close();
});

Deno.test("sqlite: a task may keep more or fewer runs than the others, and longer or shorter", () => {
  using folder = quickFolder();
  const store = openSqlite(join(folder.path, "history.db"), NOW, { keep: 10 });
  const kept = (taskId: string) => store.recent(taskId, 100).map(({ id }) => numberOf(id));
  for (let i = 1; i <= 20; i++) {
    for (const [t, taskId] of ["few", "many", "short", "long", "task"].entries()) {
      store.save(makeRun(i * 10 + t, "succeeded", { taskId }));
    }
  }
  store.retain("few", { keep: 2 });
  store.retain("many", { keep: 15 });
  store.retain("short", { keepMs: DAY_MS });
  store.retain("long", { keepMs: 60 * DAY_MS });
  maintainAll(store, NOW + 100);
  assert.deepEqual(
    ["few", "many", "short", "long", "task"].map((taskId) => kept(taskId).length),
    [2, 15, 10, 10, 10],
  );
  maintainAll(store, NOW + 2 * DAY_MS);
  assert.deepEqual(["few", "short", "long", "task"].map((taskId) => kept(taskId).length), [2, 0, 10, 10]);
  maintainAll(store, NOW + 40 * DAY_MS);
  assert.deepEqual(["few", "many", "long", "task"].map((taskId) => kept(taskId).length), [0, 0, 10, 0]);
  store.retain("long", undefined);
  maintainAll(store, NOW + 41 * DAY_MS);
  assert.deepEqual(kept("long"), []);
  store.close();
});

Deno.test("sqlite: a clock that is a year ahead removes nothing until it has been so for a day", () => {
  using folder = quickFolder();
  const file = join(folder.path, "history.db");
  const first = openSqlite(file);
  first.save(makeRun(1, "succeeded"));
  maintainAll(first, NOW);
  first.close();
  const wrong = NOW + 365 * DAY_MS;
  const store = openSqlite(file, wrong);
  for (let hour = 0; hour < 24; hour++) maintainAll(store, wrong + hour * 3_600_000);
  assert.equal(store.recent("task").length, 1);
  maintainAll(store, NOW + DAY_MS);
  maintainAll(store, wrong);
  assert.equal(store.recent("task").length, 1);
  for (let hour = 0; hour < 26; hour++) maintainAll(store, wrong + hour * 3_600_000);
  assert.equal(store.recent("task").length, 0);
  store.close();
});

Deno.test("sqlite: how much a task takes is known once all has been read", () => {
  using folder = quickFolder();
  const store = openSqlite(join(folder.path, "history.db"));
  for (let i = 1; i <= 9; i++) {
    store.save(makeRun(i, "running", { taskId: i === 9 ? "small" : "large" }));
    for (let line = 0; line < 700; line++) {
      if (i < 9) store.log(idOf(i), { at: NOW, level: "info", text: "x".repeat(100) });
    }
    store.save(makeRun(i, "succeeded", { taskId: i === 9 ? "small" : "large" }));
  }
  assert.equal(store.bytesOfTasks(), undefined);
  maintainAll(store, NOW);
  const bytes = store.bytesOfTasks();
  const large = bytes?.get("large") ?? 0;
  assert.ok(large > 8 * 700 * 100 && large < 8 * 700 * 100 + 1_000, String(large));
  assert.ok((bytes?.get("small") ?? 0) < 100);
  store.close();
});

Deno.test("sqlite: free pages go back to the disk", () => {
  using folder = quickFolder();
  const file = join(folder.path, "history.db");
  const store = openSqlite(file, NOW, { keep: 5 });
  for (let i = 0; i < 500; i++) store.save(makeRun(i, "succeeded", { params: { x: "x".repeat(3_000) } }));
  store.checkpoints.run();
  const before = Deno.statSync(file).size;
  maintainAll(store, NOW);
  store.checkpoints.run();
  assert.ok(Deno.statSync(file).size < before / 4, `${before} to ${Deno.statSync(file).size}`);
  store.close();
});

Deno.test("sqlite: the database of another program is refused and left as it is", () => {
  using folder = quickFolder();
  const file = join(folder.path, "other.db");
  const db = new DatabaseSync(file);
  db.exec("CREATE TABLE customers (id)");
  db.close();
  const before = Deno.readFileSync(file);
  assert.throws(
    () => openSqlite(file),
    /other\.db cannot be used: it is a database of another program .*"customers"/,
  );
  assert.deepEqual(Deno.readFileSync(file), before);
});

Deno.test("sqlite: a file that another program has locked is no other Carillon", () => {
  using folder = quickFolder();
  const file = join(folder.path, "history.db");
  openSqlite(file).close();
  const db = new DatabaseSync(file);
  db.exec("BEGIN EXCLUSIVE");
  assert.throws(() => openSqlite(file), /another program has locked it/);
  db.close();
  openSqlite(file).close();
});

Deno.test("sqlite: code goes when the runs that were made with it do, also of the task that keeps them longest", async () => {
  await using folder = makeFolder();
  const store = openSqlite(join(folder.path, "history.db"), NOW, { keepMs: 10 * DAY_MS });
  store.keepCode("0123456789abcdef", "[]", NOW);
  maintainAll(store, NOW + 10 * DAY_MS);
  assert.equal(store.code("0123456789abcdef"), "[]");
  store.retain("task", { keepMs: 20 * DAY_MS });
  maintainAll(store, NOW + 20 * DAY_MS);
  assert.equal(store.code("0123456789abcdef"), "[]");
  maintainAll(store, NOW + 22 * DAY_MS);
  assert.equal(store.code("0123456789abcdef"), undefined);
  store.close();
});
