/** One suite for every HistoryStore. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { FileBackedHistory } from "../../app/history/history.ts";
import {
  cappedLine,
  EMPTY_LOG,
  MAX_LINE_LENGTH,
  MAX_LOG_BYTES,
  MAX_LOG_LINES,
} from "../../app/history/log_cap.ts";
import { MemoryHistory } from "../../app/history/memory.ts";
import { isTerminal, type Run, type RunStatus } from "../../app/history/run.ts";
import { idFloor } from "../../app/history/run_rows.ts";
import { MIGRATIONS, SCHEMA_VERSION } from "../../app/history/schema.ts";
import { SqliteHistory, type SqliteHistoryOptions } from "../../app/history/sqlite.ts";
import { HistoryFileError } from "../../app/history/sqlite_file.ts";
import type { HistoryStore, OutcomeQuery, RunQuery, TaskStateStore } from "../../app/history/store.ts";
import { fc } from "../support/fast_check.ts";
import { makeFolder } from "../support/folder.ts";

const NOW = Date.parse("2026-03-10T10:00:00Z");
const LIMIT = 3;
const DAY_MS = 86_400_000;

/** Ids as runs have them: they sort by time. */
function idOf(number: number): string {
  return `${idFloor(NOW + number)}-7000-8000-000000000000`;
}

function numberOf(id: string): number {
  return parseInt(id.slice(0, 13).replace("-", ""), 16) - NOW;
}

function makeRun(number: number, status: RunStatus, rest: Partial<Run> = {}): Run {
  return {
    id: idOf(number),
    taskId: "task",
    status,
    cause: "schedule",
    queuedAt: NOW + number,
    attempt: 1,
    instants: 1,
    params: {},
    ...rest,
  };
}

type Opened = HistoryStore & TaskStateStore;

const OPTIONS = { limit: LIMIT, keep: 10, keepMs: 30 * DAY_MS, keepLogsMs: 7 * DAY_MS };

function openSqlite(file: string, now = NOW, options: Partial<SqliteHistoryOptions> = {}): SqliteHistory {
  return new SqliteHistory(file, { ...OPTIONS, ...options }, now);
}

function openBacked(file: string, told: string[] = [], now = () => NOW): FileBackedHistory {
  return new FileBackedHistory(new MemoryHistory(LIMIT), {
    open: () => openSqlite(file, now()),
    setAside: () => {
      Deno.renameSync(file, `${file}.aside`);
      for (const part of ["-wal", "-shm"]) {
        try {
          Deno.removeSync(`${file}${part}`);
        } catch (error) {
          assert.ok(error instanceof Deno.errors.NotFound);
        }
      }
      return `${file}.aside`;
    },
  }, (sentence) => told.push(sentence));
}

const STORES: Readonly<Record<string, (file: string) => Opened>> = {
  memory: () => new MemoryHistory(LIMIT),
  sqlite: (file) => openSqlite(file),
  "memory before a file": (file) => openBacked(file),
};

