/** Backfills: each instant of a range once, beside the schedule, over stops and crashes at any moment. */
import assert from "node:assert/strict";
import { instantOf } from "../../app/base/time.ts";
import type { BackfillLog } from "../../app/contracts.ts";
import { MemoryHistory } from "../../app/history/memory.ts";
import type { BackfillEntry, BackfillPlan, BackfillProgress } from "../../app/model/backfill.ts";
import type { RunOrder } from "../../app/model/order.ts";
import { isTerminal, type Run } from "../../app/model/run.ts";
import { cron, every } from "../../app/trigger/declare.ts";
import { VirtualClock } from "../support/clock.ts";
import { assemble, type Assembly, type Definition, tasksOf } from "../support/dispatch.ts";
import type { Behaviour } from "../support/virtual_executor.ts";

const DAY_MS = 86_400_000;
const HOURLY = cron({ minute: 0 });

/** A log that outlives the engine, as a file does. */
class KeptLog implements BackfillLog {
  readonly kept = new Map<string, { plan: BackfillPlan; entries: BackfillEntry[] }>();
  /** Entries after which nothing is written any more: the program was killed then. */
  left = Infinity;

  read() {
    return [...this.kept.values()].map(({ plan, entries }) => ({ plan, entries: [...entries] }));
  }
  begin(plan: BackfillPlan) {
    this.kept.set(plan.id, { plan, entries: [] });
  }
  add(id: string, entry: BackfillEntry) {
    if (this.left-- > 0) this.kept.get(id)?.entries.push(entry);
  }
  remove(id: string) {
    this.kept.delete(id);
  }
}

function planOf(going: Assembly, id: string, hours: number, more: Partial<BackfillPlan> = {}): BackfillPlan {
  const now = going.clock.now();
  const from = Math.floor(now / DAY_MS) * DAY_MS - DAY_MS;
  const instants = Array.from({ length: hours }, (_, i) => from + i * 3_600_000);
  const to = from + hours * 3_600_000;
  return { id: "bf-test-0000", taskId: id, from, to, instants, atOnce: 1, params: {}, askedAt: now, ...more };
}

async function start(definition: Definition, options: Parameters<typeof assemble>[1] = {}) {
  return await assemble(await tasksOf({ a: definition }), { history: new MemoryHistory(10_000), ...options });
}

async function runsOf(going: Assembly, cause: Run["cause"]): Promise<Run[]> {
  return (await going.history.recent("a", 10_000)).filter((run) => run.cause === cause).toReversed();
}

function hours(runs: readonly Run[]): string[] {
  return runs.map(({ scheduledAt = 0, status }) =>
    `${instantOf(scheduledAt).toString().slice(11, 13)} ${status}`
  );
}

Deno.test("each instant becomes one run with its window, one after the other, and that is said", async () => {
  const orders: RunOrder[] = [];
  const going = await start({ trigger: HOURLY }, {
    behave(_id, order) {
      orders.push(order);
      return { ms: 60_000, answer: { kind: "succeeded", watermarks: { default: order.runId } } };
    },
  });
  going.backfills.begin(planOf(going, "a", 5));
  await going.clock.advance({ minutes: 10 });
  assert.deepEqual(hours(await runsOf(going, "backfill")), [0, 1, 2, 3, 4].map((h) => `0${h} succeeded`));
  assert.deepEqual(
    orders.map(({ window }) => (window?.to ?? 0) - (window?.from ?? 0)),
    Array(5).fill(3_600_000),
  );
  assert.deepEqual(orders.map(({ window, scheduledAt }) => window?.to === scheduledAt), Array(5).fill(true));
  assert.equal(going.executors.most(), 1);
  const [progress] = going.backfills.all();
  assert.deepEqual([progress?.state, progress?.ended, progress?.waiting], ["done", { succeeded: 5 }, 0]);
  assert.match(going.lines.join("\n"), /backfill bf-test-0000 of 5 instants from .* was started/);
  assert.match(going.lines.join("\n"), /backfill bf-test-0000 is done: 5 of 5 succeeded/);
  // What is made up for the past does not lead the watermark back to it.
  assert.deepEqual(await going.history.watermarks("a"), {});
  await going.scheduler.stop();
});

