/** What the policies of a task do to its runs. Virtual time, no real task code. */
import { instantOf } from "../../app/base/time.ts";
import assert from "node:assert/strict";
import type { RunOrder } from "../../app/model/order.ts";
import { closedBecause } from "../../app/policy/closed.ts";
import { every } from "../../app/trigger/declare.ts";
import { settled, VirtualClock } from "../support/clock.ts";
import { assemble, type AssemblyOptions, type Definition, tasksOf } from "../support/dispatch.ts";

async function start(definitions: Readonly<Record<string, Definition>>, options: AssemblyOptions = {}) {
  return await assemble(await tasksOf(definitions), options);
}

/** Attempts that take so long, in seconds. */
function seconds(s: number): AssemblyOptions {
  return { behave: () => ({ ms: s * 1_000 }) };
}

Deno.test("overlap skip: an instant that falls into a run is skipped, and a row of them shares one record", async () => {
  const { clock, told } = await start({ a: { trigger: every("10s") } }, seconds(35));
  await clock.advance({ seconds: 50 });
  assert.deepEqual(await told("a"), [
    "10:00:10 succeeded",
    "10:00:20 skipped: the run of 2026-03-10 10:00:10 was still going (3 instants, the last at 2026-03-10 10:00:40)",
    "10:00:50 running",
  ]);
});

Deno.test("overlap queue: it waits and starts when the run before it has ended", async () => {
  const { clock, told } = await start({ a: { trigger: every("10s"), overlap: "queue" } }, seconds(15));
  await clock.advance({ seconds: 42 });
  assert.deepEqual(await told("a"), [
    "10:00:10 succeeded",
    "10:00:20 succeeded",
    "10:00:30 running",
    "10:00:40 queued",
  ]);
});

