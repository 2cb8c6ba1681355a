/** Runs that were cut off: while one follows by itself nobody is told; once none does, somebody is, once. */
import assert from "node:assert/strict";
import { MemoryHistory } from "../../app/history/memory.ts";
import type { RunAnswer } from "../../app/model/order.ts";
import { listen } from "../../app/notify/listen.ts";
import type { Notice } from "../../app/notify/notice.ts";
import { every } from "../../app/trigger/declare.ts";
import { settled } from "../support/clock.ts";
import {
  assemble,
  type Assembly,
  type AssemblyOptions,
  type Definition,
  tasksOf,
} from "../support/dispatch.ts";

const CUT: RunAnswer = { kind: "interrupted", message: "its host was lost" };

/** What is heard of an assembly from now on. */
function heardOf({ events, clock, tasks }: Assembly): readonly Notice[] {
  const heard: Notice[] = [];
  listen({
    events,
    clock,
    notifier: {
      hear: (notice) => heard.push(notice),
      isOpen: () => false,
      openSubjects: () => new Set(),
      forget() {},
      acknowledge: () => false,
    },
    promisesOf: (id) => {
      const policies = tasks.get(id)?.description.policies;
      return policies &&
        { expectsEvery: false, jitterMs: 0, startsAgain: policies.interrupted === "again" };
    },
    tasks: () => new Set(tasks.keys()),
    brokenFiles: () => new Set(),
    fileName: (file) => file,
  });
  return heard;
}

async function start(definition: Definition, options: AssemblyOptions = {}) {
  return await assemble(await tasksOf({ a: definition }), {
    history: new MemoryHistory(1_000),
    behave: () => ({ ms: 1_000, answer: CUT }),
    ...options,
  });
}

Deno.test("a run that is cut off each time is told once it is not started again", async () => {
  const going = await start({ interrupted: "again" });
  const heard = heardOf(going);
  going.dispatcher.startAsked(going.task("a"), { cause: "manual", params: {} });
  await going.clock.advance({ milliseconds: 5_500 });
  assert.deepEqual(heard, []);
  await going.clock.advance({ minutes: 1 });
  const runs = await going.history.recent("a");
  assert.equal(runs.length, 6);
  assert.deepEqual(heard.map(({ kind, run }) => [kind, run]), [["failed", runs[0]?.id]]);
  assert.match(going.lines.join("\n"), /is not started again: it and those before it were cut off 6 times/);
});

Deno.test("one whose parameters are not kept is told at once", async () => {
  const going = await start({ interrupted: "again" });
  const heard = heardOf(going);
  const { id } = going.dispatcher.startAsked(going.task("a"), { cause: "manual", params: { key: "•••" } });
  await going.clock.advance({ seconds: 2 });
  assert.equal((await going.history.recent("a")).length, 1);
  assert.deepEqual(heard.map(({ kind, run }) => [kind, run]), [["failed", id]]);
});

Deno.test("one that cannot be looked at in the history is told, too", async () => {
  const history = new MemoryHistory(1_000);
  const going = await start({ interrupted: "again" }, { history });
  const heard = heardOf(going);
  history.recent = () => Promise.reject(new Error("the disk is gone"));
  const { id } = going.dispatcher.startAsked(going.task("a"), { cause: "manual", params: {} });
  await going.clock.advance({ seconds: 2 });
  assert.deepEqual(heard.map(({ kind, run }) => [kind, run]), [["failed", id]]);
});

for (const interrupted of ["again", "leave"] as const) {
  Deno.test(`a backfill's run is told once it is given up, with interrupted: ${interrupted}`, async () => {
    const going = await start({ trigger: every("1h"), interrupted });
    const heard = heardOf(going);
    going.backfills.begin({
      id: "bf-1-0000",
      taskId: "a",
      from: 0,
      to: 1_000,
      instants: [0],
      atOnce: 1,
      params: {},
      askedAt: going.clock.now(),
    });
    await settled();
    await going.clock.advance({ seconds: 30 });
    const failed = heard.filter(({ kind }) => kind === "failed");
    const [last, ...before] = await going.history.recent("a");
    assert.equal(before.length, 5);
    assert.deepEqual(failed.map(({ run }) => run), [last?.id]);
    await going.scheduler.stop();
  });
}
