/**
 * A year in which the system clock is set forward and back, by minutes and by years, zones change, files go and come
 * back, tasks are paused, the machine sleeps and the program crashes: each due instant ends in one record (I1).
 */
import assert from "node:assert/strict";
import { instantOf } from "../../app/base/time.ts";
import type { Trigger } from "../../app/contracts.ts";
import { MemoryHistory } from "../../app/history/memory.ts";
import { isTerminal, type Run } from "../../app/model/run.ts";
import { cron, every } from "../../app/trigger/declare.ts";
import type { Task } from "../../app/task/task.ts";
import { attributedInstants } from "../support/attributed.ts";
import { VirtualClock } from "../support/clock.ts";
import { assemble, type Assembly, type Definition, tasksOf } from "../support/dispatch.ts";
import { randomFrom } from "../support/random.ts";
import type { Behaviour } from "../support/virtual_executor.ts";

/** Another seed lives another year: CARILLON_SEED=7 deno test -A tests/run/clock_year_test.ts */
const SEED = Number(Deno.env.get("CARILLON_SEED") ?? 20_260_312);
const TASKS = 40;
const START = Date.parse("2026-01-01T00:00:13Z");
const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
/** What waits for its jitter at the end has no record yet. */
const LONGEST_JITTER_MS = 10 * 60_000;

interface Interval {
  readonly from: number;
  readonly to: number;
}

/** What a task went through under one trigger. */
interface Era {
  readonly trigger: Trigger;
  /** Stretches of wall time in which it was active, each without its first moment. */
  lived: Interval[];
}

/** Remembers every record with the trigger that its task had then, and refuses what I2 forbids. */
class WatchedHistory extends MemoryHistory {
  readonly everything = new Map<string, Run>();
  readonly triggerOf = new Map<string, Trigger>();
  triggers: (taskId: string) => Trigger | undefined = () => undefined;

  constructor() {
    super(Infinity);
  }

  override save(run: Run): void {
    const before = this.everything.get(run.id);
    if (before && isTerminal(before.status)) {
      assert.equal(run.status, before.status, "a terminal status changed");
      const grows = run.instants > before.instants;
      assert.equal(grows, run.status !== "missed", "a finished record was written again");
    }
    if (before?.status === "running") assert.notEqual(run.status, "queued", "a status went back");
    const trigger = this.triggers(run.taskId);
    if (!before && trigger) this.triggerOf.set(run.id, trigger);
    this.everything.set(run.id, run);
    super.save(run);
  }
}

function definitionsOf(random: () => number): Record<string, Definition> {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const definitions: Record<string, Definition> = {};
  for (let i = 0; i < TASKS; i++) {
    definitions[`task_${String(i).padStart(2, "0")}`] = {
      trigger: pick([
        () => every({ hours: 3 + Math.floor(random() * 40) }),
        () => cron({ hour: Math.floor(random() * 24), minute: Math.floor(random() * 60) }),
        () =>
          cron({ hour: Math.floor(random() * 24), timezone: pick(["Asia/Shanghai", "Europe/Stockholm"]) }),
        () => cron({ dayOfWeek: pick(["mon-fri", "sat", "tue,thu"]), hour: "*/6" }),
        () => [cron({ day: pick(["last", "1st mon", "15"]), hour: 4 }), cron({ hour: "2,14", minute: 30 })],
      ])(),
      overlap: pick(["skip", "queue", "allow", "replace"]),
      misfire: { grace: pick(["1s", "10m", "5h"]), catchUp: pick(["none", "latest", "all"]), limit: 3 },
      jitter: pick(["0s", "10m"]),
      ...(random() < 0.3 ? { blackout: { from: "22:00", to: "05:00" } } : {}),
      ...(random() < 0.2 ? { calendar: {} } : {}),
    };
  }
  return definitions;
}

/** The clocks, the files and the switches of the world, and what each task lived through. */
class World {
  readonly history = new WatchedHistory();
  readonly eras = new Map<string, Era[]>();
  readonly paused = new Set<string>();
  readonly away = new Set<string>();
  readonly counts: Record<string, number> = {};
  /** Tasks whose file is there. */
  present = new Map<string, Task>();
  zone = "UTC";
  wall = START;
  until: number | undefined;
  going: Assembly | undefined;