Deno.test("what becomes due meanwhile waits for its turn and is not skipped; nothing of it is replaced", async () => {
  for (const overlap of ["skip", "replace", "queue"] as const) {
    const going = await start({ trigger: HOURLY, overlap }, { behave: () => ({ ms: 25 * 60_000 }) });
    going.backfills.begin(planOf(going, "a", 8));
    await going.clock.advance({ hours: 20 });
    const due = await runsOf(going, "schedule");
    assert.deepEqual(
      hours(await runsOf(going, "backfill")),
      Array.from({ length: 8 }, (_, i) => `0${i} succeeded`),
    );
    assert.ok(due.length >= 20, overlap);
    assert.ok(due.slice(0, 19).every(({ status }) => status === "succeeded"), hours(due).join());
    assert.equal(going.executors.most(), 1);
    await going.scheduler.stop();
  }
});

Deno.test("at once: as many as are asked for, never more than the task's concurrency", async () => {
  for (const [concurrency, atOnce, expected] of [[3, 2, 2], [3, 9, 3], [1, 4, 1]] as const) {
    const going = await start({ trigger: cron({ year: 2030 }), concurrency }, {
      behave: () => ({ ms: 1_000 }),
    });
    going.backfills.begin(planOf(going, "a", 9, { atOnce }));
    await going.clock.advance({ minutes: 1 });
    assert.equal(going.executors.most(), expected);
    assert.equal((await runsOf(going, "backfill")).length, 9);
    await going.scheduler.stop();
  }
});

Deno.test("it is cancelled as a whole: what goes on ends, what waits does not begin", async () => {
  const going = await start({ trigger: HOURLY, concurrency: 2 }, { behave: () => ({ ms: 60_000 }) });
  going.backfills.begin(planOf(going, "a", 9, { atOnce: 2 }));
  await going.clock.advance({ seconds: 90 });
  assert.equal(going.backfills.cancel("bf-test-0000", "Anna"), true);
  await going.clock.advance({ minutes: 10 });
  const progress = going.backfills.find("bf-test-0000");
  assert.deepEqual(progress?.ended, { succeeded: 2, cancelled: 2 });
  assert.deepEqual([progress?.state, progress?.waiting, progress?.going], ["cancelled", 0, []]);
  assert.equal(going.backfills.cancel("bf-test-0000"), false);
  assert.equal(going.backfills.cancel("bf-none-0000"), false);
  assert.match((await runsOf(going, "backfill")).at(-1)?.message ?? "", /cancelled by Anna/);
  await going.scheduler.stop();
});

Deno.test("failures do not stop it, pause no task and start no follower", async () => {
  const tasks = await tasksOf({
    a: { trigger: HOURLY, pauseAfter: 2 },
    b: { after: [{ task: "a", on: "end" }] },
  });
  const going = await assemble(tasks, {
    history: new MemoryHistory(1_000),
    behave: () => ({ ms: 1, answer: { kind: "failed", error: { name: "E", message: "no" } } }),
  });
  going.backfills.begin(planOf(going, "a", 6));
  await going.clock.advance({ minutes: 1 });
  const progress = going.backfills.find("bf-test-0000");
  assert.deepEqual([progress?.state, progress?.ended, progress?.failed.length], ["done", { failed: 6 }, 6]);
  assert.equal(going.scheduler.isPaused("a"), false);
  assert.deepEqual(await going.history.recent("b"), []);
  await going.scheduler.stop();
});

Deno.test("a run that is cut off is run again, but not for ever", async () => {
  let asked = 0;
  const going = await start({ trigger: HOURLY, interrupted: "again" }, {
    behave(): Behaviour {
      asked++;
      return { ms: 1, answer: { kind: "interrupted", message: "its host was lost" } };
    },
  });
  going.backfills.begin(planOf(going, "a", 1));
  await going.clock.advance({ minutes: 1 });
  assert.equal(asked, 6);
  assert.deepEqual(going.backfills.find("bf-test-0000")?.ended, { interrupted: 1 });
  assert.equal((await runsOf(going, "again")).length, 0);
  await going.scheduler.stop();
});

