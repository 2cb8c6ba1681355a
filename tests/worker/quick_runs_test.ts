/** Runs that are over at once share few hosts; nothing waits for one of them that does not come back. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { QuickRuns } from "../../app/worker/quick_runs.ts";
import { startHosts } from "../support/hosts.ts";

const busy = (...begun: number[]) => begun.map((begunAt, i) => ({ begunAt, module: `m${i}` }));

Deno.test("as many quick runs go on as there are processors, and another one waits for the next free host", () => {
  const quick = new QuickRuns(2);
  for (const module of ["m0", "m1", "m2"]) quick.over(module, 1, false);
  assert.equal(quick.gets(busy(100), 101), true);
  assert.equal(quick.gets(busy(100, 100), 101), false);
  assert.equal(quick.gets(busy(100, 100, 100), 101), false);
});

Deno.test("a host that was never used is worth it for many that wait, or where no other is at quick runs", () => {
  const quick = new QuickRuns(2);
  for (const module of ["m0", "m1"]) quick.over(module, 1, false);
  assert.equal(quick.gets([], 101, 1), true);
  assert.equal(quick.gets(busy(100), 101, 8), false);
  assert.equal(quick.gets(busy(100), 101, 9), true);
});

Deno.test("a run that takes longer than it used to is not waited for", () => {
  const quick = new QuickRuns(2);
  for (const module of ["m0", "m1"]) quick.over(module, 1, false);
  assert.equal(quick.gets(busy(100, 100), 109), false);
  assert.equal(quick.gets(busy(100, 100), 110), true);
  assert.equal(quick.gets(busy(50, 100), 101), true);
});

Deno.test("a run that waited, or was long, is not quick until it is again", () => {
  const quick = new QuickRuns(1);
  assert.equal(quick.has("m0"), false);
  quick.over("m0", 9, false);
  assert.equal(quick.has("m0"), true);
  quick.over("m0", 9, true);
  assert.equal(quick.has("m0"), false);
  quick.over("m0", 11, false);
  assert.equal(quick.has("m0"), false);
  quick.over("m0", 0, false);
  assert.equal(quick.gets(busy(5), 6), false);
});

Deno.test("a task whose runs are quick may have one that is long, and not two in a row", () => {
  const quick = new QuickRuns(1);
  for (const ms of [1, 11, 1, 11]) quick.over("m0", ms, false);
  assert.equal(quick.has("m0"), true);
  quick.over("m0", 11, false);
  assert.equal(quick.has("m0"), false);
  for (let i = 0; i < 30_000; i++) quick.over(`m${i}`, 1, false);
  for (let n = 0; n < 2; n++) quick.over("m1", 11, false);
  assert.equal(quick.has("m1"), false, "also where as many are known as may be");
});

Deno.test("more modules than few hosts can hold get more of them", () => {
  const quick = new QuickRuns(2);
  for (let i = 0; i < 600; i++) quick.over(`m${i}`, 1, false);
  assert.equal(quick.gets(busy(1, 1), 2), true);
  assert.equal(quick.gets(busy(1, 1, 1), 2), false);
});

Deno.test("where runs that were quick do not come back, others have hosts all the same", async () => {
  const workers = navigator.hardwareConcurrency + 2;
  await using test = startHosts({
    "both.js": `import { defineTask } from "carillon";
export default defineTask({
  run: ({ log, params, signal }) => {
    if (!params.long) return;
    log.info("begun");
    return new Promise((resolve) => signal.addEventListener("abort", resolve));
  },
});`,
  }, { limits: { workers, memoryMb: 256 } });
  const begin = (long: boolean, onLine = () => {}) =>
    test.hosts.executor.begin({
      runId: crypto.randomUUID(),
      taskId: "both",
      module: `file://${join(test.folder.path, "both.js")}`,
      executor: "worker",
      cause: "manual",
      attempt: 1,
      scheduledAt: 0,
      params: { long },
      watermarks: {},
    }, onLine);
  for (let i = 0; i < 5; i++) assert.equal((await begin(false).answer).kind, "succeeded");
  const long = await Promise.all(
    Array.from({ length: workers }, () =>
      new Promise<ReturnType<typeof begin>>((resolve) => {
        const run: ReturnType<typeof begin> = begin(true, () => resolve(run));
      })),
  );
  for (const each of long) each.abort("the end of the test");
  for (const { answer } of long) assert.equal((await answer).kind, "succeeded");
  assert.equal((await begin(false).answer).kind, "succeeded");
});
