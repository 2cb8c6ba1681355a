/** What task code may do to its own run, and not to anything else (I4). Real workers, virtual time. */
import assert from "node:assert/strict";
import type { Run } from "../../app/history/run.ts";
import { startCarillon, type TestCarillon } from "../support/carillon.ts";
import { settled } from "../support/clock.ts";

function task(body: string, rest = ""): string {
  return `import { defineTask, log, z } from "carillon";
export default defineTask({ ${rest} async run({ log: own, signal, progress, params }) { ${body} } });`;
}

function hog(pause: string): string {
  return `const all = []; for (;;) { all.push(new Array(1e5).fill(all.length)); ${pause}; }`;
}

async function start(test: TestCarillon, id: string): Promise<Run> {
  const found = test.carillon.registry.tasks.get(id);
  assert.ok(found, JSON.stringify(test.carillon.registry.broken));
  const answer = await test.carillon.request(found, [], { cause: "manual" });
  assert.ok(answer.ok);
  return answer.run;
}

/** Waits until the log of a run has a line that reads so. */
async function logged(test: TestCarillon, runId: string, text: string): Promise<void> {
  for await (const _ of test.carillon.runner.follow(runId)) {
    if (test.carillon.history.lines(runId).some((line) => line.text === text)) return;
  }
}

Deno.test("a run is recorded with its message, its log and its progress", async () => {
  await using test = await startCarillon({
    "tasks/a.ts": task(
      `own.info("one", { two: 2 }); log.warn("three"); console.error("four"); progress(0.5, "half"); return "  all \\n done ";`,
    ),
  });
  const run = await test.ended((await start(test, "a")).id);
  assert.equal(run.status, "succeeded");
  assert.equal(run.message, "all done");
  assert.deepEqual(run.progress, { fraction: 0.5, note: "half" });
  assert.deepEqual(
    test.carillon.history.lines(run.id).map(({ level, text }) => `${level} ${text}`),
    ["info one { two: 2 }", "warn three", "error four"],
  );
});

const HARMS: [string, string, RegExp][] = [
  ["throws", `throw new TypeError("no luck");`, /^no luck$/],
  ["throws what is no error", `throw "just words";`, /just words/],
  [
    "throws in a timer",
    `setTimeout(() => { throw new Error("late"); }, 1); await new Promise(() => {});`,
    /late/,
  ],
  [
    "leaves a promise rejected",
    `Promise.reject(new Error("nobody waits")); await new Promise(() => {});`,
    /nobody waits/,
  ],
  ["calls Deno.exit", `Deno.exit(3);`, /the task called exit\(3\)/],
  [
    "closes its worker",
    `self.close(); await new Promise(() => {});`,
    /self is not defined|ended before the task did/,
  ],
  ["exhausts its heap", hog("1"), /more than the 512 MB of memory/],
  [
    "exhausts its heap after a wait",
    `await new Promise((resolve) => setTimeout(resolve, 1)); await 1; ${hog("1")}`,
    /more than the 512 MB of memory/,
  ],
  [
    "exhausts its heap bit by bit",
    hog("await new Promise((resolve) => setTimeout(resolve, 0))"),
    /more than the 512 MB of memory/,
  ],
];

for (const [what, body, expected] of HARMS) {
  Deno.test(`a task that ${what} ends its own run and nothing else`, async () => {
    await using test = await startCarillon({
      "tasks/bad.ts": task(body),
      "tasks/good.ts": task(`return "fine";`),
    });
    const run = await test.ended((await start(test, "bad")).id);
    assert.equal(run.status, "failed");
    assert.match(run.error?.message ?? "", expected);
    assert.equal((await test.ended((await start(test, "good")).id)).message, "fine");
    assert.equal((await test.fetch("/")).status, 200);
  });
}