for (const [name, open] of Object.entries(STORES)) {
  const test = (what: string, check: (store: Opened) => void) =>
    Deno.test(`${name}: ${what}`, async () => {
      await using folder = makeFolder();
      const store = open(join(folder.path, "history.db"));
      try {
        check(store);
      } finally {
        await store.close();
      }
    });

  test("a run comes back as it was saved", (store) => {
    const run = makeRun(1, "failed", {
      by: "anna",
      cause: "manual",
      scheduledAt: NOW,
      startedAt: NOW + 5,
      finishedAt: NOW + 2_000,
      params: { begin: "2026-01-01", deep: { list: [1, null, "ä"] } },
      message: "done",
      error: { name: "TypeError", message: "<b>", stack: "at x" },
    });
    store.save(run);
    assert.deepEqual(store.get(run.id), run);
    assert.deepEqual(store.recent("task"), [run]);
    assert.equal(store.get("nobody"), undefined);
    assert.deepEqual(store.recent("nobody"), []);
  });

  test("a status moves forward only, and a terminal one never changes", (store) => {
    store.save(makeRun(1, "running"));
    store.save(makeRun(1, "queued"));
    assert.equal(store.get(idOf(1))?.status, "running");
    store.save(makeRun(1, "failed", { message: "first" }));
    store.save(makeRun(1, "succeeded", { message: "second" }));
    store.save(makeRun(1, "failed", { message: "third" }));
    const run = store.get(idOf(1));
    assert.equal(run?.status, "failed");
    assert.equal(run?.message, "first");
  });

  test("the newest runs come first, up to the limit", (store) => {
    for (const number of [1, 2, 3, 4, 5]) store.save(makeRun(number, "succeeded"));
    assert.deepEqual(store.recent("task").map(({ id }) => id), [idOf(5), idOf(4), idOf(3)]);
    assert.deepEqual(store.recent("task", 1).map(({ id }) => id), [idOf(5)]);
  });

  test("log lines are kept in order and capped, and the cap is said", (store) => {
    store.save(makeRun(1, "running"));
    for (let number = 0; number <= MAX_LOG_LINES + 5; number++) {
      store.log(idOf(1), { at: NOW, level: "info", text: `line ${number}` });
    }
    store.log("nobody", { at: NOW, level: "info", text: "for nobody" });
    const lines = store.lines(idOf(1));
    assert.equal(lines.length, MAX_LOG_LINES + 1);
    assert.equal(lines[1]?.text, "line 1");
    assert.match(lines.at(-1)?.text ?? "", /kept to 1000 lines/);
    assert.deepEqual(store.lines("nobody"), []);
  });

  test("runs are found by task, status, time and text, newest first, page by page", (store) => {
    store.save(makeRun(1, "succeeded", { message: "copied 5 rows" }));
    store.save(makeRun(2, "queued", { taskId: "other" }));
    store.save(makeRun(2, "running", { taskId: "other" }));
    store.log(idOf(2), { at: NOW, level: "info", text: "数据库连接失败 100% of %" });
    store.save(
      makeRun(3, "failed", { taskId: "other", error: { name: "E", message: "Connection refused" } }),
    );
    store.save(makeRun(4, "skipped", { reason: { key: "reason.stopped", values: {} } }));
    const found = (query: Partial<RunQuery>) =>
      store.find({ limit: 10, ...query }).map(({ id }) => numberOf(id));
    assert.deepEqual(found({}), [4, 3, 2, 1]);
    assert.deepEqual(found({ limit: 2 }), [4, 3]);
    assert.deepEqual(found({ before: idOf(3) }), [2, 1]);
    assert.deepEqual(found({ taskId: "other" }), [3, 2]);
    assert.deepEqual(found({ statuses: ["failed", "skipped"] }), [4, 3]);
    assert.deepEqual(found({ statuses: ["failed", "running"], taskId: "other" }), [3, 2]);
    assert.deepEqual(found({ from: NOW + 2, to: NOW + 4 }), [3, 2]);
    assert.deepEqual(found({ text: "connection REF" }), [3]);
    assert.deepEqual(found({ text: "连接" }), [2]);
    assert.deepEqual(found({ text: "库连接失" }), [2]);
    assert.deepEqual(found({ text: "0% of" }), [2]);
    assert.deepEqual(found({ text: 'say "no"' }), []);
    assert.deepEqual(found({ text: "rows", statuses: ["succeeded"], taskId: "task" }), [1]);
  });

  test("the last run of each task, in one question", (store) => {
    store.save(makeRun(1, "succeeded"));
    store.save(makeRun(2, "failed"));
    store.save(makeRun(3, "running", { taskId: "other" }));
    const last = store.lastRuns(["task", "other", "nobody"]);
    assert.deepEqual([...last].map(([id, run]) => [id, numberOf(run.id)]).toSorted(), [["other", 3], [
      "task",
      2,
    ]]);
  });

  test("durations are those of the successful runs, newest first", (store) => {
    const took = (number: number, ms: number, status: RunStatus = "succeeded") =>
      store.save(makeRun(number, status, { startedAt: NOW, finishedAt: NOW + ms }));
    took(1, 10);
    took(2, 20, "failed");
    took(3, 30);
    assert.deepEqual(store.durations("task", 10), [30, 10]);
    assert.deepEqual(store.durations("task", 1), [30]);
  });

  test("outcomes are the bare facts of a span of time, newest first", (store) => {
    store.save(makeRun(1, "succeeded"));
    store.save(makeRun(2, "failed", { taskId: "other" }));
    store.save(makeRun(3, "succeeded", { startedAt: NOW + 3, finishedAt: NOW + 5 }));
    const numbers = (query: Partial<OutcomeQuery>) =>
      store.outcomes({ from: 0, to: NOW + 1_000, limit: 10, ...query }).map(({ id }) => numberOf(id));
    assert.deepEqual(numbers({}), [3, 2, 1]);
    assert.deepEqual(numbers({ taskId: "task" }), [3, 1]);
    assert.deepEqual(numbers({ from: NOW + 2, to: NOW + 3 }), [2]);
    assert.deepEqual(numbers({ limit: 1 }), [3]);
    const [newest] = store.outcomes({ from: 0, to: NOW + 1_000, limit: 1 });
    assert.deepEqual(
      [newest?.taskId, newest?.status, newest?.startedAt, newest?.finishedAt],
      ["task", "succeeded", NOW + 3, NOW + 5],
    );
  });

  test("a stretch of skipped instants may grow, a finished run may not change", (store) => {
    store.save(makeRun(1, "skipped", { instants: 1 }));
    store.save(makeRun(1, "skipped", { instants: 3, message: "grown" }));
    store.save(makeRun(1, "skipped", { instants: 2, message: "shrunk" }));
    assert.equal(store.get(idOf(1))?.instants, 3);
    assert.equal(store.get(idOf(1))?.message, "grown");
  });

  test("what is done in a batch is there afterwards", (store) => {
    store.batch(() => {
      store.save(makeRun(1, "queued"));
      store.batch(() => store.save(makeRun(2, "succeeded")));
    });
    assert.deepEqual(store.recent("task").map(({ id }) => numberOf(id)), [2, 1]);
  });

  test("what is remembered of a task is given back", (store) => {
    assert.equal(store.taskState("task"), undefined);
    const state = { firstSeen: NOW, trigger: "UTC {}", settledTo: NOW + 5_000, paused: true };
    store.saveTaskState("task", { ...state, trigger: "", paused: false });
    store.saveTaskState("task", state);
    assert.deepEqual(store.taskState("task"), state);
  });
}

