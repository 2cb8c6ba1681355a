/** One suite for every history. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { History } from "../../app/contracts.ts";
import { LedgerHistory } from "../../app/history/ledger_history.ts";
import { HEAD_LINES, TAIL_LINES } from "../../app/history/log/kept_log.ts";
import { MemoryHistory } from "../../app/history/memory.ts";
import type { Fire } from "../../app/model/fire.ts";
import type { OutcomeQuery, RunQuery } from "../../app/model/history.ts";
import type { TaskWatermarks } from "../../app/model/order.ts";
import { mayFollow, type Run, RUN_STATUSES, type RunStatus } from "../../app/model/run.ts";
import { makeFolder } from "../support/folder.ts";
import { idOf, LIMIT, makeRun, NOW, numberOf, openBacked, openSqlite } from "./runs.ts";

const HISTORIES: Readonly<Record<string, (file: string) => History>> = {
  memory: () => new MemoryHistory(LIMIT),
  sqlite: (file) => new LedgerHistory(openSqlite(file)),
  "memory before a file": (file) => openBacked(file),
};

for (const [name, open] of Object.entries(HISTORIES)) {
  const test = (what: string, check: (store: History) => Promise<void>) =>
    Deno.test(`${name}: ${what}`, async () => {
      await using folder = makeFolder();
      const store = open(join(folder.path, "history.db"));
      try {
        await check(store);
      } finally {
        await store.close();
      }
    });

  test("a run comes back as it was saved", async (store) => {
    const run = makeRun(1, "failed", {
      by: "anna",
      cause: "manual",
      scheduledAt: NOW,
      startedAt: NOW + 5,
      finishedAt: NOW + 2_000,
      params: { begin: "2026-01-01", deep: { list: [1, null, "ä"] } },
      message: "done",
      error: { name: "TypeError", message: "<b>", stack: "at x" },
      result: { rows: 5, list: [null, "数"], deep: { a: false } },
      codeVersion: "abc",
      host: "db-1",
      carillonVersion: "0.2.0",
      note: "the bank was late\n数",
      after: "019cd6f9-7a80-7000-8000-0000000003a1",
      approval: {
        role: "boss",
        askedBy: "anna",
        expiresAt: NOW + 9,
        version: "abc",
        decision: "approved",
        decidedBy: "bob",
        decidedAt: NOW + 4,
        note: "go on",
      },
    });
    store.save(run);
    assert.deepEqual(await store.get(run.id), run);
    assert.deepEqual(await store.recent("task"), [run]);
    assert.equal(await store.get("nobody"), undefined);
    assert.deepEqual(await store.recent("nobody"), []);
  });

  test("a status moves forward only, and a terminal one never changes", async (store) => {
    store.save(makeRun(1, "running"));
    store.save(makeRun(1, "queued"));
    assert.equal((await store.get(idOf(1)))?.status, "running");
    store.save(makeRun(1, "failed", { message: "first" }));
    store.save(makeRun(1, "succeeded", { message: "second" }));
    store.save(makeRun(1, "failed", { message: "third" }));
    const run = await store.get(idOf(1));
    assert.equal(run?.status, "failed");
    assert.equal(run?.message, "first");
  });

  test("a run that waits for approval goes on waiting, is found as such, and is moved on by a decision", async (store) => {
    const approval = { role: "boss", askedBy: "anna", expiresAt: NOW + 100_000 };
    store.save(makeRun(1, "awaiting_approval", { note: "because of the BANK", approval }));
    store.save(makeRun(2, "awaiting_approval", { approval }));
    store.save(makeRun(3, "running"));
    for (let number = 4; number < 20; number++) store.save(makeRun(number, "succeeded"));
    while (store.maintain(NOW + 1_000)) continue;
    const awaiting = async () =>
      (await store.find({ statuses: ["awaiting_approval"], limit: 10 })).map(({ id }) => numberOf(id));
    assert.deepEqual(await awaiting(), [2, 1]);
    assert.deepEqual((await store.find({ text: "the bank", limit: 10 })).map(({ id }) => id), [idOf(1)]);
    assert.deepEqual(await store.lines(idOf(1)), []);
    const decided = {
      ...approval,
      decision: "approved",
      decidedBy: "bob",
      decidedAt: NOW,
      note: "well",
    } as const;
    store.save(makeRun(1, "queued", { approval: decided }));
    store.save(makeRun(2, "cancelled", { approval: { ...approval, decision: "declined" } }));
    store.save(makeRun(2, "awaiting_approval", { approval }));
    assert.deepEqual(await awaiting(), []);
    assert.deepEqual((await store.get(idOf(1)))?.approval, decided);
    assert.equal((await store.get(idOf(2)))?.status, "cancelled");
    assert.deepEqual((await store.find({ text: "well", limit: 10 })).map(({ id }) => id), [idOf(1)]);
  });

  test("the newest runs come first, up to the limit", async (store) => {
    for (const number of [1, 2, 3, 4, 5]) store.save(makeRun(number, "succeeded"));
    assert.deepEqual((await store.recent("task")).map(({ id }) => id), [idOf(5), idOf(4), idOf(3)]);
    assert.deepEqual((await store.recent("task", 1)).map(({ id }) => id), [idOf(5)]);
  });

  test("of a log its beginning, its end, and warnings from between are kept, each with its number", async (store) => {
    store.save(makeRun(1, "running"));
    const last = HEAD_LINES + TAIL_LINES + 2_000;
    for (let number = 0; number <= last; number++) {
      const level = number % 100 === 50 ? "warn" : "info";
      store.log(idOf(1), { at: NOW, level, text: `line ${number}` });
    }
    store.log("nobody", { at: NOW, level: "info", text: "for nobody" });
    const check = async () => {
      const lines = await store.lines(idOf(1));
      assert.deepEqual(lines.map(({ text }) => text), lines.map(({ number }) => `line ${number}`));
      const numbers = lines.map(({ number }) => number);
      assert.deepEqual(numbers.slice(0, HEAD_LINES), Array.from({ length: HEAD_LINES }, (_, i) => i));
      const end = last - TAIL_LINES + 1;
      assert.deepEqual(
        numbers.slice(HEAD_LINES, -TAIL_LINES),
        Array.from({ length: 20 }, (_, i) => 250 + i * 100).filter((number) => number < end),
      );
      assert.deepEqual(numbers.slice(-TAIL_LINES), Array.from({ length: TAIL_LINES }, (_, i) => end + i));
    };
    await check();
    assert.equal((await store.logSize(idOf(1))).lines, last + 1);
    store.save(makeRun(1, "succeeded"));
    while (store.maintain(NOW)) continue;
    await check();
    assert.equal((await store.logSize(idOf(1))).lines, last + 1);
    assert.deepEqual(await store.lines("nobody"), []);
    assert.equal((await store.logSize("nobody")).lines, 0);
  });

  test("whoever follows a log asks for the lines from where it was", async (store) => {
    store.save(makeRun(1, "running"));
    let seen = 0;
    const numbers: number[] = [];
    for (let number = 0; number < 12_345; number++) {
      store.log(idOf(1), { at: NOW, level: "info", text: `Line ${number}` });
      if (number % 700 !== 0) continue;
      const lines = await store.lines(idOf(1), { from: seen });
      numbers.push(...lines.map((line) => line.number));
      seen = (await store.logSize(idOf(1))).lines;
    }
    assert.deepEqual(numbers, Array.from({ length: 11_901 }, (_, i) => i));
    const found = await store.lines(idOf(1), { from: 7_500, limit: 3, text: "line 123" });
    assert.deepEqual(found.map(({ number }) => number), [12_300, 12_301, 12_302]);
    assert.deepEqual(await store.lines(idOf(1), { from: 99_999 }), []);
    assert.equal((await store.lines(idOf(1), { from: 12_000, limit: 5 })).length, 5);
    assert.equal((await store.lines(idOf(1), { limit: 0 })).length, 0);
  });

  test("runs are found by task, status, time and text, newest first, page by page", async (store) => {
    store.save(makeRun(1, "succeeded", { message: "copied 5 rows" }));
    store.save(makeRun(2, "queued", { taskId: "other" }));
    store.save(makeRun(2, "running", { taskId: "other" }));
    store.log(idOf(2), { at: NOW, level: "info", text: "数据库连接失败 100% of %" });
    store.save(
      makeRun(3, "failed", { taskId: "other", error: { name: "E", message: "Connection refused" } }),
    );
    store.save(makeRun(4, "skipped", { reason: { key: "reason.stopped", values: {} } }));
    const found = async (query: Partial<RunQuery>) =>
      (await store.find({ limit: 10, ...query })).map(({ id }) => numberOf(id));
    assert.deepEqual(await found({}), [4, 3, 2, 1]);
    assert.deepEqual(await found({ limit: 2 }), [4, 3]);
    assert.deepEqual(await found({ before: idOf(3) }), [2, 1]);
    assert.deepEqual(await found({ taskId: "other" }), [3, 2]);
    assert.deepEqual(await found({ statuses: ["failed", "skipped"] }), [4, 3]);
    assert.deepEqual(await found({ statuses: ["failed", "running"], taskId: "other" }), [3, 2]);
    assert.deepEqual(await found({ from: NOW + 2, to: NOW + 4 }), [3, 2]);
    assert.deepEqual(await found({ text: "connection REF" }), [3]);
    assert.deepEqual(await found({ text: "连接" }), [2]);
    assert.deepEqual(await found({ text: "库连接失" }), [2]);
    assert.deepEqual(await found({ text: "0% of" }), [2]);
    assert.deepEqual(await found({ text: 'say "no"' }), []);
    assert.deepEqual(await found({ text: "rows", statuses: ["succeeded"], taskId: "task" }), [1]);
  });

  test("the last run of each task, in one question", async (store) => {
    store.save(makeRun(1, "succeeded"));
    store.save(makeRun(2, "failed"));
    store.save(makeRun(3, "running", { taskId: "other" }));
    const last = await store.lastRuns(["task", "other", "nobody"]);
    assert.deepEqual([...last].map(([id, run]) => [id, numberOf(run.id)]).toSorted(), [["other", 3], [
      "task",
      2,
    ]]);
  });

  test("durations are those of the successful runs, newest first", async (store) => {
    const took = (number: number, ms: number, status: RunStatus = "succeeded") =>
      store.save(makeRun(number, status, { startedAt: NOW, finishedAt: NOW + ms }));
    took(1, 10);
    took(2, 20, "failed");
    took(3, 30);
    assert.deepEqual(await store.durations("task", 10), [30, 10]);
    assert.deepEqual(await store.durations("task", 1), [30]);
  });

  test("what is usual is the median of the last 20 successes, once there are 5", async (store) => {
    const took = (number: number, ms: number, status: RunStatus = "succeeded") =>
      store.save(makeRun(number, status, { startedAt: NOW, finishedAt: NOW + ms }));
    assert.equal(await store.usual("task"), undefined);
    took(1, 10);
    took(2, 30);
    took(3, 9_000, "failed");
    assert.equal(await store.usual("task"), undefined);
  });

  test("outcomes are the bare facts of a span of time, newest first", async (store) => {
    store.save(makeRun(1, "succeeded"));
    store.save(makeRun(2, "failed", { taskId: "other" }));
    store.save(makeRun(3, "succeeded", { startedAt: NOW + 3, finishedAt: NOW + 5 }));
    const numbers = async (query: Partial<OutcomeQuery>) =>
      (await store.outcomes({ from: 0, to: NOW + 1_000, limit: 10, ...query })).map(({ id }) => numberOf(id));
    assert.deepEqual(await numbers({}), [3, 2, 1]);
    assert.deepEqual(await numbers({ taskId: "task" }), [3, 1]);
    assert.deepEqual(await numbers({ from: NOW + 2, to: NOW + 3 }), [2]);
    assert.deepEqual(await numbers({ limit: 1 }), [3]);
    const [newest] = await store.outcomes({ from: 0, to: NOW + 1_000, limit: 1 });
    assert.deepEqual(
      [newest?.taskId, newest?.status, newest?.startedAt, newest?.finishedAt],
      ["task", "succeeded", NOW + 3, NOW + 5],
    );
  });

  test("a stretch of skipped instants may grow, a finished run may not change", async (store) => {
    store.save(makeRun(1, "skipped", { instants: 1 }));
    store.save(makeRun(1, "skipped", { instants: 3, message: "grown" }));
    store.save(makeRun(1, "skipped", { instants: 2, message: "shrunk" }));
    assert.equal((await store.get(idOf(1)))?.instants, 3);
    assert.equal((await store.get(idOf(1)))?.message, "grown");
  });

  test("what is done in a batch is there afterwards", async (store) => {
    store.batch(() => {
      store.save(makeRun(1, "queued"));
      store.batch(() => store.save(makeRun(2, "succeeded")));
    });
    assert.deepEqual((await store.recent("task")).map(({ id }) => numberOf(id)), [2, 1]);
  });

  test("a batch may have more runs than memory keeps", async (store) => {
    store.batch(() => {
      for (let i = 1; i <= 9; i++) store.save(makeRun(i, "succeeded"));
    });
    const expected = name === "memory" ? [9, 8, 7] : [9, 8, 7, 6, 5, 4, 3, 2, 1];
    assert.deepEqual((await store.recent("task", 100)).map(({ id }) => numberOf(id)), expected);
  });

  /** Of a task that nobody has ever paused. */
  const neverPaused = { firstSeen: NOW, paused: false, pause: undefined, resumedAt: undefined };

  test("what is remembered of a task is given back", async (store) => {
    assert.equal(await store.state("task"), undefined);
    const state = { ...neverPaused, trigger: "UTC {}", settledTo: NOW + 5_000, paused: true };
    await store.saveState("task", { ...state, trigger: "", paused: false });
    await store.saveState("task", state);
    assert.deepEqual(await store.state("task"), state);
    const pause = { until: NOW + 1, note: "why \u4e3a\u4ec0\u4e48", by: "Anna" };
    await store.saveState("task", { ...state, pause });
    assert.deepEqual(await store.state("task"), { ...state, pause });
    await store.saveState("task", state);
    assert.equal((await store.state("task"))?.pause, undefined);
    for (
      const more of [{ pause, resumedAt: NOW - 1 }, { resumedAt: NOW }, { paused: false, resumedAt: NOW }]
    ) {
      await store.saveState("task", { ...state, ...more });
      assert.deepEqual(await store.state("task"), { ...state, ...more });
    }
  });

  test("a batch takes the states of tasks too, whatever becomes of their promises", async (store) => {
    const state = { ...neverPaused, trigger: "x", settledTo: NOW };
    const saved = store.batch(() => {
      store.save(makeRun(1, "queued"));
      return store.saveState("task", state);
    });
    assert.deepEqual(await store.state("task"), state);
    await saved;
  });

  test("watermarks are kept a task and a name, numbers as numbers", async (store) => {
    const keep = async (taskId: string, marks: TaskWatermarks) => {
      // A history in memory alone takes them and rejects.
      await store.keepWatermarks(taskId, marks).catch((error) => assert.equal(name, "memory", String(error)));
    };
    assert.deepEqual(await store.watermarks("task"), {});
    await keep("task", { "": 5, day: "2026-03-10", far: 2 ** 53, part: 0.1 });
    await keep("task", { day: "2026-03-11" });
    await keep("other", { day: 1 });
    assert.deepEqual(await store.watermarks("task"), { "": 5, day: "2026-03-11", far: 2 ** 53, part: 0.1 });
    assert.deepEqual(await store.watermarks("other"), { day: 1 });
  });

  test("when Carillon was last active is given back", async (store) => {
    assert.equal(await store.lastAlive(), undefined);
    await store.saveAlive(NOW);
    await store.saveAlive(NOW + 1);
    assert.equal(await store.lastAlive(), NOW + 1);
  });

  test("every fire is claimed, in its order", async (store) => {
    const fires: Fire[] = [2, 1].map((at) => ({ kind: "due", taskId: "task", at, late: false }));
    assert.deepEqual(await store.claim(fires), fires);
  });

  test("a run moves as the table of moves says, from each status to each", async (store) => {
    let number = 0;
    for (const before of RUN_STATUSES) {
      for (const after of RUN_STATUSES) {
        for (const instants of [1, 2]) {
          const first = makeRun(++number, before, { taskId: `task ${number}`, message: "before" });
          const second: Run = { ...first, status: after, instants, message: "after" };
          store.save(first);
          store.save(second);
          const expected = mayFollow(first, second) ? second : first;
          assert.deepEqual(await store.get(first.id), expected, `${before} to ${after}, ${instants}`);
        }
      }
    }
  });

  test("files that a run has left are kept in their order", async (store) => {
    store.save(makeRun(1, "running"));
    const artifacts = ["b", "a", "b"].map((path, i) => ({ title: `T ${i}`, path, bytes: i, at: NOW + i }));
    for (const artifact of artifacts.slice(0, 1)) store.keepArtifact(idOf(1), artifact);
    store.save(makeRun(1, "succeeded"));
    for (const artifact of artifacts.slice(1)) store.keepArtifact(idOf(1), artifact);
    for (const artifact of artifacts) store.keepArtifact(idOf(9), artifact);
    assert.deepEqual(await store.artifacts(idOf(1)), artifacts);
    assert.deepEqual(await store.artifacts(idOf(9)), []);
  });

  test("the text of a task's code is kept once for each version", async (store) => {
    store.keepCode("1", "run() {}", NOW);
    store.keepCode("1", "run() {}", NOW + 1);
    assert.equal(await store.code("1"), "run() {}");
    assert.equal(await store.code("2"), undefined);
  });
}