Deno.test("overlap queue: the queue has an end", async () => {
  const { clock, history } = await start({ a: { trigger: every("1s"), overlap: "queue" } }, {
    behave: () => ({}),
  });
  await clock.advance({ seconds: 110 });
  const runs = (await history.recent("a")).toReversed();
  assert.equal(runs.filter(({ status }) => status === "queued").length, 100);
  assert.equal(runs.at(-1)?.status, "skipped");
  assert.match(runs.at(-1)?.message ?? "", /^100 runs of it were waiting already \(9 instants/);
});

Deno.test("overlap allow: runs go on side by side, up to the task's own limit", async () => {
  const definition = { trigger: every("10s"), overlap: "allow" } as const;
  const free = await start({ a: definition }, seconds(35));
  await free.clock.advance({ seconds: 40 });
  assert.equal(free.executors.most(), 4);
  const limited = await start({ a: { ...definition, concurrency: 2 } }, seconds(35));
  await limited.clock.advance({ seconds: 40 });
  assert.equal(limited.executors.most(), 2);
  assert.match(
    (await limited.told("a")).at(-1) ?? "",
    /skipped: 2 runs were still going, the oldest that of 2026-03-10 10:00:10/,
  );
});

Deno.test("overlap replace: the run that goes on makes room for the next one", async () => {
  const { clock, told } = await start({ a: { trigger: every("10s"), overlap: "replace" } }, seconds(15));
  await clock.advance({ seconds: 40 });
  assert.deepEqual(await told("a"), [
    "10:00:10 cancelled: replaced by the run of 2026-03-10 10:00:20",
    "10:00:20 cancelled: replaced by the run of 2026-03-10 10:00:30",
    "10:00:30 cancelled: replaced by the run of 2026-03-10 10:00:40",
    "10:00:40 running",
  ]);
});

Deno.test("overlap replace: a run that heeds nothing is ended by force, and only then the next one begins", async () => {
  const { clock, told, executors } = await start({ a: { trigger: every("10s"), overlap: "replace" } }, {
    behave: () => ({ heeds: false }),
  });
  await clock.advance({ seconds: 20 });
  assert.equal((await told("a")).at(-1), "10:00:20 queued");
  await clock.advance({ seconds: 5 });
  assert.equal((await told("a")).at(-1), "10:00:20 running");
  assert.equal(executors.most(), 1);
});

Deno.test("a run that a person asks for waits where the trigger's would be skipped", async () => {
  const { clock, dispatcher, task, told } = await start({ a: { trigger: every("10s") } }, seconds(5));
  await clock.advance({ seconds: 12 });
  dispatcher.startAsked(task("a"), { cause: "manual", params: {} });
  assert.deepEqual((await told("a")).at(-1), "10:00:12 queued");
  await clock.advance({ seconds: 4 });
  assert.deepEqual((await told("a")).at(-1), "10:00:12 running");
});

Deno.test("retry: attempts follow each other with growing waits, in one run", async () => {
  const { clock, history, told, executors } = await start({
    a: {
      trigger: every("1h"),
      retry: { attempts: 4, delay: "10s", backoff: 2, maxDelay: "30s" },
    },
  }, {
    behave: (_id, { attempt }: RunOrder) => ({
      ms: 1_000,
      answer: attempt < 4
        ? { kind: "failed", error: { name: "Error", message: `no luck ${attempt}` } }
        : { kind: "succeeded", message: "at last" },
    }),
  });
  await clock.advance({ hours: 1 });
  // 1 s + 10 s + 1 s + 20 s + 1 s + 30 s (not 40) + 1 s
  await clock.advance({ seconds: 63 });
  assert.deepEqual(await told("a"), ["11:00:00 running"]);
  await clock.advance({ seconds: 1 });
  assert.deepEqual(await told("a"), ["11:00:00 succeeded: at last"]);
  assert.deepEqual(executors.begun, ["a#1", "a#2", "a#3", "a#4"]);
  const [run] = await history.recent("a");
  assert.equal(run?.attempt, 4);
  assert.deepEqual((await history.lines(run?.id ?? "")).map(({ text }) => text), [
    "attempt 1 failed: no luck 1; attempt 2 of 4 in 10 s",
    "attempt 2 failed: no luck 2; attempt 3 of 4 in 20 s",
    "attempt 3 failed: no luck 3; attempt 4 of 4 in 30 s",
  ]);
});

Deno.test("retry: only the errors that are named, and a time limit by its name", async () => {
  const fails = (name: string) => ({
    ms: 1,
    answer: { kind: "failed", error: { name, message: "x" } },
  } as const);
  const { clock, executors } = await start({
    a: { trigger: every("1h"), retry: { attempts: 2, only: "NetworkError" } },
    b: { trigger: every("1h"), retry: { attempts: 2, only: ["NetworkError"] } },
    c: { trigger: every("1h"), retry: { attempts: 2, only: "TimeoutError" }, timeout: "1m" },
    d: { trigger: every("1h"), retry: { attempts: 2, only: "NetworkError" }, timeout: "1m" },
  }, {
    behave: (id) => id === "a" ? fails("NetworkError") : id === "b" ? fails("TypeError") : {},
  });
  await clock.advance({ minutes: 65 });
  assert.deepEqual(executors.begun.toSorted(), ["a#1", "a#2", "b#1", "c#1", "c#2", "d#1"]);
});

Deno.test("retry: a worker is free for others between two attempts", async () => {
  const { clock, executors } = await start({
    a: { trigger: every("1h"), retry: { attempts: 2, delay: "1m" } },
    b: { trigger: every("1h") },
  }, {
    workers: 1,
    behave: (id) => ({
      ms: 1_000,
      answer: id === "a" ? { kind: "failed", error: { name: "Error", message: "x" } } : { kind: "succeeded" },
    }),
  });
  await clock.advance({ hours: 1, minutes: 2 });
  assert.deepEqual(executors.begun, ["a#1", "b#1", "a#2"]);
});

Deno.test("retry: a run that is cancelled between two attempts is over", async () => {
  const { clock, history, runner, told, executors } = await start({
    a: { trigger: every("1h"), retry: { attempts: 3, delay: "1m" } },
  }, { behave: () => ({ ms: 0, answer: { kind: "failed", error: { name: "Error", message: "x" } } }) });
  await clock.advance({ hours: 1 });
  assert.equal(runner.cancel((await history.recent("a"))[0]?.id ?? ""), true);
  await clock.advance({ minutes: 5 });
  assert.deepEqual(await told("a"), ["11:00:00 cancelled: cancelled"]);
  assert.deepEqual(executors.begun, ["a#1"]);
});

Deno.test("a queued run can be cancelled, and one that is over cannot", async () => {
  const { clock, dispatcher, runner, task, told } = await start({ a: {} }, seconds(10));
  const first = dispatcher.startAsked(task("a"), { cause: "manual", params: {} });
  const second = dispatcher.startAsked(task("a"), { cause: "manual", params: {} });
  assert.equal(runner.cancel(second.id, "bo"), true);
  assert.deepEqual((await told("a")).map((line) => line.slice(9)), ["running", "cancelled: cancelled by bo"]);
  await clock.advance({ seconds: 10 });
  assert.equal(runner.cancel(first.id), false);
  assert.equal(runner.cancel("nobody"), false);
});

Deno.test("priority: where workers are short, the greater goes first, and equals in their order", async () => {
  const { clock, dispatcher, executors, task, runner } = await start({
    busy: {},
    low: { priority: -1 },
    first: {},
    second: {},
    high: { priority: 5 },
  }, { ...seconds(1), workers: 1 });
  for (const id of ["busy", "low", "first", "second", "high"]) {
    dispatcher.startAsked(task(id), { cause: "manual", params: {} });
  }
  const [waiting] = runner.live("low");
  assert.deepEqual(runner.waitReason(waiting?.id ?? ""), { kind: "workers" });
  await clock.advance({ seconds: 10 });
  assert.deepEqual(executors.begun, ["busy#1", "high#1", "first#1", "second#1", "low#1"]);
});

Deno.test("locks: two that share one never run at the same time, others do", async () => {
  const { clock, dispatcher, executors, task, runner } = await start({
    a: { locks: ["x", "y"] },
    b: { locks: "y" },
    c: { locks: ["z"] },
  }, seconds(10));
  for (const id of ["a", "b", "c"]) dispatcher.startAsked(task(id), { cause: "manual", params: {} });
  await settled();
  assert.deepEqual(executors.going, ["a", "c"]);
  const [waiting] = runner.live("b");
  assert.deepEqual(runner.waitReason(waiting?.id ?? ""), { kind: "lock", lock: "y", holder: "a" });
  await clock.advance({ seconds: 10 });
  assert.deepEqual(executors.going, ["b"]);
});

Deno.test("locks: who waits for two is not passed by those who want one of them", async () => {
  const { clock, dispatcher, executors, task } = await start({
    x: { locks: "x" },
    both: { locks: ["x", "y"] },
    y: { locks: "y", overlap: "allow" },
  }, seconds(10));
  for (const id of ["x", "both", "y"]) dispatcher.startAsked(task(id), { cause: "manual", params: {} });
  await settled();
  assert.deepEqual(executors.going, ["x"]);
  await clock.advance({ seconds: 10 });
  assert.deepEqual(executors.going, ["both"]);
  await clock.advance({ seconds: 10 });
  assert.deepEqual(executors.going, ["y"]);
});

Deno.test("after: a task runs when another one succeeded, failed or ended", async () => {
  const { clock, executors, history } = await start({
    good: { trigger: every("1h") },
    bad: { trigger: every("1h") },
    a: { after: "good" },
    b: { after: { task: "bad" } },
    c: { after: { task: "bad", on: "failure" } },
    d: { after: ["a", { task: "bad", on: "end" }] },
  }, {
    behave: (id) => ({
      ms: id === "d" ? 10 : 1_000,
      answer: id === "bad"
        ? { kind: "failed", error: { name: "Error", message: "x" } }
        : { kind: "succeeded" },
    }),
  });
  await clock.advance({ hours: 1, minutes: 1 });
  assert.deepEqual(executors.begun.toSorted(), ["a#1", "bad#1", "c#1", "d#1", "d#1", "good#1"]);
  const [run] = await history.recent("a");
  assert.equal(run?.cause, "after");
  assert.equal(run?.by, "good");
});

Deno.test("blackout: nothing is started in a window, also over midnight, and a record says so", async () => {
  const { clock, told } = await start({
    a: { trigger: every("1h"), blackout: { from: "22:30", to: "02:00" } },
  });
  await clock.advance({ hours: 16 });
  assert.deepEqual((await told("a")).slice(-4), [
    "21:00:00 succeeded",
    "22:00:00 succeeded",
    "23:00:00 skipped: in the blackout 22:30–02:00 (3 instants, the last at 2026-03-11 01:00:00)",
    "02:00:00 succeeded",
  ]);
});

const WINDOWS: [string, Definition["blackout"], string, boolean][] = [
  ["before it", { from: "22:00", to: "06:00" }, "2026-03-10T21:59:59", false],
  ["at its beginning", { from: "22:00", to: "06:00" }, "2026-03-10T22:00:00", true],
  ["after midnight", { from: "22:00", to: "06:00" }, "2026-03-11T05:59:59", true],
  ["at its end", { from: "22:00", to: "06:00" }, "2026-03-11T06:00:00", false],
  [
    "on the night that began on a Friday",
    { from: "22:00", to: "06:00", weekdays: "fri" },
    "2026-03-14T03:00:00",
    true,
  ],
  [
    "on the night that began on a Saturday",
    { from: "22:00", to: "06:00", weekdays: "fri" },
    "2026-03-15T03:00:00",
    false,
  ],
  ["a whole day", { from: "00:00", to: "24:00", weekdays: "sat,sun" }, "2026-03-14T23:59:59", true],
  ["once, inside", { from: "2026-12-24T18:00", to: "2027-01-02" }, "2026-12-31T00:00:00", true],
  ["once, after", { from: "2026-12-24T18:00", to: "2027-01-02" }, "2027-01-02T00:00:00", false],
];

for (const [what, blackout, local, closed] of WINDOWS) {
  Deno.test(`blackout: ${what} is ${closed ? "closed" : "open"}`, async () => {
    const tasks = await tasksOf({ a: { ...(blackout ? { blackout } : {}) } });
    const windows = tasks.get("a")?.description.policies.blackout ?? [];
    const at = Temporal.PlainDateTime.from(local).toZonedDateTime("Asia/Shanghai").epochMilliseconds;
    assert.equal(closedBecause(at, "Asia/Shanghai", windows, undefined) !== undefined, closed);
  });
}

Deno.test("calendar: working days only, with days off and days that are worked after all", async () => {
  const clock = new VirtualClock("2026-09-30T16:00:00Z");
  const { history } = await start({
    a: {
      trigger: every("1 day"),
      calendar: { holidays: ["2026-10-01/2026-10-07"], workingDays: ["2026-10-10"] },
    },
  }, { clock, timezone: "Asia/Shanghai" });
  await clock.advance({ days: 14 });
  const ran = (await history.recent("a")).toReversed().filter(({ status }) => status === "succeeded")
    .map(({ scheduledAt }) =>
      instantOf(scheduledAt ?? 0).toZonedDateTimeISO("Asia/Shanghai").toPlainDate().toString()
    );
  // 1–7 October off, the 10th a Saturday that is worked, the 11th a Sunday.
  assert.deepEqual(ran, [
    "2026-10-08",
    "2026-10-09",
    "2026-10-10",
    "2026-10-12",
    "2026-10-13",
    "2026-10-14",
    "2026-10-15",
  ]);
});

Deno.test("what was missed says whether Carillon was stopped or did not notice", async () => {
  const first = await start({ a: { trigger: every("10m") } });
  await first.clock.advance({ minutes: 15 });
  first.history.saveAlive(first.clock.now());
  await first.scheduler.stop();
  await first.clock.advance({ minutes: 40 });
  const second = await assemble(first.tasks, { clock: first.clock, history: first.history });
  await second.clock.advance({ seconds: 1 });
  assert.equal(
    (await second.told("a")).at(-1),
    "10:20:00 missed: due from 2026-03-10 10:20:00 to 2026-03-10 10:50:00 (4 instants); Carillon was stopped from 2026-03-10 10:15:00 to 2026-03-10 10:55:00",
  );
  await second.clock.jump({ minutes: 10 });
  assert.equal(
    (await second.told("a")).at(-1),
    "11:00:00 missed: due at 2026-03-10 11:00:00, noticed at 2026-03-10 11:05:01: the machine slept, was overloaded, or its clock was set",
  );
});

Deno.test("what is caught up is never skipped for another run of it", async () => {
  const { clock, told } = await start({
    a: { trigger: every("1h"), misfire: { catchUp: "all" } },
  }, seconds(60));
  await clock.jump({ hours: 3, minutes: 30 });
  await clock.advance({ minutes: 5 });
  assert.deepEqual(await told("a"), ["11:00:00 succeeded", "12:00:00 succeeded", "13:00:00 succeeded"]);
});