Deno.test("memory: the oldest finished run goes first, an unfinished one never", () => {
  const store = new MemoryHistory(2);
  store.save(makeRun(1, "running"));
  store.save(makeRun(2, "succeeded"));
  store.save(makeRun(3, "running"));
  store.save(makeRun(4, "running"));
  assert.deepEqual(store.recent("task", 10).map(({ id }) => id), [idOf(4), idOf(3), idOf(1)]);
});

Deno.test("memory: whatever is saved, the cap holds and no unfinished run is lost", () => {
  const step = fc.record({
    number: fc.integer({ min: 1, max: 30 }),
    status: fc.constantFrom<RunStatus>("queued", "running", "succeeded", "failed", "skipped"),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 5 }), (steps, limit) => {
    const store = new MemoryHistory(limit);
    const unfinished = new Set<string>();
    for (const { number, status } of steps) {
      const before = store.get(idOf(number));
      store.save(makeRun(number, status));
      if (before && isTerminal(before.status)) continue;
      if (isTerminal(status)) unfinished.delete(idOf(number));
      else unfinished.add(idOf(number));
    }
    const kept = store.recent("task", 1_000);
    for (const id of unfinished) assert.ok(kept.some((run) => run.id === id));
    assert.ok(kept.filter(({ status }) => isTerminal(status)).length <= Math.max(0, limit));
  }));
});

Deno.test("a log of few but long lines is full too, and says so", () => {
  let size = EMPTY_LOG;
  const kept: string[] = [];
  for (let i = 0; i < MAX_LOG_LINES; i++) {
    const next = cappedLine(size, { at: NOW, level: "info", text: "x".repeat(MAX_LINE_LENGTH) });
    if (!next) break;
    kept.push(next.line.text);
    size = next.size;
  }
  assert.equal(kept.length, MAX_LOG_BYTES / MAX_LINE_LENGTH + 1);
  assert.match(kept.at(-1) ?? "", /kept to 500000 characters; the rest is left out/);
});

Deno.test("a long line is cut, and says by how much", () => {
  const kept = cappedLine(EMPTY_LOG, { at: NOW, level: "info", text: "x".repeat(MAX_LINE_LENGTH + 7) });
  assert.match(kept?.line.text ?? "", /x… \(7 more characters\)$/);
});

Deno.test("sqlite: what was under way when the file was last open was interrupted", async () => {
  await using folder = makeFolder();
  const file = join(folder.path, "history.db");
  const first = openSqlite(file);
  first.save(makeRun(1, "running", { startedAt: NOW }));
  first.save(makeRun(2, "queued"));
  first.save(makeRun(3, "succeeded", { finishedAt: NOW }));
  await first.close();
  const later = NOW + 3_600_000;
  const second = openSqlite(file, later);
  assert.deepEqual(second.recent("task").map(({ status }) => status), [
    "succeeded",
    "interrupted",
    "interrupted",
  ]);
  assert.deepEqual(second.get(idOf(1))?.finishedAt, later);
  await second.close();
});