  constructor(readonly tasks: Awaited<ReturnType<typeof tasksOf>>, readonly random: () => number) {}

  get now(): Assembly {
    assert.ok(this.going);
    return this.going;
  }

  count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  /** The wall clock has come to a moment while Carillon was active, or stopped. */
  pass(to: number): void {
    if (to > this.wall) {
      for (const [id, eras] of this.eras) {
        if (!this.paused.has(id) && !this.away.has(id)) eras.at(-1)?.lived.push({ from: this.wall, to });
      }
    } else {
      // What lies ahead again may have its record already, or it is still to come.
      for (const era of [...this.eras.values()].flat()) {
        era.lived = era.lived.filter(({ from }) => from < to).map((each) => ({
          ...each,
          to: Math.min(each.to, to),
        }));
      }
    }
    this.wall = to;
  }

  async start(): Promise<void> {
    const present = this.present = new Map([...this.tasks].filter(([id]) => !this.away.has(id)));
    const { random } = this;
    const behave = (): Behaviour => {
      const ms = Math.floor(random() ** 4 * 10 * HOUR_MS);
      if (random() < 0.2) return { ms, answer: { kind: "failed", error: { name: "Error", message: "x" } } };
      return { ms };
    };
    this.history.triggers = (id) => this.eras.get(id)?.at(-1)?.trigger ?? this.going?.triggers.of(id);
    this.going = await assemble(present, {
      clock: new VirtualClock(instantOf(this.wall).toString()),
      history: this.history,
      behave,
      workers: 20,
      timezone: this.zone,
      ahead: { until: () => this.until, keep: (until) => this.until = until },
    });
    for (const id of present.keys()) this.#beginEra(id);
  }

  #beginEra(id: string): void {
    const trigger = this.now.triggers.of(id);
    assert.ok(trigger);
    const eras = this.eras.get(id) ?? [];
    this.eras.set(id, eras);
    const last = eras.at(-1);
    if (last?.trigger.identity !== trigger.identity) eras.push({ trigger, lived: [] });
  }

  /** Everything stops where it is; nothing is said. Whoever was under way is found interrupted. */
  async crash(): Promise<void> {
    await this.history.saveAlive(this.wall - Math.floor(this.random() * 2_000));
    await this.now.scheduler.stop();
    for (const run of this.history.everything.values()) {
      if (!isTerminal(run.status)) {
        this.history.save({ ...run, status: "interrupted", finishedAt: this.wall });
      }
    }
  }

  async advance(ms: number): Promise<void> {
    await this.now.clock.advance({ milliseconds: ms });
    this.pass(this.wall + ms);
  }

  async sleep(ms: number): Promise<void> {
    this.count("sleeps");
    await this.now.clock.jump({ milliseconds: ms });
    this.pass(this.wall + ms);
  }

  async set(to: number): Promise<void> {
    this.count(to > this.wall ? "set forward" : "set back");
    await this.now.clock.set(instantOf(to).toString());
    this.pass(to);
    // Within seconds it is noticed.
    await this.advance(7_000);
  }

  async pause(id: string): Promise<void> {
    if (this.away.has(id)) return;
    const pauses = !this.paused.has(id);
    this.count(pauses ? "pauses" : "resumes");
    await this.now.scheduler.setPaused(id, pauses);
    if (pauses) this.paused.add(id);
    else this.paused.delete(id);
  }

  async moveFile(id: string): Promise<void> {
    const { scheduler, triggers } = this.now;
    const task = this.tasks.get(id);
    assert.ok(task);
    if (this.away.has(id)) {
      this.count("files back");
      this.present.set(id, task);
      const trigger = triggers.set(task, await scheduler.firstSeen(id));
      assert.ok(trigger);
      await scheduler.set(id, trigger, task.description.policies);
      this.away.delete(id);
      this.#beginEra(id);
    } else {
      this.count("files away");
      await scheduler.remove(id);
      this.away.add(id);
      this.present.delete(id);
    }
  }
}

