import { instantOf } from "../../app/base/time.ts";
import assert from "node:assert/strict";
import { MemoryHistory } from "../../app/history/memory.ts";
import type { FireGate, TaskStates } from "../../app/contracts.ts";
import { EventBus } from "../../app/events/bus.ts";
import { DEFAULT_FIRE_POLICY, DEFAULT_MISFIRE, type FirePolicy } from "../../app/policy/misfire.ts";
import type { Fire } from "../../app/model/fire.ts";
import { Scheduler } from "../../app/scheduler/scheduler.ts";
import { writeJournal } from "../../app/service/journal_lines.ts";
import { compileTrigger } from "../../app/trigger/compile.ts";
import { at, cron, every } from "../../app/trigger/declare.ts";
import type { TriggerSpec } from "../../app/trigger/trigger.ts";
import { VirtualClock } from "../support/clock.ts";
import { keptJournal } from "../support/journal.ts";

function setUp(states: TaskStates & FireGate = new MemoryHistory(10), start = "2026-03-10T10:00:00Z") {
  const clock = new VirtualClock(start);
  const fires: string[] = [];
  const { events, lines } = keptEvents();
  const scheduler = new Scheduler({
    clock,
    states,
    gate: states,
    recorded: { after: (id, _trigger, now) => Promise.resolve(recorded(fires, id, now)) },
    ahead: noMarks().ahead,
    events,
    onFire: (fire) => void fires.push(shown(fire)),
    batch: (work) => work(),
  });
  return { clock, fires, scheduler, states, lines, add };

  async function add(id: string, spec: TriggerSpec, policy: Partial<FirePolicy> = {}): Promise<void> {
    const trigger = compileTrigger(spec, { timezone: "UTC", anchor: await scheduler.firstSeen(id) });
    await scheduler.set(id, trigger, { ...DEFAULT_FIRE_POLICY, ...policy });
  }
}

/** A bus, and the lines of the journal that come of it. */
function keptEvents(): { readonly events: EventBus; readonly lines: readonly string[] } {
  const { journal, lines } = keptJournal();
  const events = new EventBus((sentence, thrown) => journal.error(sentence, thrown));
  writeJournal(events, journal);
  return { events, lines };
}

/** A clock that was never set, and nothing recorded. */
function noMarks() {
  let mark: number | undefined;
  return {
    recorded: { after: () => Promise.resolve(new Set<number>()) },
    ahead: { until: () => mark, keep: (until: number) => void (mark = until) },
  };
}

/** The instants of a task beyond a moment that were handed on. */
function recorded(fires: readonly string[], id: string, now: number): Set<number> {
  const instants = fires.filter((fire) => fire.startsWith(`${id} due `)).map((fire) =>
    Date.parse(fire.split(" ")[2] ?? "")
  );
  return new Set(instants.filter((at) => at > now));
}

/** Stops the scheduler at the end of a test. */
function running(scheduler: Scheduler): AsyncDisposable {
  return { [Symbol.asyncDispose]: () => scheduler.stop() };
}

function shown(fire: Fire): string {
  if (fire.kind === "due") return `${fire.taskId} ${fire.late ? "late" : "due"} ${instantOf(fire.at)}`;
  if (fire.kind === "withdrawn") return `${fire.taskId} withdrawn ${instantOf(fire.at)} ${fire.why}`;
  const { taskId, first, last, count, more, why } = fire;
  return `${taskId} missed ${instantOf(first)}..${instantOf(last)} ×${count}${more ? "+" : ""}${
    why === "stopped" ? " stopped" : ""
  }`;
}

Deno.test("tasks become due in the order of their instants, on one timer", async () => {
  const { clock, fires, scheduler, add } = setUp();
  await add("b", every("20s"));
  await add("a", every("30s"));
  await using _running = running(scheduler);
  scheduler.start();
  await clock.advance({ seconds: 60 });
  assert.deepEqual(
    fires,
    [
      "b due 2026-03-10T10:00:20Z",
      "a due 2026-03-10T10:00:30Z",
      "b due 2026-03-10T10:00:40Z",
      ...["b", "a"].sort().map((id) => `${id} due 2026-03-10T10:01:00Z`),
    ].sort((x, y) => x.slice(-20).localeCompare(y.slice(-20))),
  );
  assert.equal(clock.sleeping, 1);
});

Deno.test("a task that is added or changed while the scheduler sleeps is heeded at once", async () => {
  const { clock, fires, scheduler, add } = setUp();
  await using _running = running(scheduler);
  scheduler.start();
  await clock.advance({ hours: 1 });
  await add("a", every("1m"));
  await clock.advance({ minutes: 1 });
  await add("a", cron({ minute: 30 }));
  await clock.advance({ minutes: 29 });
  await scheduler.remove("a");
  await clock.advance({ days: 1 });
  assert.deepEqual(fires, ["a due 2026-03-10T11:01:00Z", "a due 2026-03-10T11:30:00Z"]);
});

