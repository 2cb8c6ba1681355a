/** The system clock is set forward and back: everything goes on, and no instant gets a second record. */
import assert from "node:assert/strict";
import { instantOf } from "../../app/base/time.ts";
import { MemoryHistory } from "../../app/history/memory.ts";
import { type Run, RUN_STATUSES } from "../../app/model/run.ts";
import { cron, every } from "../../app/trigger/declare.ts";
import { VirtualClock } from "../support/clock.ts";
import { assemble, tasksOf } from "../support/dispatch.ts";

function time(at: number | undefined): string {
  return at === undefined ? "" : instantOf(at).toString().slice(11);
}

async function records(history: MemoryHistory, id: string): Promise<Run[]> {
  return (await history.recent(id, 100_000)).toSorted((a, b) => (a.scheduledAt ?? 0) - (b.scheduledAt ?? 0));
}

async function start(at: string, history = new MemoryHistory(100_000)) {
  const tasks = await tasksOf({
    rhythm: { trigger: every({ seconds: 2 }) },
    fixed: { trigger: cron({ hour: 10, minute: 30 }) },
  });
  return await assemble(tasks, { clock: new VirtualClock(at), history });
}

Deno.test("an hour ahead for ten seconds and back: a rhythm goes on at once", async () => {
  const going = await start("2026-03-10T10:00:00Z");
  const history = going.history as MemoryHistory;
  await going.clock.advance({ seconds: 10 });
  await going.clock.set("2026-03-10T11:00:10Z");
  await going.clock.advance({ seconds: 10 });
  await going.clock.set("2026-03-10T10:00:20Z");
  await going.clock.advance({ seconds: 10 });
  assert.match(going.lines.join("\n"), /the system clock went back by 3600 s/);
  const all = await records(history, "rhythm");
  const ran = all.filter(({ status }) => status === "succeeded").map(({ scheduledAt }) => time(scheduledAt));
  assert.deepEqual(ran.slice(5, 10), ["10:00:22Z", "10:00:24Z", "10:00:26Z", "10:00:28Z", "10:00:30Z"]);
  const [missed] = all.filter(({ status }) => status === "missed");
  assert.equal(missed?.instants, 5);
  assert.equal(time(missed?.scheduledAt), "10:00:12Z");
  assert.match(missed?.message ?? "", /due from 2026-03-10 10:00:12 to 2026-03-10 10:00:20 \(5 instants\)/);
  // The wall time between was thought to be missed, and is still to come.
  await going.clock.advance({ minutes: 30 });
  assert.deepEqual(
    (await records(history, "fixed")).filter(({ status }) => status === "succeeded").map(({ scheduledAt }) =>
      time(scheduledAt)
    ),
    ["10:30:00Z"],
  );
  await going.scheduler.stop();
});

Deno.test("wall times that were recorded are not repeated when the clock is set back over them", async () => {
  const going = await start("2026-03-10T10:29:50Z");
  await going.clock.advance({ seconds: 20 });
  await going.clock.set("2026-03-10T10:29:00Z");
  await going.clock.advance({ minutes: 5 });
  const fixed = await records(going.history as MemoryHistory, "fixed");
  assert.deepEqual(fixed.map(({ status, scheduledAt }) => `${time(scheduledAt)} ${status}`), [
    "10:30:00Z succeeded",
  ]);
  const instants = (await records(going.history as MemoryHistory, "rhythm")).map(({ scheduledAt }) =>
    scheduledAt
  );
  assert.equal(new Set(instants).size, instants.length, "an instant has two records");
  await going.scheduler.stop();
});

