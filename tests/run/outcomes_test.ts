/** What follows from how runs ended: again after a cut, a pause after failures, a follower of several, a failure that stays. */
import assert from "node:assert/strict";
import { MemoryHistory } from "../../app/history/memory.ts";
import type { RunAnswer } from "../../app/model/order.ts";
import { every } from "../../app/trigger/declare.ts";
import { settled, VirtualClock } from "../support/clock.ts";
import { assemble, type AssemblyOptions, type Definition, tasksOf } from "../support/dispatch.ts";

const FAILED: RunAnswer = { kind: "failed", error: { name: "Error", message: "no luck" } };
const CUT: RunAnswer = { kind: "interrupted", message: "its host was lost" };

async function start(definitions: Readonly<Record<string, Definition>>, options: AssemblyOptions = {}) {
  return await assemble(await tasksOf(definitions), options);
}

Deno.test("interrupted again: a run whose host was lost starts once more, and no more than five times", async () => {
  const { clock, history, dispatcher, task } = await start({ a: { interrupted: "again" }, b: {} }, {
    behave: () => ({ ms: 10, answer: CUT }),
  });
  const first = dispatcher.startAsked(task("a"), { cause: "manual", params: { x: 1 } });
  dispatcher.startAsked(task("b"), { cause: "manual", params: {} });
  await clock.advance({ seconds: 10 });
  const runs = (await history.recent("a")).toReversed();
  assert.deepEqual(runs.map(({ cause, status }) => `${cause} ${status}`), [
    "manual interrupted",
    ...Array(5).fill("again interrupted"),
  ]);
  assert.equal(runs[1]?.by, first.id);
  assert.deepEqual(runs[5]?.params, { x: 1 });
  assert.equal((await history.recent("b")).length, 1);
});

Deno.test("interrupted again: what the end of the program cut off starts at the next start, once", async () => {
  const history = new MemoryHistory(100);
  const definitions = { a: { interrupted: "again" }, b: {} } as const;
  const clock = new VirtualClock("2026-03-10T10:00:00Z");
  const before = await start(definitions, { clock, history, behave: () => ({}) });
  for (const id of ["a", "b"]) before.dispatcher.startAsked(before.task(id), { cause: "manual", params: {} });
  await clock.advance({ minutes: 1 });
  await history.saveAlive(clock.now());
  await before.scheduler.stop();
  for (const id of ["a", "b"]) {
    const [run] = await history.recent(id);
    assert.ok(run);
    // As the history file does it when it is opened.
    history.save({ ...run, status: "interrupted", finishedAt: clock.now() });
  }
  for (let restart = 0; restart < 2; restart++) {
    const after = await start(definitions, { clock, history, behave: () => ({ ms: 1 }) });
    await clock.advance({ seconds: 5 });
    await after.scheduler.stop();
  }
  assert.deepEqual((await history.recent("a")).map(({ cause }) => cause), ["again", "manual"]);
  assert.deepEqual((await history.recent("b")).map(({ cause }) => cause), ["manual"]);
});

Deno.test("interrupted again: a run that never began is cut off as often as it may be, and begins in the end", async () => {
  const history = new MemoryHistory(100);
  const clock = new VirtualClock("2026-03-10T10:00:00Z");
  const definitions = { a: { interrupted: "again" } } as const;
  for (let restart = 0; restart < 8; restart++) {
    const going = await start(definitions, { clock, history, workers: 0 });
    if (restart === 0) going.dispatcher.startAsked(going.task("a"), { cause: "manual", params: {} });
    await clock.advance({ seconds: 5 });
    await history.saveAlive(clock.now());
    await going.scheduler.stop();
    const [run] = await history.recent("a");
    assert.ok(run && run.startedAt === undefined);
    history.save({ ...run, status: "interrupted", finishedAt: clock.now() });
  }
  const last = await start(definitions, { clock, history, behave: () => ({ ms: 1 }) });
  await clock.advance({ seconds: 5 });
  await last.scheduler.stop();
  const statuses = (await history.recent("a")).map(({ status }) => status);
  assert.deepEqual([statuses[0], statuses.length], ["succeeded", 9]);
});

Deno.test("pauseAfter: so many failures in a row pause the trigger, a success in between does not count", async () => {
  let runs = 0;
  const { clock, history, scheduler, lines } = await start({ a: { trigger: every("1m"), pauseAfter: 3 } }, {
    behave: () => ({ ms: 1, answer: ++runs === 3 ? { kind: "succeeded" } : FAILED }),
  });
  await clock.advance({ minutes: 20 });
  assert.equal(scheduler.isPaused("a"), true);
  assert.deepEqual((await history.recent("a")).map(({ status }) => status), [
    "failed",
    "failed",
    "failed",
    "succeeded",
    "failed",
    "failed",
  ]);
  assert.match(lines.join("\n"), /task a: its trigger was paused after 3 failed runs in a row/);
});

