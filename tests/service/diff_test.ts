/** The schedule diff against brute force: every minute of fourteen days, for 200 generated edits. */
import assert from "node:assert/strict";
import { instantOf } from "../../app/base/time.ts";
import { diffOf, type ScheduleDiff, type Version } from "../../app/service/diff/diff.ts";
import { cron, every } from "../../app/trigger/declare.ts";
import { type Definition, tasksOf } from "../support/dispatch.ts";
import { randomFrom } from "../support/random.ts";

const NOW = Date.parse("2026-03-20T10:17:00Z");
const DAYS = 14;
const MINUTE_MS = 60_000;
const MINUTES = DAYS * 24 * 60;
const EDITS = 200;
const ZONES = ["UTC", "Europe/Stockholm", "Asia/Shanghai"];
const DEFAULTS = {
  net: true,
  read: true,
  write: true,
  env: true,
  run: true,
  sys: true,
  secrets: true,
  databases: true,
};

/** A task as the generator made it: simple enough for its minutes to be told by looking at a clock. */
interface Made {
  readonly hours?: readonly number[];
  readonly minutes?: readonly number[];
  /** Monday is 0. */
  readonly weekdays?: readonly number[];
  readonly everyMinutes?: number;
  readonly zone: string;
  readonly blackout?: { readonly from: number; readonly to: number };
  readonly dayOff?: string;
  readonly locks: readonly string[];
  readonly net?: readonly string[];
  readonly secrets?: readonly string[];
}
type MadeVersion = ReadonlyMap<string, Made>;

const two = (n: number) => String(n).padStart(2, "0");

function definitionOf(made: Made): Definition {
  const { hours, minutes, weekdays, everyMinutes, zone, blackout, dayOff, locks, net, secrets } = made;
  return {
    trigger: everyMinutes === undefined
      ? cron({
        dayOfWeek: weekdays?.join(",") ?? "*",
        hour: hours?.join(",") ?? "*",
        minute: minutes?.join(",") ?? "0",
        timezone: zone,
      })
      : every({ minutes: everyMinutes, startDate: instantOf(NOW).toString(), timezone: zone }),
    locks,
    ...(blackout ? { blackout: { from: `${two(blackout.from)}:00`, to: `${two(blackout.to)}:00` } } : {}),
    ...(dayOff === undefined ? {} : { calendar: { weekdays: "0-6", holidays: dayOff } }),
    ...(net ? { permissions: { net } } : {}),
    ...(secrets ? { secrets } : {}),
  };
}

interface Minute {
  readonly at: number;
  readonly hour: number;
  readonly minute: number;
  readonly weekday: number;
  readonly date: string;
}

/** Every minute of the span on the wall clock of a zone. */
const clocks = new Map(ZONES.map((zone) => [
  zone,
  Array.from({ length: MINUTES }, (_, i): Minute => {
    const at = NOW + i * MINUTE_MS;
    const local = instantOf(at).toZonedDateTimeISO(zone);
    const { hour, minute, dayOfWeek } = local;
    return { at, hour, minute, weekday: dayOfWeek - 1, date: local.toPlainDate().toString() };
  }),
]));

/** Looks at one minute. */
function fires(made: Made, { at, hour, minute, weekday, date }: Minute): boolean {
  if (made.dayOff === date) return false;
  const { blackout } = made;
  if (blackout) {
    const { from, to } = blackout;
    if (from < to ? hour >= from && hour < to : hour >= from || hour < to) return false;
  }
  if (made.everyMinutes !== undefined) return (at - NOW) % (made.everyMinutes * MINUTE_MS) === 0;
  return (made.hours ?? [hour]).includes(hour) && (made.minutes ?? [0]).includes(minute) &&
    (made.weekdays ?? [weekday]).includes(weekday);
}

const found = new WeakMap<Made, number[]>();

function allFires(made: Made | undefined): number[] {
  if (!made) return [];
  const known = found.get(made) ??
    (clocks.get(made.zone) ?? []).filter((minute) => fires(made, minute)).map(({ at }) => at);
  found.set(made, known);
  return known;
}

