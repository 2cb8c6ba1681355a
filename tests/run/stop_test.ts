/** What a graceful stop does with what is due, queued, planned and about to follow: each has its record, nothing begins. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { startCarillon, startRun, type TestCarillon } from "../support/carillon.ts";
import { settled } from "../support/clock.ts";
import {
  assemble,
  type Assembly,
  type AssemblyOptions,
  type Definition,
  tasksOf,
} from "../support/dispatch.ts";

async function start(definitions: Readonly<Record<string, Definition>>, options: AssemblyOptions = {}) {
  return await assemble(await tasksOf(definitions), options);
}

/** Stops as the program does, in the order of its parts. */
async function stop({ events, clock, scheduler, runner, dispatcher, backfills }: Assembly): Promise<void> {
  events.emit("system.stopping", { at: clock.now() });
  await scheduler.stop();
  const stopped = runner.stop();
  await clock.advance({ seconds: 40 });
  await stopped;
  await dispatcher.stop();
  await backfills.stop();
}

function ask({ dispatcher, task }: Assembly, ...ids: readonly string[]): void {
  for (const id of ids) dispatcher.startAsked(task(id), { cause: "manual", params: {} });
}

/** A task whose run goes on until there is the file that it is given. */
const WAITS = (policies: string, rest: string) =>
  `import { defineTask, every, schedule, z } from "carillon";
export default defineTask({ ${policies} params: z.object({ until: z.string() }), async run({ params }) {
  for (;;) {
    try {
      await Deno.stat(params.until);
      break;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  ${rest}
} });\n`;

/** Stops a Carillon while a run of `a` goes on, lets the run end, and starts the next Carillon. */
async function stopDuring(test: TestCarillon): Promise<{ readonly id: string; readonly next: TestCarillon }> {
  const until = join(test.folder.path, "until");
  const { id } = await startRun(test, "a", { until });
  for await (const run of test.carillon.queries.runs.follow(id)) if (run.startedAt !== undefined) break;
  const next = test.restart({ seconds: 1 });
  Deno.writeTextFileSync(until, "");
  return { id, next: await next };
}

Deno.test("what a run plans and what follows it while Carillon stops is written down", async () => {
  const before = await startCarillon({
    "tasks/a.ts": WAITS("", `schedule("later", "2030-01-01T00:00:00Z", { order: 1 });`),
    "tasks/b.ts": `import { defineTask } from "carillon";
export default defineTask({ after: "a", interrupted: "again", run: ({ cause }) => "followed " + cause?.task });`,
    "tasks/later.ts": `import { defineTask } from "carillon"; export default defineTask({ run() {} });`,
  });
  const { id, next } = await stopDuring(before);
  await using test = next;
  const { runs, tasks } = test.carillon.queries;
  assert.equal((await runs.recent("a"))[0]?.status, "succeeded");
  assert.deepEqual(tasks.planned("later").map(({ params, askedBy }) => [params, askedBy]), [[
    { order: 1 },
    id,
  ]]);
  const [again, cutOff] = await runs.recent("b");
  assert.deepEqual([cutOff?.status, cutOff?.message, cutOff?.startedAt], [
    "interrupted",
    "Carillon was stopped",
    undefined,
  ]);
  assert.deepEqual([again?.cause, again?.by], ["again", cutOff?.id]);
  assert.equal((await test.ended(again?.id ?? "")).message, "followed a");
});

Deno.test("a follower of a run that ends while Carillon stops has a record, one of several too, and does not begin", async () => {
  const test = await start({
    a: {},
    b: { after: "a" },
    c: { after: { all: ["a"] } },
    d: { after: { task: "b", on: "end" } },
    e: { after: { task: "a", on: "failure" } },
    f: { after: "a", overlap: "replace" },
  }, { behave: () => ({ ms: 5_000 }) });
  ask(test, "a", "f");
  await settled();
  await stop(test);
  assert.deepEqual(await test.told("a"), ["10:00:00 succeeded"]);
  for (const id of ["b", "c", "d"]) {
    assert.deepEqual(await test.told(id), ["10:00:05 interrupted: Carillon was stopped"], id);
  }
  assert.deepEqual(await test.told("e"), []);
  // What would take the place of another run does not end it.
  assert.deepEqual(await test.told("f"), [
    "10:00:00 succeeded",
    "10:00:05 interrupted: Carillon was stopped",
  ]);
  assert.deepEqual(test.executors.begun, ["a#1", "f#1"]);
});

Deno.test("a stop begins nothing that waits: not behind a run, not behind a lock, no further attempt", async () => {
  const test = await start({
    a: { retry: { attempts: 2, delay: "1m" } },
    b: { locks: ["l"] },
    c: { locks: ["l"] },
  }, {
    behave: (id) => ({
      ms: 1_000,
      answer: id === "a"
        ? { kind: "failed", error: { name: "Error", message: "no" } }
        : { kind: "succeeded" },
    }),
  });
  ask(test, "a", "a");
  await test.clock.advance({ seconds: 2 });
  ask(test, "b", "c");
  await settled();
  await stop(test);
  assert.deepEqual(await test.told("a"), [
    "10:00:00 interrupted: Carillon was stopped",
    "10:00:00 interrupted: Carillon was stopped",
  ]);
  assert.deepEqual(await test.told("b"), ["10:00:02 succeeded"]);
  assert.deepEqual(await test.told("c"), ["10:00:02 interrupted: Carillon was stopped"]);
  assert.deepEqual(test.executors.begun, ["a#1", "b#1"]);
});

Deno.test("between the first word of a stop and the stop of the runs nothing begins either", async () => {
  const test = await start({ a: { retry: { attempts: 2, delay: "1s" } }, b: {} }, {
    behave: (id) => ({
      ms: 1_000,
      answer: id === "a"
        ? { kind: "failed", error: { name: "Error", message: "no" } }
        : { kind: "succeeded" },
    }),
  });
  ask(test, "a", "b", "b");
  await test.clock.advance({ milliseconds: 500 });
  test.events.emit("system.stopping", { at: test.clock.now() });
  await test.clock.advance({ seconds: 10 });
  assert.deepEqual(test.executors.begun, ["a#1", "b#1"]);
  await stop(test);
  assert.deepEqual(await test.told("a"), ["10:00:00 failed: no"]);
  assert.deepEqual(await test.told("b"), [
    "10:00:00 succeeded",
    "10:00:00 interrupted: Carillon was stopped",
  ]);
});

Deno.test("a backfill whose last run ends while Carillon stops is over, and that is said", async () => {
  const test = await start({ a: {} }, { behave: () => ({ ms: 5_000 }) });
  const said: string[] = [];
  test.events.on("backfill.ended", ({ progress }) => said.push(progress.state));
  test.backfills.begin({
    id: "bf-1-0000",
    taskId: "a",
    from: 0,
    to: 1_000,
    instants: [0],
    atOnce: 1,
    params: {},
    askedAt: test.clock.now(),
  });
  await settled();
  await stop(test);
  assert.deepEqual(said, ["done"]);
});

Deno.test("a task that fails once too often while Carillon stops is paused", async () => {
  const { next } = await stopDuring(
    await startCarillon({
      "tasks/a.ts": WAITS(`trigger: every("1d"), pauseAfter: 1,`, `throw new Error("no");`),
    }),
  );
  await using test = next;
  const { runs, tasks } = test.carillon.queries;
  assert.equal((await runs.recent("a"))[0]?.status, "failed");
  assert.equal(tasks.pausedCount, 1);
});
