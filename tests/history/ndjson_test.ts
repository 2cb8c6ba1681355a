import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { exportHistory, importHistory } from "../../app/history/ndjson.ts";
import { openToRead } from "../../app/history/sqlite/reading.ts";
import { idFloor } from "../../app/history/run_id.ts";
import { SqliteLedger } from "../../app/history/sqlite/store.ts";
import type { Run } from "../../app/model/run.ts";
import { makeFolder, type TestFolder } from "../support/folder.ts";

const NOW = Date.parse("2026-03-10T10:00:00Z");

function openIn(folder: TestFolder, name: string): SqliteLedger {
  return new SqliteLedger(
    join(folder.path, name),
    { limit: 100, keep: 1_000, keepMs: 1e12, keepLogsMs: 1e12 },
    NOW,
  );
}

function exported(store: SqliteLedger): string[] {
  const reading = openToRead(store.file);
  try {
    return [...exportHistory(reading)];
  } finally {
    reading.close();
  }
}

const RUN: Run = {
  id: `${idFloor(NOW)}-7000-8000-000000000000`,
  taskId: "同步",
  status: "failed",
  cause: "api",
  by: "anna",
  scheduledAt: NOW - 5,
  queuedAt: NOW,
  startedAt: NOW + 1,
  finishedAt: NOW + 2,
  attempt: 2,
  instants: 1,
  params: { begin: "2026-01-01", deep: [1, null] },
  message: "said",
  error: { name: "TypeError", message: "no\nluck", stack: "at x" },
  reason: { key: "reason.timeout", values: { limit: "5 s" } },
};

Deno.test("what is exported comes back the same, and only once", async () => {
  await using folder = makeFolder();
  const from = openIn(folder, "a.db");
  from.save(RUN);
  from.logs.save(RUN.id, [{ number: 0, at: NOW, level: "warn", text: "one\ntwo" }]);
  const text = exported(from).join("\n");
  assert.equal(text.split("\n").length, 1);
  from.close();
  const to = openIn(folder, "b.db");
  assert.deepEqual(importHistory(to, text, "UTC"), { added: 1, known: 0, wrong: [] });
  assert.deepEqual(to.get(RUN.id), RUN);
  assert.deepEqual(to.lines(RUN.id), [{ number: 0, at: NOW, level: "warn", text: "one\ntwo" }]);
  assert.deepEqual(importHistory(to, text, "UTC"), { added: 0, known: 1, wrong: [] });
  to.close();
});

Deno.test("a stretch keeps its last instant in the file and in an export, also where none of it is left", async () => {
  await using folder = makeFolder();
  const stretch = (number: number, instants: number): Run => ({
    id: `${idFloor(NOW + number)}-7000-8000-000000000000`,
    taskId: "a",
    status: "missed",
    cause: "schedule",
    scheduledAt: NOW,
    queuedAt: NOW + number,
    finishedAt: NOW + number,
    attempt: 1,
    instants,
    params: {},
    reason: { key: "reason.missed_asleep", values: { n: instants }, lastAt: NOW + 60_000 },
  });
  const from = openIn(folder, "a.db");
  const runs = [stretch(1, 7), stretch(2, 0)];
  for (const run of runs) from.save(run);
  from.close();
  const again = openIn(folder, "a.db");
  const to = openIn(folder, "b.db");
  assert.deepEqual(importHistory(to, exported(again).join("\n"), "UTC"), { added: 2, known: 0, wrong: [] });
  for (const store of [again, to]) {
    for (const run of runs) assert.deepEqual(store.get(run.id), run);
    store.close();
  }
});

Deno.test("a file that a Carillon holds is read without a wait for its lock", async () => {
  await using folder = makeFolder();
  const store = openIn(folder, "a.db");
  store.save(RUN);
  const waits = new Set<unknown>();
  const { prepare } = DatabaseSync.prototype;
  DatabaseSync.prototype.prepare = function (sql: string) {
    waits.add(prepare.call(this, "PRAGMA busy_timeout").get()?.timeout);
    return prepare.call(this, sql);
  };
  try {
    assert.equal(exported(store).length, 1);
  } finally {
    DatabaseSync.prototype.prepare = prepare;
    store.close();
  }
  assert.deepEqual([...waits], [0]);
});

Deno.test("PyScheduler's history is read, in its own time zone, and only once", async () => {
  await using folder = makeFolder();
  const store = openIn(folder, "a.db");
  const text = JSON.stringify([
    { job_id: "get_test_data", status: "已完成", timestamp: "2023-10-01 08:00:00" },
    { job_id: "get_test_data", status: "MySQL 查询失败: x", timestamp: "2023-10-01 10:00:00" },
    { job_id: "get_test_data", status: "已完成", timestamp: "2023-10-01 08:00:00" },
    { job_id: "get_test_data", status: "已完成", timestamp: "yesterday" },
  ]);
  const first = importHistory(store, text, "Asia/Shanghai");
  assert.equal(first.added, 3);
  assert.deepEqual(first.wrong, ["record 4: timestamp: is not YYYY-MM-DD HH:MM:SS"]);
  assert.equal(importHistory(store, text, "Asia/Shanghai").known, 3);
  const runs = store.recent("get_test_data");
  assert.deepEqual(runs.map(({ status }) => status), ["failed", "succeeded", "succeeded"]);
  assert.equal(runs[0]?.error?.message, "MySQL 查询失败: x");
  assert.equal(new Date(runs[1]?.queuedAt ?? 0).toISOString(), "2023-10-01T00:00:00.000Z");
  store.close();
});

Deno.test("a day that there is not is a wrong record as any other", async () => {
  await using folder = makeFolder();
  const store = openIn(folder, "a.db");
  const stamps = ["2026-02-30 08:00:00", "2026-13-01 08:00:00", "2026-01-01 25:00:00", "2026-01-01 08:00:00"];
  const text = JSON.stringify(stamps.map((timestamp) => ({ job_id: "a", status: "已完成", timestamp })));
  const wrong = [1, 2, 3].map((record) => `record ${record}: timestamp: there is no such day or time`);
  assert.deepEqual(importHistory(store, text, "UTC"), { added: 1, known: 0, wrong });
  store.close();
});

Deno.test("a byte order mark before a history is passed over", async () => {
  await using folder = makeFolder();
  const store = openIn(folder, "a.db");
  store.save(RUN);
  const [line = ""] = exported(store);
  store.close();
  const other = openIn(folder, "b.db");
  const records = '[{"job_id":"a","status":"已完成","timestamp":"2026-01-01 08:00:00"}]';
  for (const text of [line, records]) {
    assert.deepEqual(importHistory(other, `\uFEFF${text}`, "UTC"), { added: 1, known: 0, wrong: [] });
  }
  other.close();
});

Deno.test("a line that is wrong is told with its place, and the others are taken", async () => {
  await using folder = makeFolder();
  const store = openIn(folder, "a.db");
  store.save(RUN);
  const [good = ""] = exported(store);
  store.close();
  const other = openIn(folder, "b.db");
  const text = `{"kind":\n${good}\n\n{"kind":"run","id":"x"}\n`;
  const { added, wrong } = importHistory(other, text, "UTC");
  assert.equal(added, 1);
  assert.match(wrong[0] ?? "", /^line 1: it is not JSON: /);
  assert.match(wrong[1] ?? "", /^line 4: id: .*; task: /);
  other.close();
});
