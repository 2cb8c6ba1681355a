/** A year with crashes, stalls and every policy: each due instant ends in one record (I1), no status goes back (I2). */
import assert from "node:assert/strict";
import { MemoryHistory } from "../../app/history/memory.ts";
import { isTerminal, type Run } from "../../app/model/run.ts";
import type { TriggerSpec } from "../../app/trigger/trigger.ts";
import { compileTrigger } from "../../app/trigger/compile.ts";
import { cron, every } from "../../app/trigger/declare.ts";
import { VirtualClock } from "../support/clock.ts";
import { assemble, type Definition, tasksOf } from "../support/dispatch.ts";
import type { Behaviour } from "../support/virtual_executor.ts";

const TASKS = 200;
const START = "2026-01-01T00:00:00Z";
const END = Date.parse("2027-01-01T00:00:00Z");
const SEED = 20_260_310;

/** A small generator of random numbers that begins the same way every time (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}

/** Remembers everything, and refuses what I2 forbids. */
class WatchedHistory extends MemoryHistory {
  readonly everything = new Map<string, Run>();

  constructor() {
    super(Infinity);
  }

  override save(run: Run): void {
    const before = this.everything.get(run.id);
    if (before && isTerminal(before.status)) {
      assert.equal(run.status, before.status, "a terminal status changed");
      assert.ok(run.instants > before.instants, "a finished record was written again");
    }
    if (before?.status === "running") assert.notEqual(run.status, "queued", "a status went back");
    this.everything.set(run.id, run);
    super.save(run);
  }
}

Deno.test("a year of random crashes, stalls and policies loses and doubles no due instant", async () => {
  const random = randomFrom(SEED);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const definitions: Record<string, Definition> = {};
  const specs = new Map<string, TriggerSpec>();
  for (let i = 0; i < TASKS; i++) {
    const trigger = pick([
      () => every({ hours: 3 + Math.floor(random() * 40) }),
      () => cron({ hour: Math.floor(random() * 24), minute: Math.floor(random() * 60) }),
      () => cron({ dayOfWeek: pick(["mon-fri", "sat", "tue,thu"]), hour: "*/6" }),
      () => cron({ day: pick(["last", "1st mon", "15"]), hour: 4 }),
    ])();
    const id = `task_${String(i).padStart(3, "0")}`;
    specs.set(id, trigger);
    definitions[id] = {
      trigger,
      overlap: pick(["skip", "queue", "allow", "replace"]),
      misfire: { grace: pick(["1s", "10m", "5h"]), catchUp: pick(["none", "latest", "all"]), limit: 3 },
      jitter: pick(["0s", "10m"]),
      priority: pick([0, 1]),
      ...(random() < 0.3 ? { locks: pick(["x", "y"]) } : {}),
      ...(random() < 0.3 ? { blackout: { from: "22:00", to: "05:00" } } : {}),
      ...(random() < 0.2 ? { calendar: {} } : {}),
      ...(random() < 0.3 ? { timeout: "2h" } : {}),
      ...(random() < 0.3 ? { retry: { attempts: 3, delay: "10m" } } : {}),
    };
  }
  const tasks = await tasksOf(definitions);
  const history = new WatchedHistory();
  const behave = (): Behaviour => {
    const chance = random();
    const ms = Math.floor(random() ** 4 * 10 * 3_600_000);
    if (chance < 0.2) return { ms, answer: { kind: "failed", error: { name: "Error", message: "x" } } };
    return { ms, heeds: chance < 0.6, answer: { kind: "succeeded" } };
  };

  let now = Date.parse(START);
  let crashes = 0;
  while (now < END) {
    const clock = new VirtualClock(new Date(now).toISOString());
    const going = await assemble(tasks, { clock, history, behave, workers: 20 });
    for (let day = 0; day < 5 + random() * 15; day++) {
      await clock.advance({ hours: 24 });
      if (random() < 0.1) await clock.jump({ minutes: Math.floor(random() * 600) });
    }
    await history.saveAlive(clock.now());
    // A crash: nothing is stopped, nothing is said; what was under way is found interrupted at the next start.
    crashes++;
    now = clock.now() + Math.floor(random() ** 3 * 3_000) * 60_000;
    await going.scheduler.stop();
    for (const run of history.everything.values()) {
      if (!isTerminal(run.status)) history.save({ ...run, status: "interrupted", finishedAt: now });
    }
  }
  assert.ok(crashes > 15);

  let instants = 0;
  for (const [id, spec] of specs) {
    const state = await history.state(id);
    assert.ok(state);
    const trigger = compileTrigger(spec, { timezone: "UTC", anchor: Date.parse(START) });
    const expected: number[] = [];
    let at = trigger.nextMs(Date.parse(START));
    while (at !== null && at <= state.settledTo) {
      expected.push(at);
      at = trigger.nextMs(at);
    }
    const recorded: number[] = [];
    for (const run of history.everything.values()) {
      if (run.taskId !== id || run.scheduledAt === undefined) continue;
      let covered: number | null = run.scheduledAt;
      for (let i = 0; i < run.instants; i++) {
        assert.ok(covered !== null, "a record counts instants that never were");
        recorded.push(covered);
        covered = trigger.nextMs(covered);
      }
    }
    assert.deepEqual(recorded.toSorted(), expected.toSorted(), id);
    instants += expected.length;
  }
  assert.ok(instants > 30_000, `only ${instants} instants`);
});
