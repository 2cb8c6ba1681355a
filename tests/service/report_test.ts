/** The promise report: its sums are the trigger's own instants, whatever span is asked for. */
import assert from "node:assert/strict";
import { instantOf } from "../../app/base/time.ts";
import { MemoryHistory } from "../../app/history/memory.ts";
import { isTerminal, type Run } from "../../app/model/run.ts";
import { ReportQueries } from "../../app/service/queries/report.ts";
import { cron, every } from "../../app/trigger/declare.ts";
import { startCarillon, startRun } from "../support/carillon.ts";
import { VirtualClock } from "../support/clock.ts";
import { assemble, type Assembly, tasksOf } from "../support/dispatch.ts";
import { randomFrom } from "../support/random.ts";

const START = "2026-01-01T00:00:00Z";

function reportsOf({ clock, tasks, triggers, scheduler, history }: Assembly): ReportQueries {
  return new ReportQueries({ clock, tasks: () => tasks.values(), triggers, scheduler, runs: history });
}

Deno.test("sums equal the trigger's own instants, for any span of a time with stops, stalls and every policy", async () => {
  const random = randomFrom(20_260_311);
  const tasks = await tasksOf({
    rhythm: { trigger: every("7m"), jitter: "5m", misfire: { grace: "1m", catchUp: "latest" } },
    skips: { trigger: every("10m"), blackout: { from: "22:00", to: "05:00" } },
    days: { trigger: cron({ hour: "*/2", minute: 30 }), calendar: {}, misfire: { catchUp: "all", limit: 3 } },
    waits: { trigger: cron({ minute: "*/20" }), overlap: "queue" },
  });
  const history = new MemoryHistory(Infinity);
  let at = START;
  let going: Assembly | undefined;
  const from = Date.parse(START);
  for (let life = 0; life < 12; life++) {
    going = await assemble(tasks, {
      clock: new VirtualClock(at),
      history,
      behave: () => ({ ms: Math.floor(random() ** 4 * 5 * 3_600_000) }),
    });
    await going.clock.advance({ hours: 1 + Math.floor(random() * 70) });
    if (random() < 0.5) await going.clock.jump({ minutes: Math.floor(random() * 400) });
    await going.clock.advance({ minutes: 30 });
    await history.saveAlive(going.clock.now());
    if (life === 11) break;
    await going.scheduler.stop();
    at = instantOf(going.clock.now()).add({ minutes: Math.floor(random() ** 3 * 3_000) }).toString();
    for (const run of await history.find({ limit: 1e9 })) {
      if (!isTerminal(run.status)) {
        history.save({ ...run, status: "interrupted", finishedAt: Date.parse(at) });
      }
    }
  }
  assert.ok(going);
  const reports = reportsOf(going);
  const end = going.clock.now();
  const all = await history.find({ limit: 1e9 });
  let looked = 0;
  for (let span = 0; span < 60; span++) {
    const ends = [random(), random()].map((part) => Math.floor(from + part * (end - from))).sort((a, b) =>
      a - b
    );
    const [first = 0, last = 0] = span === 0 ? [from, end] : ends;
    const texts = { from: instantOf(first).toString(), to: instantOf(last).toString() };
    for (const report of (await reports.report(texts)).tasks) {
      const trigger = going.triggers.of(report.taskId);
      assert.ok(trigger);
      // What falls on the moment at which the tasks were first seen is not due.
      const expected = count(
        trigger,
        Math.max(first, from + 1),
        Math.min(last, (going.scheduler.next(report.taskId) ?? Infinity) - 1),
      );
      const label: string = `${report.taskId} ${texts.from} ${texts.to}`;
      assert.equal(report.due, expected, label);
      assert.equal(report.ran + report.skipped + report.missed, report.due, label);
      assert.equal(report.unrecorded, 0, label);
      const ran = all.filter((run) => run.taskId === report.taskId && isRun(run) && isIn(run, first, last));
      assert.equal(report.ran, ran.length, label);
      for (const counts of [report.runs, report.skippedWhy, report.missedWhy]) {
        assert.ok(!("other" in counts), label);
      }
      looked += report.due;
    }
  }
  assert.ok(looked > 50_000, `only ${looked} instants`);
  const whole = (await reports.report({ from: START, to: instantOf(end).toString() })).tasks;
  const kinds = new Set(
    whole.flatMap(({ skippedWhy, missedWhy }) => [...Object.keys(skippedWhy), ...Object.keys(missedWhy)]),
  );
  assert.deepEqual([...kinds].sort(), [
    "asleep",
    "blackout",
    "day_off",
    "queue_full",
    "still_running",
    "stopped",
  ]);
  await going.scheduler.stop();
});