Deno.test("sqlite: others cannot read the file, nor what SQLite keeps beside it", async () => {
  await using folder = makeFolder();
  const file = join(folder.path, "history.db");
  const store = openSqlite(file);
  store.save(makeRun(1, "succeeded"));
  for (const part of ["", "-wal", "-shm", ".lock"]) {
    assert.equal((Deno.statSync(file + part).mode ?? 0) & 0o777, 0o600, part);
  }
  await store.close();
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

/** Brings a file into shape, to the end. */
function maintainAll(store: SqliteHistory, now: number): void {
  let steps = 0;
  while (store.maintain(now)) assert.ok(++steps < 10_000, "it never ends");
}

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
  await store.close();
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
  await store.close();
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
      { at: NOW, level: "warn", text: "line 0" },
      { at: NOW, level: "warn", text: "line 1" },
    ]);
    assert.deepEqual(store.taskState("task"), { firstSeen: 1, trigger: "x", settledTo: 2, paused: false });
    maintainAll(store, NOW);
    assert.equal(store.find({ text: "line 1", limit: 5 }).length, 1);
    await store.close();
    await openSqlite(file).close();
  });
}

Deno.test("a file that another Carillon uses is left alone, told of, and taken when it is free", async () => {
  await using folder = makeFolder();
  const file = join(folder.path, "history.db");
  const other = openSqlite(file);
  const told: string[] = [];
  const store = openBacked(file, told);
  assert.match(store.trouble ?? "", /history\.db cannot be used: another Carillon is using it$/);
  store.save(makeRun(1, "running"));
  store.log(idOf(1), { at: NOW, level: "info", text: "kept" });
  store.save(makeRun(1, "succeeded", { message: "done", finishedAt: NOW }));
  store.saveTaskState("task", { firstSeen: 1, trigger: "x", settledTo: 2, paused: false });
  store.maintain(NOW + 60_000);
  assert.equal(told.length, 1);
  await other.close();
  store.maintain(NOW + 120_000);
  assert.equal(store.trouble, undefined);
  assert.equal(told.at(-1), "the history file is written again");
  await store.close();
  const again = openSqlite(file);
  assert.equal(again.get(idOf(1))?.message, "done");
  assert.deepEqual(again.lines(idOf(1)).map(({ text }) => text), ["kept"]);
  assert.equal(again.taskState("task")?.settledTo, 2);
  await again.close();
});

Deno.test("runs that a file gives back late come before those that were made meanwhile", async () => {
  await using folder = makeFolder();
  const file = join(folder.path, "history.db");
  const other = openSqlite(file);
  other.save(makeRun(1, "succeeded"));
  other.save(makeRun(2, "failed"));
  const store = openBacked(file);
  store.save(makeRun(3, "succeeded"));
  await other.close();
  store.maintain(NOW + 60_000);
  store.save(makeRun(4, "succeeded"));
  assert.deepEqual(store.recent("task").map(({ id }) => numberOf(id)), [4, 3, 2]);
  assert.equal(numberOf(store.lastRuns(["task"]).get("task")?.id ?? ""), 4);
  await store.close();
});

Deno.test("a damaged file is set aside, and a new one is begun", async () => {
  await using folder = makeFolder();
  const file = folder.write("history.db", "this is no database, and long enough to be looked at".repeat(20));
  const told: string[] = [];
  const store = openBacked(file, told);
  assert.equal(store.trouble, undefined);
  assert.equal(store.setAside, `${file}.aside`);
  assert.match(told[0] ?? "", /is damaged; it is kept as/);
  assert.match(Deno.readTextFileSync(`${file}.aside`), /^this is no database/);
  store.save(makeRun(1, "succeeded"));
  await store.close();
  const again = openSqlite(file);
  assert.ok(again.get(idOf(1)));
  await again.close();
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
  await filled.close();
  const told: string[] = [];
  const store = openBacked(file, told);
  store.save(makeRun(1_000, "succeeded", { message: "in memory" }));
  using raw = Deno.openSync(file, { write: true, read: true });
  // Every page but the first becomes noise.
  raw.seekSync(4_096, Deno.SeekMode.Start);
  const noise = crypto.getRandomValues(new Uint8Array(4_096));
  for (let page = 1; page < 100; page++) raw.writeSync(noise);
  for (let i = 1; i < 400 && store.setAside === undefined; i++) {
    store.recent(`task ${i}`);
    store.save(makeRun(2_000 + i, "succeeded", { taskId: `task ${i}` }));
  }
  assert.ok(store.setAside, "the damage was noticed");
  assert.equal(store.trouble, undefined);
  assert.equal(store.get(idOf(1_000))?.message, "in memory");
  await store.close();
  const again = openSqlite(file);
  assert.equal(again.get(idOf(1_000))?.message, "in memory");
  await again.close();
});
