/** The door and its guards: what one may not see is not there, what one may see but not do is refused. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { Access, EVERYTHING, NOTHING, type Right, RIGHTS, TASK_RIGHTS } from "../../app/model/access.ts";
import type { Actor } from "../../app/model/actor.ts";
import { Door } from "../../app/service/door.ts";
import { OPERATION_RIGHTS, PEOPLE_OPERATION_RIGHTS } from "../../app/service/rights.ts";
import { Refusal, type RefusalKind } from "../../app/service/refusal.ts";
import { startCarillon, startRun, startStill, type TestCarillon } from "../support/carillon.ts";

const TASK = (extra = "") =>
  `import { cron, defineTask, z } from "carillon";
   export default defineTask({ params: z.object({ day: z.string().default("1") }), ${extra}
     trigger: cron("0 3 * * *"), run: ({ params, log }) => { log.info("day " + params.day); return params.day; } });`;

const FILES = {
  "tasks/finance/ledger.ts": TASK(`tags: ["books"],`),
  "tasks/finance/bank.ts": TASK(),
  "tasks/hr/salaries.ts": TASK(`tags: ["books"],`),
  "tasks/hr/broken.ts": "export default 1;",
};

function folder(name: string, ...rights: Right[]): Access {
  return new Access([{
    rights: new Set(rights),
    tasks: [{ text: `${name}/*`, matches: ({ path }) => path.startsWith(`${name}/`) }],
  }]);
}

function actor(access?: Access): Actor {
  return { channel: "page", access };
}

async function refused(kind: RefusalKind, work: () => unknown): Promise<void> {
  await assert.rejects(
    async () => await work(),
    (error) => error instanceof Refusal && error.kind === kind,
  );
}

async function withDoor(work: (test: TestCarillon, door: Door) => Promise<void>): Promise<void> {
  await using test = await startStill(FILES);
  await work(test, new Door(test.carillon.operations, test.carillon.queries));
}

Deno.test("what one may not see is not there: in lists, counts, runs, logs, searches and reports", async () => {
  await withDoor(async (test, door) => {
    const [ledger, salaries] = [await startRun(test, "ledger"), await startRun(test, "salaries")];
    for (const { id } of [ledger, salaries]) await test.ended(id);
    const seen = door.queries(folder("finance", "view", "parameters"));
    await seen.activity.ready();
    assert.deepEqual(seen.tasks.ids().toSorted(), ["bank", "ledger"]);
    assert.equal(seen.tasks.find("salaries"), undefined);
    assert.equal(seen.tasks.titleOf("salaries", "en"), "salaries");
    assert.equal(seen.tasks.nextOf("salaries"), null);
    assert.deepEqual(seen.tasks.upcoming("salaries", test.clock.now(), 5), []);
    assert.deepEqual(seen.tasks.broken(), []);
    assert.equal(door.all.tasks.broken().length, 1);
    await refused("unknown", () => seen.tasks.get("salaries"));
    await refused("unknown", () => seen.runs.get(salaries.id));
    assert.equal((await seen.runs.get(ledger.id)).params.day, undefined);
    assert.deepEqual((await seen.runs.search({ limit: 10 })).map(({ taskId }) => taskId), ["ledger"]);
    assert.deepEqual(await seen.runs.search({ limit: 10, text: "day 1", taskId: "salaries" }), []);
    assert.deepEqual((await seen.runs.search({ limit: 10, text: "day 1" })).map(({ id }) => id), [ledger.id]);
    assert.deepEqual(await seen.runs.lines(salaries.id), []);
    assert.equal((await seen.runs.logSize(salaries.id)).lines, 0);
    assert.deepEqual(await Array.fromAsync(seen.runs.logParts(salaries.id)), []);
    assert.deepEqual(await Array.fromAsync(seen.runs.follow(salaries.id)), []);
    assert.deepEqual(await seen.runs.recent("salaries"), []);
    assert.deepEqual([...(await seen.runs.last(["salaries", "ledger"])).keys()], ["ledger"]);
    assert.deepEqual(await seen.runs.durations("salaries", 5), []);
    const span = { from: 0, to: test.clock.now() + 1, limit: 100 };
    assert.deepEqual((await seen.runs.outcomes(span)).map(({ taskId }) => taskId), ["ledger"]);
    const lately = { ...span, from: test.clock.now() - 1_000 };
    assert.deepEqual((await seen.activity.outcomes(lately)).map(({ taskId }) => taskId), ["ledger"]);
    const { failures, ...activity } = seen.activity.of("salaries");
    assert.deepEqual(activity, { active: [], outcomes: [], changed: 0 });
    assert.equal(failures.since(0), 0);
    assert.equal((await seen.today.report(lately, 4)).succeeded, 1);
    assert.equal((await door.all.today.report(lately, 4)).succeeded, 2);
    assert.deepEqual((await seen.report.report({})).tasks.map(({ taskId }) => taskId), ["bank", "ledger"]);
    await refused("unknown", () => seen.report.report({}, "salaries"));
    await refused("unknown", () => seen.backfills.preview("salaries", { from: "2026-03-01" }));
  });
});

Deno.test("a right for a tag is one for tasks of every folder with it", async () => {
  await withDoor((_, door) => {
    const books = new Access([{
      rights: new Set(["view"]),
      tasks: [{ text: "tag:books", matches: ({ tags }) => tags.includes("books") }],
    }]);
    assert.deepEqual(door.queries(books).tasks.ids().toSorted(), ["ledger", "salaries"]);
    return Promise.resolve();
  });
});

Deno.test("parameters, results and source are rights of their own", async () => {
  await withDoor(async (test, door) => {
    const run = await startRun(test, "ledger", { day: "7" });
    await test.ended(run.id);
    const eyes = door.queries(folder("finance", "view"));
    const { params, result, message } = await eyes.runs.get(run.id);
    assert.deepEqual([params, result, message], [{}, undefined, undefined]);
    await eyes.activity.ready();
    assert.deepEqual(eyes.activity.of("ledger").outcome?.params, {});
    await refused("forbidden", () => eyes.tasks.source("ledger"));
    await refused("unknown", () => eyes.tasks.source("salaries"));
    const more = door.queries(folder("finance", "view", "parameters", "source"));
    assert.deepEqual((await more.runs.get(run.id)).params, { day: "7" });
    assert.match(await more.tasks.source("ledger"), /defineTask/);
    const [broken] = door.all.tasks.broken();
    assert.ok(broken);
    await refused("unknown", () => more.tasks.brokenSource(broken));
    assert.equal(await door.queries(folder("hr", "view")).tasks.brokenSource(broken), undefined);
  });
});

Deno.test("what a run has returned is in no message either, on pages, in lists and among events, unless one may see it", async () => {
  const task = (returned: string) =>
    `import { defineTask } from "carillon"; export default defineTask({ run: () => (${returned}) });`;
  await using test = await startCarillon({
    "tasks/finance/pay.ts": task(`{ salary: 5000, of: "Anna" }`),
    "tasks/finance/number.ts": task("5000"),
    "tasks/finance/says.ts": task(`"1,565 rows"`),
  });
  const door = new Door(test.carillon.operations, test.carillon.queries);
  const eyes = door.queries(folder("finance", "view"));
  const stop = new AbortController();
  const events = eyes.events.follow({ signal: stop.signal });
  for (const [task, shown] of [["pay", undefined], ["number", undefined], ["says", "1,565 rows"]] as const) {
    const ended = (async () => {
      for (;;) {
        const { value } = await events.next();
        if (value?.kind === "event" && value.event.name === "run.ended") return value.event.run;
      }
    })();
    const { id } = await startRun(test, task);
    await test.ended(id);
    assert.equal((await ended)?.message, shown, task);
    assert.equal((await eyes.runs.get(id)).message, shown, task);
    await eyes.activity.ready();
    assert.equal(eyes.activity.of(task).outcome?.message, shown, task);
    const all = door.queries(folder("finance", "view", "parameters"));
    assert.match((await all.runs.get(id)).message ?? "", /5000|rows/);
  }
  stop.abort();
});

Deno.test("what one may see but not do is refused, and nothing happens", async () => {
  await withDoor(async ({ carillon }, door) => {
    const { operations } = door;
    const eyes = actor(folder("finance", "view"));
    await refused("forbidden", () => operations.run(eyes, "ledger", []));
    await refused("unknown", () => operations.run(eyes, "salaries", []));
    await refused("unknown", () => operations.run(eyes, "never", []));
    await refused("forbidden", () => operations.pause(eyes, ["ledger"]));
    await refused("unknown", () => operations.pause(eyes, ["ledger", "salaries"]));
    await refused("forbidden", () => operations.backfill(eyes, "ledger", { from: "2026-03-01" }));
    await refused("forbidden", () => operations.acknowledge(eyes, "x", ["ledger"], ""));
    await refused("forbidden", () => operations.reload(eyes));
    await refused("forbidden", () => operations.testDatabase(eyes, "main"));
    await refused("forbidden", () => operations.notify.mute(eyes, "mail", undefined));
    // Who has no access at all sees nothing.
    await refused("unknown", () => operations.run(actor(), "ledger", []));
    await refused("unknown", () => operations.run(actor(NOTHING), "ledger", []));
    assert.deepEqual(await carillon.queries.runs.search({ limit: 1 }), []);
    assert.equal(carillon.queries.tasks.pausedCount, 0);
    const runs = actor(folder("finance", "view", "run"));
    const answer = await operations.run(runs, "ledger", []);
    assert.ok(answer.ok);
    await refused("forbidden", () => operations.cancel(runs, answer.run.id));
    await refused("unknown", () => operations.cancel(actor(folder("hr", "view", "cancel")), answer.run.id));
    const again = await operations.rerun(runs, answer.run.id);
    assert.ok(again.ok);
  });
});

/** What each operation is called with; one that is not here does not pass the types. */
const CALLS: {
  readonly [M in keyof typeof OPERATION_RIGHTS]: (run: string, backfill: string, plan: string) => unknown[];
} = {
  run: () => ["ledger", []],
  start: () => ["ledger", {}],
  rerun: (run) => [run],
  cancel: (run) => [run],
  approve: (run) => [run],
  decline: (run) => [run],
  backfill: () => ["ledger", { from: "2026-03-09", to: "2026-03-09" }],
  cancelBackfill: (_run, backfill) => [backfill],
  cancelPlanned: (_run, _backfill, plan) => [plan],
  pause: () => [["ledger"]],
  resume: () => [["ledger"]],
  acknowledge: () => ["x", ["ledger"], ""],
  reload: () => [],
  testDatabase: () => ["main"],
};

