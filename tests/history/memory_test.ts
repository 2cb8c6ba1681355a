/** History in memory: what goes when there is more than is kept. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { CodeTexts } from "../../app/history/code_texts.ts";
import { MemoryHistory, MemoryLedger } from "../../app/history/memory.ts";
import { savedWatermarks } from "../../app/history/saved_watermarks.ts";
import { isTerminal, type RunStatus } from "../../app/model/run.ts";
import { fc } from "../support/fast_check.ts";
import { quickFolder } from "./damages.ts";
import { idOf, makeRun, openSqlite } from "./runs.ts";

Deno.test("memory: the oldest finished run goes first, an unfinished one never", () => {
  const store = new MemoryLedger(2);
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
    const store = new MemoryLedger(limit);
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

Deno.test("memory: the logs of many ended runs are bounded together; the newest and those of active runs stay whole", () => {
  const store = new MemoryLedger(100);
  const write = (number: number) => {
    store.save(makeRun(number, "running"));
    for (let i = 0; i < 1_000; i++) store.log(idOf(number), { at: 1, level: "info", text: "x".repeat(900) });
  };
  write(1);
  for (let number = 2; number <= 60; number++) {
    write(number);
    store.save(makeRun(number, "succeeded"));
  }
  assert.ok(store.lines(idOf(2)).length < 200 && store.lines(idOf(2)).length > 5);
  assert.ok(store.logsWeight <= 8_000_000, `${store.logsWeight}`);
  assert.equal(store.lines(idOf(1)).length, 1_000);
  assert.equal(store.lines(idOf(60)).length, 1_000);
  assert.equal(store.logLength(idOf(2)), 1_000);
  assert.equal(store.lines(idOf(2)).at(-1)?.number, 999);
});

Deno.test("memory: the code of tasks is bounded together; what was kept last stays, also what is kept again", () => {
  const texts = new CodeTexts(100);
  fc.assert(fc.property(
    fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 130 })), { maxLength: 60 }),
    (steps) => {
      for (const [version, length] of steps) {
        texts.keep(`${version}`, "x".repeat(length));
        assert.equal(texts.get(`${version}`)?.length, length > 100 ? undefined : length);
        assert.ok(texts.characters <= 100);
      }
    },
  ));
  for (const version of ["a", "b", "c"]) texts.keep(version, version.repeat(40));
  assert.deepEqual(["a", "b", "c"].map((version) => texts.get(version)?.length), [undefined, 40, 40]);
  texts.keep("b", "b".repeat(40));
  texts.keep("d", "d".repeat(40));
  assert.deepEqual(["b", "c", "d"].map((version) => texts.get(version)?.length), [40, undefined, 40]);
  assert.equal(texts.characters, 80);
});

Deno.test("memory: a history without a file keeps so much code, however often task files change", async () => {
  const history = new MemoryHistory(3);
  for (let version = 0; version < 100; version++) {
    history.keepCode(`${version}`, "x".repeat(500_000), version);
  }
  assert.equal(await history.code("0"), undefined);
  assert.equal((await history.code("99"))?.length, 500_000);
  let kept = 0;
  for (let version = 0; version < 100; version++) {
    if (await history.code(`${version}`) !== undefined) kept++;
  }
  assert.equal(kept, 16);
});

Deno.test("memory: watermarks count, and that they end with the program is reported", async () => {
  const history = new MemoryHistory(3);
  await assert.rejects(history.keepWatermarks("task", { id: 5 }), { message: /there is no history file/ });
  assert.deepEqual(await history.watermarks("task"), { id: 5 });
});

Deno.test("memory: a task that is tried by hand goes on from the watermarks of the history file", async () => {
  using folder = quickFolder();
  const file = join(folder.path, "history.db");
  const written = openSqlite(file);
  written.keepWatermarks("task", { "": 5, day: "2026-03-10" });
  const history = new MemoryHistory(3, (taskId) => savedWatermarks(file, taskId));
  assert.deepEqual(await history.watermarks("task"), { "": 5, day: "2026-03-10" });
  await assert.rejects(history.keepWatermarks("task", { "": 6 }));
  assert.deepEqual(await history.watermarks("task"), { "": 6, day: "2026-03-10" });
  assert.deepEqual(await history.watermarks("other"), {});
  written.close();
  assert.deepEqual(savedWatermarks(join(folder.path, "none.db"), "task"), {});
});