async function live(world: World): Promise<void> {
  const { random } = world;
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const ids = [...world.tasks.keys()];
  const seconds = (most: number) => 1_000 * (1 + Math.floor(random() ** 2 * most));
  const backFrom = (ms: number) => Math.max(START + 1_000, world.wall - ms);
  let real = 0;
  await world.start();
  while (real < YEAR_MS) {
    const passed = 1_000 + Math.floor(random() ** 2 * 100 * HOUR_MS / 1_000) * 1_000;
    real += passed;
    await world.advance(passed);
    const chance = random();
    if (chance < 0.1) await world.sleep(seconds(36_000));
    else if (chance < 0.2) await world.set(world.wall + seconds(10 * 86_400));
    else if (chance < 0.32) await world.set(backFrom(seconds(10 * 86_400)));
    else if (chance < 0.34) {
      // A wrong year, and for how long nobody knows.
      const right = world.wall;
      await world.set(right + Math.floor(random() * 3 * YEAR_MS / 1_000) * 1_000);
      await world.advance(seconds(86_400));
      world.count("years");
      if (random() < 0.5) {
        await world.crash();
        world.pass(right);
        await world.start();
      } else await world.set(right);
    } else if (chance < 0.5) { for (let i = 0; i < 5; i++) await world.pause(pick(ids)); }
    else if (chance < 0.65) { for (let i = 0; i < 3; i++) await world.moveFile(pick(ids)); }
    else if (chance < 0.8) {
      world.count("crashes");
      await world.crash();
      const off = seconds(60 * 3_600);
      const dead = random();
      if (dead < 0.2) world.pass(backFrom(off));
      else if (dead < 0.35) {
        // Whoever follows the zone begins anew; for the others it is a stop as any other.
        world.zone = pick(["UTC", "Asia/Tokyo", "Europe/London"].filter((each) => each !== world.zone));
        world.count("zones");
        changeZone(world, off);
      } else world.pass(world.wall + off);
      await world.start();
    }
  }
  await world.advance(HOUR_MS);
}

function changeZone(world: World, off: number): void {
  const following = [...world.eras].filter(([, eras]) =>
    eras.at(-1)?.trigger.identity.includes(world.now.triggers.timezone)
  );
  const silenced = following.map(([id]) => id).filter((id) => !world.away.has(id));
  for (const id of silenced) {
    world.away.add(id);
    // What waited for its jitter then is known to the trigger that is gone.
    const era = world.eras.get(id)?.at(-1);
    const end = world.wall - LONGEST_JITTER_MS;
    if (era) era.lived = era.lived.map(({ from, to }) => ({ from, to: Math.min(to, Math.max(from, end)) }));
  }
  world.pass(world.wall + off);
  for (const id of silenced) world.away.delete(id);
}

/** The instants that the records of a task stand for. */
function attributed(world: World, id: string): ReadonlySet<number> {
  const records = [...world.history.everything.values()].filter((run) => run.taskId === id);
  return attributedInstants(records, (run) => {
    const trigger = world.history.triggerOf.get(run.id);
    assert.ok(trigger);
    return trigger;
  }, `seed ${SEED}`);
}

Deno.test(`a year of clocks that are set loses and doubles no due instant (seed ${SEED})`, async () => {
  const random = randomFrom(SEED);
  const world = new World(await tasksOf(definitionsOf(random)), random);
  await live(world);
  let looked = 0;
  for (const [id, eras] of world.eras) {
    const taken = attributed(world, id);
    for (const { trigger, lived } of eras) {
      for (const { from, to } of lived) {
        const end = Math.min(to, world.wall - LONGEST_JITTER_MS);
        for (let at = trigger.nextMs(from); at !== null && at <= end; at = trigger.nextMs(at)) {
          assert.ok(
            taken.has(at),
            `seed ${SEED}, ${id}: ${instantOf(at)} has no record (lived ${instantOf(from)} to ${
              instantOf(to)
            })`,
          );
          looked++;
        }
      }
    }
  }
  await world.now.scheduler.stop();
  assert.ok(looked > 4_000, `only ${looked} instants`);
  const names = [
    "sleeps",
    "set forward",
    "set back",
    "years",
    "pauses",
    "resumes",
    "files back",
    "files away",
    "crashes",
    "zones",
  ];
  for (const name of names) {
    assert.ok((world.counts[name] ?? 0) >= 2, `seed ${SEED}: ${name}: ${world.counts[name]}`);
  }
});
