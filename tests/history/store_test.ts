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
import type { Run, RunStatus } from "../../app/history/run.ts";
import { HistoryFileError, SCHEMA_VERSION, SqliteHistory } from "../../app/history/sqlite.ts";
import type { HistoryStore, TaskStateStore } from "../../app/history/store.ts";
import { makeFolder } from "../support/folder.ts";

const NOW = Date.parse("2026-03-10T10:00:00Z");
const LIMIT = 3;

function makeRun(number: number, status: RunStatus, rest: Partial<Run> = {}): Run {
  return {
    id: `run-${String(number).padStart(4, "0")}`,
    taskId: "task",
    status,
    cause: "schedule",
    queuedAt: NOW,
    attempt: 1,
    instants: 1,
    params: {},
    ...rest,
  };
}

type Opened = HistoryStore & TaskStateStore;

const STORES: Readonly<Record<string, (file: string) => Opened>> = {
  memory: () => new MemoryHistory(LIMIT),
  sqlite: (file) => new SqliteHistory(file, LIMIT, NOW),
  "memory before a file": (file) =>
    new FileBackedHistory(new MemoryHistory(LIMIT), new SqliteHistory(file, LIMIT, NOW), (error) => {
      throw error;
    }),
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
    assert.equal(store.get("run-x"), undefined);
    assert.deepEqual(store.recent("nobody"), []);
  });

  test("a status moves forward only, and a terminal one never changes", (store) => {
    store.save(makeRun(1, "running"));
    store.save(makeRun(1, "queued"));
    assert.equal(store.get("run-0001")?.status, "running");
    store.save(makeRun(1, "failed", { message: "first" }));
    store.save(makeRun(1, "succeeded", { message: "second" }));
    store.save(makeRun(1, "failed", { message: "third" }));
    const run = store.get("run-0001");
    assert.equal(run?.status, "failed");
    assert.equal(run?.message, "first");
  });

  test("the newest runs come first, up to the limit", (store) => {
    for (const number of [1, 2, 3, 4, 5]) store.save(makeRun(number, "succeeded"));
    assert.deepEqual(store.recent("task").map(({ id }) => id), ["run-0005", "run-0004", "run-0003"]);
    assert.deepEqual(store.recent("task", 1).map(({ id }) => id), ["run-0005"]);
  });

  test("log lines are kept in order and capped, and the cap is said", (store) => {
    store.save(makeRun(1, "running"));
    for (let number = 0; number <= MAX_LOG_LINES + 5; number++) {
      store.log("run-0001", { at: NOW, level: "info", text: `line ${number}` });
    }
    store.log("run-x", { at: NOW, level: "info", text: "for nobody" });
    const lines = store.lines("run-0001");
    assert.equal(lines.length, MAX_LOG_LINES + 1);
    assert.equal(lines[1]?.text, "line 1");
    assert.match(lines.at(-1)?.text ?? "", /kept to 1000 lines/);
    assert.deepEqual(store.lines("run-x"), []);
  });

  test("what is remembered of a task is given back", (store) => {
    assert.equal(store.taskState("task"), undefined);
    const state = { firstSeen: NOW, trigger: "UTC {}", settledTo: NOW + 5_000 };
    store.saveTaskState("task", { ...state, trigger: "" });
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
  assert.deepEqual(store.recent("task", 10).map(({ id }) => id), ["run-0004", "run-0003", "run-0001"]);
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
  const first = new SqliteHistory(file, LIMIT, NOW);
  first.save(makeRun(1, "running", { startedAt: NOW }));
  first.save(makeRun(2, "queued"));
  first.save(makeRun(3, "succeeded", { finishedAt: NOW }));
  await first.close();
  const later = NOW + 3_600_000;
  const second = new SqliteHistory(file, LIMIT, later);
  assert.deepEqual(second.recent("task").map(({ status }) => status), [
    "succeeded",
    "interrupted",
    "interrupted",
  ]);
  assert.deepEqual(second.get("run-0001")?.finishedAt, later);
  await second.close();
});

Deno.test("sqlite: a file of a newer Carillon is refused and left as it is", async () => {
  await using folder = makeFolder();
  const file = join(folder.path, "history.db");
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
  db.close();
  assert.throws(() => new SqliteHistory(file, LIMIT, NOW), (error) => {
    assert.ok(error instanceof HistoryFileError);
    assert.match(error.message, /written by a newer Carillon/);
    return true;
  });
});

Deno.test("a file that cannot be written is told of once, and the history goes on in memory", async () => {
  await using folder = makeFolder();
  const told: unknown[] = [];
  const file = new SqliteHistory(join(folder.path, "history.db"), LIMIT, NOW);
  const store = new FileBackedHistory(new MemoryHistory(LIMIT), file, (error) => told.push(error));
  store.save(makeRun(1, "succeeded"));
  assert.equal(store.trouble, undefined);
  await file.close();
  store.save(makeRun(2, "succeeded"));
  store.save(makeRun(3, "succeeded"));
  assert.equal(told.length, 1);
  assert.match(store.trouble ?? "", /finalized|not open/);
  assert.deepEqual(store.recent("task").map(({ id }) => id), ["run-0003", "run-0002", "run-0001"]);
});