Deno.test("every operation × nobody, all rights but its own, its own in another folder, its own", async () => {
  await withDoor(async (test, door) => {
    const { id } = await test.ended((await startRun(test, "ledger")).id);
    const begun = await test.carillon.operations.backfill(actor(), "ledger", {
      from: "2026-03-09",
      to: "2026-03-09",
    });
    assert.ok(begun.ok);
    test.folder.write(
      "tasks/finance/planner.ts",
      `import { defineTask, schedule } from "carillon";
       export default defineTask({ run() { schedule("ledger", "2030-01-01T00:00:00Z"); } });`,
    );
    await test.carillon.operations.reload(actor());
    await test.ended((await startRun(test, "planner")).id);
    const [plan] = test.carillon.queries.tasks.planned();
    assert.ok(plan);
    const all: Record<string, { readonly right: Right; readonly about?: unknown }> = OPERATION_RIGHTS;
    for (const [name, given] of Object.entries(CALLS)) {
      const { right, about } = all[name] ?? { right: "view" };
      const operations = door.operations as unknown as Record<string, (...given: unknown[]) => unknown>;
      const call = (access: Access) =>
        operations[name]?.(actor(access), ...given(id, begun.progress.plan.id, plan.id));
      const others = new Access([{ rights: new Set(RIGHTS.filter((each) => each !== right)), tasks: "all" }]);
      await refused(about ? "unknown" : "forbidden", () => call(NOTHING));
      await refused("forbidden", () => call(others));
      if (about) await refused("unknown", () => call(folder("hr", ...TASK_RIGHTS)));
      const own = about ? folder("finance", right) : new Access([{ rights: new Set([right]), tasks: "all" }]);
      try {
        await call(own);
      } catch (error) {
        // Not as things are now: that is no question of rights.
        assert.ok(error instanceof Refusal && error.kind === "conflict", `${name}: ${error}`);
      }
    }
  });
});