function bruteForce(before: MadeVersion, after: MadeVersion) {
  const tasks: Record<string, { appear: number[]; go: number[]; move: [number, number][] }> = {};
  const minutes = [new Map<string, number[]>(), new Map<string, number[]>()] as const;
  for (const id of new Set([...before.keys(), ...after.keys()])) {
    const [had, has] = [allFires(before.get(id)), allFires(after.get(id))];
    if (before.has(id)) minutes[0].set(id, had);
    if (after.has(id)) minutes[1].set(id, has);
    const zone = (after.get(id) ?? before.get(id))?.zone ?? "UTC";
    const day = (at: number) => clocks.get(zone)?.[(at - NOW) / MINUTE_MS]?.date ?? "";
    if (before.get(id) === after.get(id)) continue;
    const changes = { appear: [] as number[], go: [] as number[], move: [] as [number, number][] };
    const [hadAll, hasAll] = [new Set(had), new Set(has)];
    const gone = had.filter((at) => !hasAll.has(at));
    const come = has.filter((at) => !hadAll.has(at));
    for (const each of [...new Set([...gone, ...come].map(day))].sort()) {
      const [from, to] = [gone.filter((at) => day(at) === each), come.filter((at) => day(at) === each)];
      const pairs = Math.min(from.length, to.length);
      for (let i = 0; i < pairs; i++) changes.move.push([from[i] ?? 0, to[i] ?? 0]);
      changes.go.push(...from.slice(pairs));
      changes.appear.push(...to.slice(pairs));
    }
    if (changes.move.length + changes.go.length + changes.appear.length > 0) tasks[id] = changes;
  }
  return {
    tasks,
    crowded: crowdsOf(minutes),
    clashes: clashesOf(minutes, before, after),
    access: accessOf(before, after),
  };
}

type Both = readonly [Map<string, number[]>, Map<string, number[]>];

function crowdsOf([old, young]: Both): Record<number, [number, number]> {
  const crowds: Record<number, [number, number]> = {};
  const before = tasksByMinute(old);
  for (const [at, m] of tasksByMinute(young)) {
    const n = before.get(at) ?? 0;
    if (m >= 3 && m > n) crowds[at] = [n, m];
  }
  return crowds;
}

/** How many tasks fire in each minute in which one does. */
function tasksByMinute(fires: Map<string, number[]>): Map<number, number> {
  const counts = new Map<number, number>();
  for (const at of [...fires.values()].flat()) counts.set(at, (counts.get(at) ?? 0) + 1);
  return counts;
}

function clashesOf(
  [old, young]: Both,
  before: MadeVersion,
  after: MadeVersion,
): Record<string, [number, number]> {
  const clashes: Record<string, [number, number]> = {};
  const ids = [...after.keys()].sort();
  const count = (
    version: MadeVersion,
    minutes: Map<string, number[]>,
    lock: string,
    a: string,
    b: string,
  ) => {
    if (!version.get(a)?.locks.includes(lock) || !version.get(b)?.locks.includes(lock)) return 0;
    const wanted = new Set(minutes.get(b));
    return (minutes.get(a) ?? []).filter((at) => wanted.has(at)).length;
  };
  for (const lock of ["x", "y"]) {
    for (const a of ids) {
      for (const b of ids.filter((each) => each > a)) {
        const [n, m] = [count(before, old, lock, a, b), count(after, young, lock, a, b)];
        if (m > n) clashes[`${lock} ${a} ${b}`] = [n, m];
      }
    }
  }
  return clashes;
}

function accessOf(before: MadeVersion, after: MadeVersion): Record<string, string[]> {
  const reach = (made: Made): Record<string, string[]> => {
    const rest = made.net ? [] : ["*"];
    return {
      net: [...made.net ?? ["*"]],
      read: rest,
      write: rest,
      env: rest,
      run: rest,
      sys: rest,
      secrets: [...made.secrets ?? ["*"]],
      databases: ["*"],
    };
  };
  const access: Record<string, string[]> = {};
  for (const [id, made] of after) {
    const old = before.get(id);
    const had = old ? reach(old) : undefined;
    const news = Object.entries(reach(made)).flatMap(([kind, all]) =>
      all.filter((what) => !had?.[kind]?.includes("*") && !had?.[kind]?.includes(what)).map((what) =>
        `${kind} ${what}`
      )
    );
    if (news.length > 0) access[id] = news;
  }
  return access;
}

function asBruteForce(diff: ScheduleDiff): ReturnType<typeof bruteForce> {
  const fired = diff.tasks.filter(({ appear, go, move }) => appear.length + go.length + move.length > 0);
  return {
    tasks: Object.fromEntries(fired.map(({ taskId, appear, go, move }) => [
      taskId,
      { appear: [...appear], go: [...go], move: move.map(({ from, to }): [number, number] => [from, to]) },
    ])),
    crowded: Object.fromEntries(diff.crowded.map(({ at, before, after }) => [at, [before, after]])),
    clashes: Object.fromEntries(
      diff.clashes.map(({ lock, tasks, before, after }) => [[lock, ...tasks].join(" "), [before, after]]),
    ),
    access: Object.fromEntries(
      diff.access.map(({ taskId, grants }) => [
        taskId,
        grants.map(({ kind, what }) => `${kind} ${what ?? "*"}`),
      ]),
    ),
  };
}

async function versionOf(made: MadeVersion): Promise<Version> {
  const tasks = await tasksOf(Object.fromEntries([...made].map(([id, each]) => [id, definitionOf(each)])));
  return { tasks: [...tasks.values()], broken: [] };
}