function isRun({ status, cause }: Run): boolean {
  return status !== "skipped" && status !== "missed" && (cause === "schedule" || cause === "catch_up");
}

function isIn({ scheduledAt = 0 }: Run, first: number, last: number): boolean {
  return scheduledAt >= first && scheduledAt <= last;
}

function count(trigger: { nextMs(after: number): number | null }, first: number, last: number): number {
  let n = 0;
  for (let at = trigger.nextMs(first - 1); at !== null && at <= last; at = trigger.nextMs(at)) n++;
  return n;
}

Deno.test("runs by hand, again and by a backfill are no due instants; what was caught up or began late is late", async () => {
  const tasks = await tasksOf({
    a: { trigger: cron({ minute: 0 }), misfire: { catchUp: "latest" }, overlap: "queue" },
  });
  let ms = 0;
  const going = await assemble(tasks, { behave: () => ({ ms }) });
  going.runner.run(going.task("a"), { cause: "manual", params: {} });
  going.runner.run(going.task("a"), {
    cause: "backfill",
    scheduledAt: going.clock.now() - 3_600_000,
    params: {},
  });
  going.runner.run(going.task("a"), { cause: "again", scheduledAt: going.clock.now(), params: {} });
  await going.clock.advance({ hours: 1 });
  // The run of 12:00 goes on for two hours; that of 13:00 begins an hour late.
  ms = 2 * 3_600_000;
  await going.clock.advance({ hours: 1 });
  ms = 0;
  await going.clock.advance({ hours: 3 });
  await going.clock.jump({ hours: 2, minutes: 30 });
  const [report] = (await reportsOf(going).report({ from: "2026-03-10 09:00" })).tasks;
  assert.deepEqual(
    [report?.due, report?.ran, report?.late, report?.missed, report?.missedWhy],
    [7, 6, 2, 1, { asleep: 1 }],
  );
  await going.scheduler.stop();
});

Deno.test("what has no record is said: a pause, and what the trigger was not yet", async () => {
  const going = await assemble(await tasksOf({ a: { trigger: cron({ minute: 0 }) } }));
  await going.clock.advance({ hours: 2 });
  await going.scheduler.setPaused("a", true);
  await going.clock.advance({ hours: 3 });
  await going.scheduler.setPaused("a", false);
  await going.clock.advance({ hours: 1 });
  const [report] = (await reportsOf(going).report({})).tasks;
  assert.deepEqual([report?.due, report?.ran, report?.unrecorded], [3, 3, 3]);
  await going.scheduler.stop();
});

Deno.test("the API answers for a span and a task, and refuses what cannot be", async () => {
  await using test = await startCarillon({
    "tasks/a.ts":
      `import { cron, defineTask } from "carillon"; export default defineTask({ trigger: cron({ minute: 0 }), blackout: { from: "11:00", to: "12:00" }, run() {} });`,
    "tasks/b.ts": `import { defineTask } from "carillon"; export default defineTask({ run() {} });`,
  });
  await test.clock.advance({ hours: 1 });
  await startRun(test, "a");
  await test.clock.advance({ seconds: 1 });
  const answer = await test.fetch("/api/v1/report?from=2026-03-10");
  const report = await answer.json() as { tasks: unknown[] };
  assert.deepEqual(report.tasks, [{
    task: "a",
    due: 1,
    ran: 0,
    runs: {},
    late: 0,
    skipped: 1,
    skipped_why: { blackout: 1 },
    missed: 0,
    missed_why: {},
    unrecorded: 0,
  }]);
  const cases: [string, number, RegExp][] = [
    ["from=soon", 422, /from: "soon" is not a date/],
    ["from=2026-03-10&to=2026-03-09", 422, /ends before it begins/],
    ["task=nobody", 404, /no task "nobody"/],
    ["colour=red", 400, /cannot be read/],
  ];
  for (const [query, status, sentence] of cases) {
    const refused = await test.fetch(`/api/v1/report?${query}`);
    assert.equal(refused.status, status, query);
    assert.match((await refused.json() as { message: string }).message, sentence);
  }
});