/** The same for users and tokens. */
const PEOPLE_CALLS: { readonly [M in keyof typeof PEOPLE_OPERATION_RIGHTS]: readonly unknown[] } = {
  addUser: ["bo", ["viewer"]],
  setRoles: ["bo", ["viewer"]],
  renewPassword: ["bo"],
  signOutUser: ["bo"],
  removeUser: ["bo"],
  createToken: [{ name: "robot", rights: "view" }],
  revokeToken: ["robot"],
};

Deno.test("users and tokens are for administrators, and nobody's where nobody signs in", async () => {
  await withDoor(async ({ carillon }, door) => {
    const people = door.operations.people as unknown as Record<string, (...given: unknown[]) => unknown>;
    const others = new Access([{
      rights: new Set(RIGHTS.filter((right) => right !== "users")),
      tasks: "all",
    }]);
    for (const [name, given] of Object.entries(PEOPLE_CALLS)) {
      for (const access of [NOTHING, others, folder("finance", "users")]) {
        await refused("forbidden", () => people[name]?.(actor(access), ...given));
      }
      await refused("conflict", () => people[name]?.(actor(EVERYTHING), ...given));
    }
    for (const question of ["mode", "roles", "all", "tokens"] as const) {
      await refused("forbidden", () => door.queries(others).people[question]());
    }
    assert.deepEqual(carillon.queries.people.tokens(), []);
    assert.equal(existsSync(carillon.auth.file.path), false);
  });
});

