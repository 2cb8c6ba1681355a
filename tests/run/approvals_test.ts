/** Runs that wait for the word of another person. Virtual time, no real task code. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { MemoryHistory } from "../../app/history/memory.ts";
import type { Approval, Run } from "../../app/model/run.ts";
import { every } from "../../app/trigger/declare.ts";
import { settled, VirtualClock } from "../support/clock.ts";
import {
  assemble,
  type Assembly,
  type AssemblyOptions,
  type Definition,
  tasksOf,
} from "../support/dispatch.ts";
import { makeFolder } from "../support/folder.ts";
import { NOW, openBacked } from "../history/runs.ts";

const HOUR = 3_600_000;

async function start(definition: Definition, options: AssemblyOptions = {}): Promise<Assembly> {
  return await assemble(await tasksOf({ a: definition }), options);
}

function terms({ clock }: Assembly, rest: Partial<Approval> = {}): Approval {
  return { role: "admin", askedBy: "anna", expiresAt: clock.now() + 2 * HOUR, ...rest };
}

function hold(of: Assembly, rest: Partial<Approval> = {}, note?: string): Run {
  const params = { day: "2026-03-09" };
  return of.approvals.hold(of.task("a"), { cause: "manual", by: "anna", params, note }, terms(of, rest));
}

/** The history file as a program finds it whose predecessor was killed. */
async function asKilled(file: string, name: string): Promise<string> {
  const copy = `${file}.${name}`;
  for (const part of ["", "-wal"]) await Deno.copyFile(`${file}${part}`, `${copy}${part}`);
  return copy;
}

async function statusOf({ history }: Assembly, { id }: Run): Promise<string> {
  const run = await history.get(id);
  return `${run?.status}${run?.message === undefined ? "" : `: ${run.message}`}`;
}

Deno.test("a held run runs nothing until it is approved, and then with the parameters it was asked for", async () => {
  const params: unknown[] = [];
  const of = await start({}, {
    behave: (_id, order) => {
      params.push(order.params);
      return { ms: 0 };
    },
  });
  const run = hold(of, {}, "the bank sent it late");
  await of.clock.advance({ hours: 1 });
  assert.equal(await statusOf(of, run), "awaiting_approval");
  assert.deepEqual(of.executors.begun, []);
  const approved = of.approvals.approve(of.task("a"), run.id, { by: "bob", note: "fine" });
  assert.equal(approved?.status, "running");
  await of.clock.advance({ seconds: 1 });
  const ended = await of.history.get(run.id);
  assert.equal(ended?.status, "succeeded");
  assert.equal(ended?.note, "the bank sent it late");
  assert.deepEqual(ended?.approval, {
    ...terms(of, { expiresAt: NOW + 2 * HOUR }),
    decision: "approved",
    decidedBy: "bob",
    decidedAt: NOW + HOUR,
    note: "fine",
  });
  assert.deepEqual(params, [{ day: "2026-03-09" }]);
});

Deno.test("of two who decide at once the first decides, whatever the second says", async () => {
  for (const first of ["approve", "decline", "cancel"] as const) {
    const of = await start({}, { behave: () => ({}) });
    const run = hold(of);
    const decide = {
      approve: () => of.approvals.approve(of.task("a"), run.id, { by: "bob" }) !== undefined,
      decline: () => of.approvals.decline(run.id, { by: "cleo" }) !== undefined,
      cancel: () => of.approvals.cancel(run.id, "anna"),
    };
    assert.equal(decide[first](), true);
    assert.deepEqual([decide.approve(), decide.decline(), decide.cancel()], [false, false, false]);
    await of.clock.advance({ hours: 3 });
    assert.equal(of.executors.begun.length, first === "approve" ? 1 : 0);
  }
});

Deno.test("a declined run is cancelled with who and why, and nothing follows it", async () => {
  const of = await assemble(
    await tasksOf({
      a: {},
      b: { after: { task: "a", on: "end" } },
      c: { after: { task: "a", on: "failure" } },
    }),
  );
  const run = hold(of);
  of.approvals.decline(run.id, { by: "bob", note: "the books are closed" });
  assert.equal(await statusOf(of, run), "cancelled: declined by bob: the books are closed");
  const silent = hold(of);
  of.approvals.decline(silent.id, { by: "bob" });
  assert.equal(await statusOf(of, silent), "cancelled: declined by bob");
  await of.clock.advance({ minutes: 1 });
  assert.deepEqual(of.executors.begun, []);
});

Deno.test("nobody decides in time: the run is cancelled, at the moment and not before", async () => {
  const of = await start({});
  const run = hold(of);
  await of.clock.advance({ minutes: 119, seconds: 59 });
  assert.equal(await statusOf(of, run), "awaiting_approval");
  await of.clock.advance({ seconds: 1 });
  assert.equal(
    await statusOf(of, run),
    "cancelled: nobody with the role admin approved it by 2026-03-10 12:00:00",
  );
  assert.equal(of.approvals.approve(of.task("a"), run.id, { by: "bob" }), undefined);
  assert.equal(of.clock.sleeping, (await start({})).clock.sleeping, "no timer is left");
});

Deno.test("a system clock that is set forward ends what has waited long enough, one set back gives it its time", async () => {
  const of = await start({});
  const run = hold(of);
  await of.clock.set("2026-03-10T09:00:00Z");
  await of.clock.advance({ minutes: 179 });
  assert.equal(await statusOf(of, run), "awaiting_approval");
  await of.clock.set("2026-03-10T12:30:00Z");
  await of.clock.advance({ seconds: 31 });
  assert.match(await statusOf(of, run), /^cancelled: nobody/);
});