Deno.test("a start ten years ahead, corrected while it runs and after a restart: nothing is dead until then", async () => {
  const history = new MemoryHistory(100_000);
  const first = await start("2026-03-10T10:00:00Z", history);
  await first.clock.advance({ seconds: 4 });
  await history.saveAlive(first.clock.now());
  await first.scheduler.stop();
  const wrong = await start("2036-01-01T00:00:00Z", history);
  await wrong.clock.advance({ seconds: 10 });
  await history.saveAlive(wrong.clock.now());
  await wrong.scheduler.stop();
  const right = await start("2026-03-10T10:05:00Z", history);
  assert.match(right.lines.join("\n"), /the system clock went back by/);
  await right.clock.advance({ seconds: 6 });
  const ran = (await records(history, "rhythm")).filter(({ status }) => status === "succeeded")
    .map(({ scheduledAt }) => instantOf(scheduledAt ?? 0).toString());
  assert.ok(ran.includes("2026-03-10T10:05:02Z") && ran.includes("2026-03-10T10:05:06Z"), ran.join(" "));
  assert.ok((right.scheduler.next("rhythm") ?? 0) < Date.parse("2026-03-11T00:00:00Z"));
  await right.scheduler.stop();
});

Deno.test("a clock that is corrected before anything was due since the start: nothing is dead until then", async () => {
  const history = new MemoryHistory(1_000);
  const before = await start("2026-03-10T09:00:00Z", history);
  await before.scheduler.stop();
  const wrong = await start("2036-01-01T00:00:00.500Z", history);
  await wrong.clock.advance({ milliseconds: 500 });
  await wrong.clock.set("2026-03-10T10:00:00.200Z");
  await wrong.clock.advance({ seconds: 10 });
  const ran = (await records(wrong.history as MemoryHistory, "rhythm")).map(({ scheduledAt }) =>
    time(scheduledAt)
  );
  assert.ok(ran.length >= 4, ran.join());
  await wrong.scheduler.stop();
});

Deno.test("what waits for its jitter when the clock is set back by less is not lost; a second step back doubles nothing", async () => {
  const history = new MemoryHistory(100_000);
  const tasks = await tasksOf({
    waits: { trigger: cron({ minute: 0 }), jitter: "20m" },
    rhythm: { trigger: every({ minutes: 1, startDate: "2026-03-10T00:00:00Z" }) },
  });
  const going = await assemble(tasks, { clock: new VirtualClock("2026-03-10T09:59:30Z"), history });
  const jitter = (await going.history.state("waits"))?.settledTo ?? 0;
  assert.ok(jitter < Date.parse("2026-03-10T10:00:00Z"));
  await going.clock.advance({ seconds: 32 });
  await going.clock.set("2026-03-10T10:00:00.500Z");
  await going.clock.advance({ minutes: 30 });
  const waited = (await records(history, "waits")).map(({ scheduledAt }) => time(scheduledAt));
  assert.deepEqual(waited, ["10:00:00Z"]);
  for (let back = 0; back < 3; back++) {
    await going.clock.set("2026-03-10T10:10:30Z");
    await going.clock.advance({ minutes: 15 });
  }
  for (const id of ["waits", "rhythm"]) {
    const instants = (await records(history, id)).map(({ scheduledAt }) => scheduledAt);
    assert.equal(new Set(instants).size, instants.length, `an instant of ${id} has two records`);
  }
  assert.ok((await records(history, "rhythm")).length > 70);
  await going.scheduler.stop();
});

Deno.test("a time limit does not care that the system clock is set", async () => {
  const tasks = await tasksOf({ slow: { trigger: every({ hours: 1 }), timeout: "10m" } });
  const going = await assemble(tasks, { behave: () => ({ ms: 5 * 60_000 }) });
  await going.clock.advance({ hours: 1 });
  await going.clock.set("2026-03-10T20:00:00Z");
  await going.clock.advance({ minutes: 6 });
  const statuses = (await records(going.history as MemoryHistory, "slow")).map(({ status }) => status);
  assert.ok(statuses.includes("succeeded"), statuses.join());
  assert.ok(statuses.every((each) => RUN_STATUSES.includes(each) && each !== "timed_out"));
  await going.scheduler.stop();
});