Deno.test("what an operation answers is for the eyes of whoever asked", async () => {
  await withDoor(async (test, door) => {
    const run = await startRun(test, "ledger", { day: "secret" });
    await test.ended(run.id);
    const again = await door.operations.rerun(actor(folder("finance", "run")), run.id);
    assert.ok(again.ok);
    assert.deepEqual(again.run.params, {});
    assert.deepEqual((await test.carillon.queries.runs.get(again.run.id)).params, { day: "secret" });
    const eyes = await door.operations.rerun(actor(folder("finance", "run", "parameters")), run.id);
    assert.deepEqual(eyes.ok && eyes.run.params, { day: "secret" });
  });
});

Deno.test("rights of Carillon as a whole are refused, or their answers made less", async () => {
  await withDoor(async (_, door) => {
    const { system, notify, metrics } = door.queries(folder("finance", ...TASK_RIGHTS));
    await refused("forbidden", () => metrics.text("1"));
    await refused("forbidden", () => system.warmHosts);
    await refused("forbidden", () => notify.deliveries(5));
    assert.deepEqual(notify.undelivered(), []);
    await refused("forbidden", () => system.databases());
    assert.ok(system.notReady().every(({ why }) => why === ""));
  });
});

Deno.test("an access is known by what it opens, and all of it is all", () => {
  const rights = new Set<Right>(["run", "view"]);
  assert.equal(
    new Access([{ rights, tasks: "all" }]).key,
    new Access([{ rights: new Set<Right>(["view", "run"]), tasks: "all" }]).key,
  );
  assert.notEqual(folder("a", "view").key, folder("b", "view").key);
  assert.ok(EVERYTHING.isUnlimited);
  assert.ok(!folder("a", ...RIGHTS).isUnlimited && !NOTHING.isUnlimited);
  // Runs of tasks that are gone are for those who see all.
  assert.ok(!folder("a", "view").may("view", undefined));
});

Deno.test("what has no row in the table is nobody's", async () => {
  await withDoor((_, door) => {
    const { tasks } = door.queries(folder("finance", "view"));
    assert.throws(() => tasks.parts, /no row in app\/service\/rights.ts/);
    assert.throws(() => door.operations.parts, /no row/);
    return Promise.resolve();
  });
});