Deno.test("after a stall the latest instant is run while it is fresh, those before it are missed", async () => {
  const { clock, fires, scheduler, add } = setUp();
  await add("a", every("10s"));
  await using _running = running(scheduler);
  scheduler.start();
  await clock.jump({ seconds: 35 });
  assert.deepEqual(fires, [
    "a missed 2026-03-10T10:00:10Z..2026-03-10T10:00:20Z ×2",
    "a due 2026-03-10T10:00:30Z",
  ]);
});

Deno.test("an instant that is noticed too late is missed", async () => {
  const { clock, fires, scheduler, add } = setUp();
  await add("a", cron({ hour: 11 }));
  await using _running = running(scheduler);
  scheduler.start();
  await clock.jump({ hours: 1, minutes: 5 });
  assert.deepEqual(fires, ["a missed 2026-03-10T11:00:00Z..2026-03-10T11:00:00Z ×1"]);
});

Deno.test("what passed while Carillon was stopped is missed, not forgotten", async () => {
  const first = setUp();
  await first.add("a", every("1h"));
  first.scheduler.start();
  await first.clock.advance({ hours: 1 });
  await first.scheduler.stop();
  const second = setUp(first.states, "2026-03-10T14:30:00Z");
  await using _running = running(second.scheduler);
  await second.add("a", every("1h"));
  second.scheduler.start();
  await second.clock.advance({ minutes: 30 });
  assert.deepEqual(second.fires, [
    "a missed 2026-03-10T12:00:00Z..2026-03-10T14:00:00Z ×3 stopped",
    "a due 2026-03-10T15:00:00Z",
  ]);
});

Deno.test("a restart does not postpone an interval", async () => {
  const first = setUp();
  await first.add("a", every("2 days"));
  const second = setUp(first.states, "2026-03-11T20:00:00Z");
  await second.add("a", every("2 days"));
  assert.equal(instantOf(second.scheduler.next("a") ?? 0).toString(), "2026-03-12T10:00:00Z");
});

Deno.test("a trigger that was changed while Carillon was stopped has missed nothing", async () => {
  const first = setUp();
  await first.add("a", cron({ hour: 11, timezone: "UTC" }));
  const second = setUp(first.states, "2026-03-20T00:00:00Z");
  await using _running = running(second.scheduler);
  await second.add("a", cron({ hour: 11, timezone: "Asia/Shanghai" }));
  second.scheduler.start();
  await second.clock.advance({ minutes: 1 });
  assert.deepEqual(second.fires, []);
});

Deno.test("a trigger that ends leaves nothing behind", async () => {
  const { clock, fires, scheduler, add } = setUp();
  await add("a", at("2026-03-10T10:00:05Z"));
  await using _running = running(scheduler);
  scheduler.start();
  await clock.advance({ days: 400 });
  assert.deepEqual(fires, ["a due 2026-03-10T10:00:05Z"]);
  assert.equal(scheduler.next("a"), null);
});

Deno.test("a very long absence is counted up to a limit and said to be more", async () => {
  const { clock, fires, scheduler, add } = setUp();
  await add("a", every("1s"));
  await using _running = running(scheduler);
  scheduler.start();
  await clock.jump({ hours: 24 });
  await clock.advance({ seconds: 1 });
  assert.deepEqual(fires, [
    "a missed 2026-03-10T10:00:01Z..2026-03-11T09:59:59Z ×10000+",
    "a due 2026-03-11T10:00:00Z",
    "a due 2026-03-11T10:00:01Z",
  ]);
});

Deno.test("an error while handing on one fire does not stop the others", async () => {
  const clock = new VirtualClock("2026-03-10T10:00:00Z");
  const history = new MemoryHistory(10);
  const { events, lines } = keptEvents();
  const seen: string[] = [];
  const scheduler = new Scheduler({
    clock,
    states: history,
    gate: history,
    ...noMarks(),
    events,
    onFire: ({ taskId }) => {
      if (taskId === "bad") throw new Error("boom");
      seen.push(taskId);
    },
    batch: (work) => work(),
  });
  for (const id of ["bad", "good"]) {
    await scheduler.set(id, compileTrigger(every("1s"), { timezone: "UTC", anchor: clock.now() }));
  }
  await using _running = running(scheduler);
  scheduler.start();
  await clock.advance({ seconds: 2 });
  assert.deepEqual(seen, ["good", "good"]);
  assert.match(lines[0] ?? "", /ERROR task bad: handing on a due instant failed: Error: boom/);
});