Deno.test("without its task's file it waits, and goes on when that is back", async () => {
  const tasks = await tasksOf({ a: { trigger: HOURLY } });
  const log = new KeptLog();
  const history = new MemoryHistory(1_000);
  const first = await assemble(tasks, { history, backfillLog: log, behave: () => ({ ms: 60_000 }) });
  first.backfills.begin(planOf(first, "a", 4));
  await first.clock.advance({ seconds: 70 });
  await crash(first);
  const away = new Map<string, never>();
  const second = await assemble(away, { history, backfillLog: log });
  assert.equal(second.backfills.all()[0]?.state, "going");
  await crash(second);
  const third = await assemble(tasks, { history, backfillLog: log });
  await third.clock.advance({ minutes: 1 });
  assert.deepEqual(third.backfills.all()[0]?.ended, { succeeded: 4 });
  await third.scheduler.stop();
});

/** Nothing is stopped, nothing is said: the next start finds what was under way as interrupted. */
async function crash(going: Assembly): Promise<void> {
  await going.backfills.stop();
  await going.scheduler.stop();
  const history = going.history as MemoryHistory;
  for (const run of await history.find({ limit: 10_000 })) {
    if (!isTerminal(run.status)) {
      history.save({ ...run, status: "interrupted", finishedAt: going.clock.now() });
    }
  }
}

Deno.test("an instant whose run ends the program each time is given up, and the others are run", async () => {
  const tasks = await tasksOf({ a: { trigger: HOURLY } });
  const log = new KeptLog();
  const history = new MemoryHistory(1_000);
  const behave = (_id: string, { scheduledAt }: RunOrder): Behaviour =>
    scheduledAt % DAY_MS === 0 ? {} : { ms: 1 };
  let lives = 0;
  for (let state = "going"; state === "going"; lives++) {
    assert.ok(lives < 20, "it never ends");
    const going = await assemble(tasks, { history, backfillLog: log, behave });
    if (lives === 0) going.backfills.begin(planOf(going, "a", 3));
    await going.clock.advance({ seconds: 1 });
    state = going.backfills.all()[0]?.state ?? "";
    await crash(going);
  }
  assert.equal(lives, 7);
  const [record] = log.read();
  const ended = record?.entries.flatMap((entry) => entry.kind === "ended" ? [entry.status] : []);
  assert.deepEqual(ended, ["interrupted", "succeeded", "succeeded"]);
});

Deno.test("killed at each step of the way, each instant has exactly one run that succeeded", async () => {
  const tasks = await tasksOf({ a: { trigger: every({ hours: 1 }), concurrency: 3 } });
  for (let killedAfter = 0; killedAfter < 40; killedAfter += 3) {
    const log = new KeptLog();
    const history = new MemoryHistory(10_000);
    let progress: BackfillProgress | undefined;
    let at = "2026-03-10T10:00:00Z";
    for (let life = 0; progress?.state !== "done"; life++) {
      assert.ok(life < 60, "it never ends");
      const going = await assemble(tasks, {
        clock: new VirtualClock(at),
        history,
        backfillLog: log,
        behave: () => ({ ms: 700 }),
      });
      if (life === 0) going.backfills.begin(planOf(going, "a", 12, { atOnce: 3 }));
      // The file has lost the last words of every other life.
      log.left = life % 2 === 0 ? Infinity : 1;
      await going.clock.advance({ milliseconds: 800 + killedAfter * 37 });
      await crash(going);
      log.left = Infinity;
      progress = going.backfills.all()[0];
      at = instantOf(going.clock.now()).toString();
    }
    const succeeded = (await history.recent("a", 10_000)).filter(({ cause, status }) =>
      cause === "backfill" && status === "succeeded"
    );
    assert.equal(
      new Set(succeeded.map(({ scheduledAt }) => scheduledAt)).size,
      12,
      `killed after ${killedAfter}`,
    );
    assert.equal(succeeded.length, 12, `killed after ${killedAfter}`);
    assert.deepEqual(progress.ended, { succeeded: 12 });
  }
});