Deno.test("a run that outlives its time limit is ended and says so, even in an endless loop", async () => {
  await using test = await startCarillon({
    "tasks/loop.ts": task(`own.info("begun"); for (;;);`, `timeout: "10s",`),
    "tasks/good.ts": task(`return "fine";`),
  });
  const { id } = await start(test, "loop");
  await logged(test, id, "begun");
  await test.clock.advance({ seconds: 10 });
  assert.equal((await test.ended((await start(test, "good")).id)).message, "fine");
  await test.clock.advance({ seconds: 5 });
  const run = await test.ended(id);
  assert.equal(run.status, "timed_out");
  assert.equal(run.message, "ended after its time limit of 10 s");
});

Deno.test("a task that heeds its signal ends by itself and keeps its worker", async () => {
  await using test = await startCarillon({
    "tasks/polite.ts": task(
      `own.info("begun"); await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));`,
      `timeout: "10s",`,
    ),
  });
  const { id } = await start(test, "polite");
  await logged(test, id, "begun");
  await test.clock.advance({ seconds: 10 });
  assert.equal((await test.ended(id)).status, "timed_out");
  assert.equal(test.carillon.pool.size, 1);
});

Deno.test("while a run goes on, the next due instant is skipped and says why", async () => {
  await using test = await startCarillon({
    "tasks/slow.ts": `import { defineTask, every } from "carillon";
export default defineTask({ trigger: every("1m"), run: ({ log }) => { log.info("begun"); return new Promise(() => {}); } });`,
  }, { flags: { "scheduler-grace": "1s" } });
  await test.clock.advance({ minutes: 1 });
  const [first] = test.carillon.history.recent("slow");
  assert.ok(first);
  await logged(test, first.id, "begun");
  await test.clock.advance({ minutes: 1 });
  const [second] = test.carillon.history.recent("slow");
  assert.equal(second?.status, "skipped");
  assert.equal(second?.message, "the run of 2026-03-10 10:01:00 was still going");
  const stopping = test.carillon.stop();
  await test.clock.advance({ seconds: 2 });
  await stopping;
});

Deno.test("idle workers are ended, so that an idle Carillon has none", async () => {
  await using test = await startCarillon({ "tasks/a.ts": task(`return 1;`) });
  await test.ended((await start(test, "a")).id);
  await settled();
  assert.equal(test.carillon.pool.size, 1);
  await test.clock.advance({ minutes: 2 });
  assert.equal(test.carillon.pool.size, 0);
  assert.equal((await test.ended((await start(test, "a")).id)).status, "succeeded");
});

Deno.test("when Carillon stops, what outlives the grace time is interrupted and recorded", async () => {
  await using test = await startCarillon({
    "tasks/a.ts": task(`own.info("begun"); await new Promise(() => {});`),
  }, {
    flags: { "scheduler-grace": "5s" },
  });
  const { id } = await start(test, "a");
  await logged(test, id, "begun");
  const restarting = test.restart();
  await test.clock.advance({ seconds: 6 });
  await using again = await restarting;
  const run = again.carillon.history.get(id);
  assert.equal(run?.status, "interrupted");
  assert.equal(run?.message, "Carillon was stopped");
});

Deno.test("a restart keeps the history and tells what was missed", async () => {
  await using test = await startCarillon({
    "tasks/tick.ts": `import { defineTask, every } from "carillon";
export default defineTask({ trigger: every("10m"), run: () => "tick" });`,
  });
  await test.clock.advance({ minutes: 10 });
  const [run] = test.carillon.history.recent("tick");
  assert.ok(run);
  await test.ended(run.id);
  await using again = await test.restart({ minutes: 35 });
  await again.clock.advance({ seconds: 1 });
  const runs = again.carillon.history.recent("tick");
  assert.deepEqual(runs.map(({ status, instants }) => [status, instants]), [["missed", 3], ["succeeded", 1]]);
  assert.match(runs[0]?.message ?? "", /from 2026-03-10 10:20:00 to 2026-03-10 10:40:00 \(3 instants\)/);
});