Deno.test("scheduled runs are not held, and are not held up by one that waits", async () => {
  const of = await start({ trigger: every("10m"), approval: { by: "admin", expires: "2h" } });
  const run = hold(of);
  await of.clock.advance({ minutes: 30 });
  assert.deepEqual(await of.told("a"), [
    "10:00:00 awaiting_approval",
    "10:10:00 succeeded",
    "10:20:00 succeeded",
    "10:30:00 succeeded",
  ]);
  of.approvals.approve(of.task("a"), run.id, { by: "bob" });
  await of.clock.advance({ seconds: 1 });
  assert.equal(await statusOf(of, run), "succeeded");
});

Deno.test("an approved run waits its turn like any other", async () => {
  const of = await start({ trigger: every("10m") }, { behave: () => ({ ms: 5 * 60_000 }) });
  await of.clock.advance({ minutes: 11 });
  const run = hold(of);
  of.approvals.approve(of.task("a"), run.id, { by: "bob" });
  assert.equal(await statusOf(of, run), "queued");
  await of.clock.advance({ minutes: 4 });
  assert.equal(await statusOf(of, run), "running");
});

Deno.test("what waits goes on waiting after a stop, a kill and a restart, and its time goes on running", async () => {
  await using folder = makeFolder();
  for (const end of ["stop", "kill"] as const) {
    const file = join(folder.path, `${end}.db`);
    const clock = new VirtualClock("2026-03-10T10:00:00Z");
    const first = await start({}, { clock, history: openBacked(file) });
    const [kept, late] = [hold(first, {}, "why"), hold(first, { expiresAt: clock.now() + HOUR })];
    if (end === "stop") {
      await first.approvals.stop();
      await first.runner.stop();
      await first.history.close();
    }
    await clock.advance({ minutes: 90 });
    const found = end === "kill" ? await asKilled(file, "2") : file;
    const history = openBacked(found, [], () => clock.now());
    const second = await start({}, { clock, history });
    await settled();
    assert.equal(await statusOf(second, kept), "awaiting_approval");
    assert.equal((await history.get(kept.id))?.note, "why");
    assert.match(
      await statusOf(second, late),
      /^cancelled: nobody with the role admin approved it by 2026-03-10 11/,
    );
    second.approvals.approve(second.task("a"), kept.id, { by: "bob" });
    await clock.advance({ seconds: 1 });
    assert.equal(await statusOf(second, kept), "succeeded");
    await second.approvals.stop();
    await history.close();
    if (end === "kill") await first.approvals.stop();
    if (end === "kill") await first.history.close();
  }
});

Deno.test("a run that was approved and cut off is interrupted, however long ago it was asked for", async () => {
  await using folder = makeFolder();
  const file = join(folder.path, "history.db");
  const clock = new VirtualClock("2026-03-10T10:00:00Z");
  const first = await start({}, { clock, history: openBacked(file), behave: () => ({}) });
  const run = hold(first, { expiresAt: clock.now() + 30 * 24 * HOUR });
  // Days go by in which the file forgets where to look for unfinished runs.
  for (let day = 0; day < 5; day++) {
    await clock.advance({ hours: 24 });
    while (first.history.maintain(clock.now())) continue;
  }
  const again = openBacked(await asKilled(file, "2"), [], () => clock.now());
  const second = await start({}, { clock, history: again, behave: () => ({}) });
  for (let day = 0; day < 5; day++) {
    await clock.advance({ hours: 24 });
    while (again.maintain(clock.now())) continue;
  }
  second.approvals.approve(second.task("a"), run.id, { by: "bob" });
  assert.equal(await statusOf(second, run), "running");
  const third = openBacked(await asKilled(`${file}.2`, "3"), [], () => clock.now());
  assert.equal((await third.get(run.id))?.status, "interrupted");
  for (const each of [first, second]) await each.approvals.stop();
  for (const history of [first.history, again, third]) await history.close();
});

Deno.test("a history that ends with the program holds runs too", async () => {
  const of = await start({}, { history: new MemoryHistory(2) });
  const run = hold(of);
  for (let i = 0; i < 5; i++) of.approvals.cancel(hold(of).id);
  assert.equal(await statusOf(of, run), "awaiting_approval");
  assert.deepEqual(of.approvals.all().map(({ id }) => id), [run.id]);
});

Deno.test("a record that waits on no terms, which no Carillon has written, is ended at the start", async () => {
  const history = new MemoryHistory(10);
  const forged: Run = {
    id: "01957fd5-0000-7000-8000-000000000000",
    taskId: "a",
    status: "awaiting_approval",
    cause: "manual",
    queuedAt: NOW,
    attempt: 1,
    instants: 1,
    params: {},
  };
  history.save(forged);
  const of = await start({}, { history });
  assert.match(await statusOf(of, forged), /^interrupted/);
  assert.equal(of.approvals.find(forged.id), undefined);
  assert.equal(of.approvals.find("__proto__"), undefined);
});

Deno.test("while Carillon stops nothing is approved or held any more", async () => {
  const of = await start({});
  const run = hold(of);
  await of.approvals.stop();
  assert.throws(() => of.approvals.approve(of.task("a"), run.id, { by: "bob" }), /is stopping/);
  assert.throws(() => hold(of), /is stopping/);
  assert.equal(await statusOf(of, run), "awaiting_approval");
});