Deno.test("pauseAfter: whoever lets it go on gives it as many failures again, over a restart too", async () => {
  const history = new MemoryHistory(100);
  const clock = new VirtualClock("2026-03-10T10:00:00Z");
  const definitions = { a: { trigger: every("1m"), pauseAfter: 3 } } as const;
  const options = { clock, history, behave: () => ({ ms: 1, answer: FAILED }) };
  const failed = async () => (await history.recent("a")).filter(({ status }) => status === "failed").length;
  const before = await start(definitions, options);
  await clock.advance({ minutes: 10 });
  assert.deepEqual([await failed(), before.scheduler.isPaused("a")], [3, true]);
  await before.scheduler.setPaused("a", false);
  before.events.emit("task.resumed", { taskId: "a", actor: { channel: "page" } });
  await clock.advance({ minutes: 2, seconds: 1 });
  assert.deepEqual([await failed(), before.scheduler.isPaused("a")], [5, false]);
  await before.scheduler.stop();
  await history.saveAlive(clock.now());
  const after = await start(definitions, options);
  await clock.advance({ minutes: 10 });
  assert.deepEqual([await failed(), after.scheduler.isPaused("a")], [6, true]);
  // A pause that ends by itself lets it go on too.
  const until = clock.now() + 60_000;
  await after.scheduler.setPaused("a", true, { until });
  await clock.advance({ minutes: 30 });
  assert.deepEqual([await failed(), after.scheduler.isPaused("a")], [9, true]);
  await after.scheduler.stop();
});

Deno.test("pauseAfter: a task without a trigger is not said to be paused", async () => {
  const { clock, events, dispatcher, task } = await start({ a: { pauseAfter: 1 } }, {
    behave: () => ({ ms: 1, answer: FAILED }),
  });
  const said: string[] = [];
  events.on("task.paused", ({ taskId }) => said.push(taskId));
  dispatcher.startAsked(task("a"), { cause: "manual", params: {} });
  await clock.advance({ seconds: 1 });
  assert.deepEqual(said, []);
});

Deno.test("after all: the follower starts when each has succeeded since its last start", async () => {
  const bad = new Set(["b"]);
  const { clock, history, dispatcher, task } = await start({
    a: {},
    b: {},
    sum: { after: { all: ["a", "b"] } },
  }, { behave: (id) => ({ ms: 1_000, answer: bad.has(id) ? FAILED : { kind: "succeeded" } }) });
  const run = async (...ids: string[]) => {
    for (const id of ids) dispatcher.startAsked(task(id), { cause: "manual", params: {} });
    await clock.advance({ seconds: 10 });
    await settled();
    return (await history.recent("sum")).length;
  };
  assert.equal(await run("a"), 0);
  assert.equal(await run("b"), 0);
  bad.clear();
  assert.equal(await run("b"), 1);
  assert.equal(await run("b"), 1);
  assert.equal(await run("a", "b"), 2, "both at once start it once");
});

Deno.test("replace: a run that waits for its next attempt ends as it failed, not as cancelled", async () => {
  const { clock, told, history } = await start({
    a: { trigger: every("1m"), overlap: "replace", retry: { attempts: 3, delay: "50s" } },
  }, { behave: () => ({ ms: 30_000, answer: FAILED }) });
  await clock.advance({ minutes: 2, seconds: 1 });
  assert.deepEqual(await told("a"), ["10:01:00 failed: no luck", "10:02:00 running"]);
  const [, first] = await history.recent("a");
  const lines = (await history.lines(first?.id ?? "")).map(({ text }) => text);
  assert.match(lines.at(-1) ?? "", /^no further attempt: replaced by the run of 2026-03-10 10:02:00$/);
});

Deno.test("an instant that waits for its jitter is recorded when its task is paused, removed or changed", async () => {
  for (const how of ["paused", "removed", "changed"] as const) {
    const { clock, history, scheduler, triggers, task } = await start({
      a: { trigger: every("1h"), jitter: "30m" },
      b: { trigger: every("2h") },
    });
    await clock.advance({ hours: 1, seconds: 1 });
    assert.deepEqual(await history.recent("a"), [], "the jitter of this instant is longer than a second");
    if (how === "paused") await scheduler.setPaused("a", true);
    else if (how === "removed") await scheduler.remove("a");
    else {
      const other = triggers.of("b");
      assert.ok(other);
      await scheduler.set("a", other, task("a").description.policies);
    }
    await clock.advance({ minutes: 40 });
    const records = (await history.recent("a")).map(({ status, message }) => message ?? status);
    assert.deepEqual(records, [
      { paused: "its trigger was paused before its jitter was over" }[how as "paused"] ??
        { removed: "its file was removed before its jitter was over" }[how as "removed"] ?? "succeeded",
    ], how);
    await scheduler.stop();
  }
});