Deno.test("what was missed is caught up as the task wants: the latest instant, or every one up to a limit", async () => {
  const { clock, fires, scheduler, add } = setUp();
  const catchUp = (kind: "latest" | "all", limit = 100) => ({
    misfire: { ...DEFAULT_MISFIRE, graceMs: 1_000, catchUp: kind, limit },
  });
  await add("a", every("1h"), catchUp("latest"));
  await add("b", every("1h"), catchUp("all"));
  await add("c", every("1h"), catchUp("all", 2));
  await using _running = running(scheduler);
  scheduler.start();
  await clock.jump({ hours: 3, minutes: 30 });
  assert.deepEqual(fires.filter((line) => line.startsWith("a")), [
    "a missed 2026-03-10T11:00:00Z..2026-03-10T12:00:00Z ×2",
    "a late 2026-03-10T13:00:00Z",
  ]);
  assert.deepEqual(fires.filter((line) => line.startsWith("b")), [
    "b late 2026-03-10T11:00:00Z",
    "b late 2026-03-10T12:00:00Z",
    "b late 2026-03-10T13:00:00Z",
  ]);
  assert.deepEqual(fires.filter((line) => line.startsWith("c")), [
    "c missed 2026-03-10T11:00:00Z..2026-03-10T11:00:00Z ×1",
    "c late 2026-03-10T12:00:00Z",
    "c late 2026-03-10T13:00:00Z",
  ]);
});

Deno.test("jitter puts each start off by less than it says, and loses no instant", async () => {
  const clock = new VirtualClock("2026-03-10T10:00:00Z");
  const history = new MemoryHistory(10);
  const { events } = keptEvents();
  const delays: number[] = [];
  const scheduler = new Scheduler({
    clock,
    states: history,
    gate: history,
    ...noMarks(),
    events,
    onFire: (fire) => {
      assert.equal(fire.kind, "due");
      if (fire.kind === "due") delays.push(clock.now() - fire.at);
    },
    batch: (work) => work(),
  });
  const trigger = compileTrigger(every("1m"), { timezone: "UTC", anchor: clock.now() });
  await scheduler.set("a", trigger, { ...DEFAULT_FIRE_POLICY, jitterMs: 30_000 });
  await using _running = running(scheduler);
  scheduler.start();
  await clock.advance({ minutes: 200, seconds: 30 });
  assert.equal(delays.length, 200);
  assert.ok(delays.every((delay) => delay >= 0 && delay <= 30_000));
  // Evenly spread: a third of them in each third, give or take.
  for (const third of [0, 1, 2]) {
    const share = delays.filter((delay) => Math.floor(delay / 10_001) === third).length;
    assert.ok(share > 40 && share < 95, `${share} in third ${third}`);
  }
});

Deno.test("a clock that is set back fires nothing twice, and says so", async () => {
  const { clock, fires, scheduler, lines, add } = setUp();
  await add("a", cron({ hour: 10, minute: "1,2,3,4" }));
  await add("rhythm", every("1m"));
  await using _running = running(scheduler);
  scheduler.start();
  await clock.advance({ minutes: 3 });
  await clock.set("2026-03-10T10:01:30Z");
  await add("b", every("10s"));
  await clock.advance({ minutes: 1 });
  assert.match(lines.join("\n"), /the system clock went back by \d+(\.\d+)? s; rhythms go on at once/);
  await clock.advance({ minutes: 2 });
  // A rhythm goes on at once, beside the instants that it has had.
  assert.deepEqual(fires.filter((line) => line.startsWith("rhythm")).slice(3), [
    "rhythm due 2026-03-10T10:02:00.001Z",
    "rhythm due 2026-03-10T10:03:00.001Z",
    "rhythm due 2026-03-10T10:04:00Z",
  ]);
  assert.deepEqual(fires.filter((line) => line.startsWith("a")), [
    "a due 2026-03-10T10:01:00Z",
    "a due 2026-03-10T10:02:00Z",
    "a due 2026-03-10T10:03:00Z",
    "a due 2026-03-10T10:04:00Z",
  ]);
});

Deno.test("a task that was away for a while has missed nothing in that time", async () => {
  const { clock, fires, scheduler, add } = setUp();
  await add("a", every("1m"));
  await using _running = running(scheduler);
  scheduler.start();
  await clock.advance({ minutes: 1 });
  await scheduler.remove("a");
  await clock.advance({ minutes: 10 });
  await add("a", every("1m"));
  await clock.advance({ minutes: 1 });
  assert.deepEqual(fires, ["a due 2026-03-10T10:01:00Z", "a due 2026-03-10T10:12:00Z"]);
});