function compare(before: Version, after: Version): ScheduleDiff {
  return diffOf(before, after, { timezone: "UTC", now: NOW, days: DAYS, defaults: DEFAULTS });
}

Deno.test(`${EDITS} generated edits: fires, crowds, clashes and access are those of brute force`, async () => {
  const random = randomFrom(20_260_320);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const some = <T>(values: readonly T[]): T[] => {
    const chosen = values.filter(() => random() < 0.4);
    return chosen.length > 0 ? chosen : [pick(values)];
  };
  // Hours that no clock change of these zones touches.
  const hours = [6, 7, 8, 9, 12, 18, 22];
  const make = (): Made => ({
    zone: pick(ZONES),
    ...(random() < 0.25 ? { everyMinutes: pick([15, 40, 60, 90, 1_440]) } : {
      hours: some(hours),
      minutes: some([0, 15, 30]),
      ...(random() < 0.4 ? { weekdays: some([0, 1, 2, 3, 4, 5, 6]) } : {}),
    }),
    ...(random() < 0.2 ? { blackout: pick([{ from: 22, to: 7 }, { from: 12, to: 18 }]) } : {}),
    ...(random() < 0.2 ? { dayOff: pick(["2026-03-25", "2026-03-29"]) } : {}),
    locks: random() < 0.8 ? some(["x", "y"]) : [],
    ...(random() < 0.3 ? { net: some(["a.example", "b.example"]) } : {}),
    ...(random() < 0.3 ? { secrets: some(["s", "t"]) } : {}),
  });
  let version: Map<string, Made> = new Map(Array.from({ length: 9 }, (_, i) => [`task_${i}`, make()]));
  let changed = 0;
  const seen = { appear: 0, go: 0, move: 0, crowded: 0, clashes: 0, access: 0 };
  for (let edit = 0; edit < EDITS; edit++) {
    const next = new Map(version);
    const id = `task_${Math.floor(random() * 10)}`;
    const old = next.get(id);
    const kind = random();
    if (!old || kind < 0.3) next.set(id, make());
    else if (kind < 0.4) next.delete(id);
    else if (kind < 0.9) {
      // One of its keys as another task has it.
      const key = pick(
        ["zone", "blackout", "dayOff", "locks", "net", "secrets", "minutes", "weekdays"] as const,
      );
      next.set(id, { ...old, [key]: make()[key] ?? old[key] });
    }
    const diff = compare(await versionOf(version), await versionOf(next));
    const expected = bruteForce(version, next);
    const label = `edit ${edit} of ${id}`;
    assert.deepEqual(asBruteForce(diff), expected, label);
    if (diff.changed) changed++;
    else assert.deepEqual([expected.tasks, expected.access], [{}, {}], label);
    for (const each of diff.tasks) {
      assert.ok(each.isWhole, label);
      seen.appear += each.appear.length;
      seen.go += each.go.length;
      seen.move += each.move.length;
    }
    seen.crowded += diff.crowded.length;
    seen.clashes += diff.clashes.length;
    seen.access += diff.access.length;
    version = next;
  }
  assert.ok(changed > EDITS / 2 && changed < EDITS, `${changed} changed`);
  for (const [what, n] of Object.entries(seen)) assert.ok(n > 20, `only ${n} of ${what}`);
});

Deno.test("a task of seconds is compared as far as it is looked at, and said to be", async () => {
  const versions = await Promise.all([2, 3].map(async (seconds) => ({
    tasks: [...(await tasksOf({ a: { trigger: every({ seconds }) } })).values()],
    broken: [],
  })));
  const [before, after] = versions;
  assert.ok(before && after);
  const [change] = compare(before, after).tasks;
  assert.equal(change?.isWhole, false);
  assert.ok((change?.until ?? 0) > NOW && (change?.until ?? 0) < NOW + 2 * 86_400_000);
  assert.ok((change?.move.length ?? 0) + (change?.go.length ?? 0) > 1_000);
  assert.equal(compare(before, before).changed, false);
});

Deno.test("another trigger with the same fires is said, and so are files that can no longer be read", async () => {
  const task = async (trigger: Definition["trigger"]) => [...(await tasksOf({ a: { trigger } })).values()];
  const before = { tasks: await task(cron({ hour: 6 })), broken: ["old.ts: x"] };
  const after = { tasks: await task([cron({ hour: 6 }), cron({ year: 2030 })]), broken: ["new.ts: y"] };
  const diff = compare(before, after);
  assert.deepEqual(diff.tasks.map(({ taskId, kind, appear, go, move }) => [taskId, kind, appear, go, move]), [
    ["a", "changed", [], [], []],
  ]);
  assert.deepEqual([diff.newlyBroken, diff.repaired], [["new.ts: y"], ["old.ts: x"]]);
});
