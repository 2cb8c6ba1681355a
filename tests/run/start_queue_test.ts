/** Who of those that wait for a worker goes next. */
import assert from "node:assert/strict";
import { type Claim, StartQueue } from "../../app/run/start_queue.ts";

interface TestClaim extends Claim {
  readonly suited: number;
}

function claim(id: string, rank: number, suited = 0, more: Partial<TestClaim> = {}): TestClaim {
  return {
    taskId: id,
    run: { id },
    rank,
    suited,
    locks: [],
    concurrency: 1,
    isBackfill: false,
    needsSlot: true,
    place: "waiting",
    ...more,
  };
}

/** One worker; what has it leaves when everybody else is there, and so does each that follows. */
function orderOf(waiting: readonly TestClaim[]): string[] {
  const started: TestClaim[] = [];
  const queue = new StartQueue<TestClaim>(1, (each) => void started.push(each), ({ suited }) => suited);
  const holder = claim("holder", 0);
  queue.enter(holder);
  for (const each of waiting) queue.enter(each);
  for (let at = 0; at <= waiting.length; at++) {
    const next = started[at];
    assert.ok(next, `nothing begins after ${started.map(({ taskId }) => taskId)}`);
    queue.leave(next);
  }
  assert.equal(queue.slots, 0);
  return started.slice(1).map(({ taskId }) => taskId);
}

Deno.test("of runs that suit the worker alike, the most urgent goes first", () => {
  assert.deepEqual(orderOf([claim("c", 30), claim("a", 10), claim("b", 20)]), ["a", "b", "c"]);
});

Deno.test("of runs that wait about as long, the one that suits the free worker best goes first", () => {
  const waiting = [claim("any", 0, 2), claim("new", 100, 1), claim("held", 200, 0), claim("also", 200, 0)];
  assert.deepEqual(orderOf(waiting), ["held", "also", "new", "any"]);
});

Deno.test("a run that came much later, or is less urgent, passes nobody", () => {
  assert.deepEqual(orderOf([claim("first", 0, 2), claim("late", 201, 0)]), ["first", "late"]);
});

Deno.test("a run that has a lock to wait for passes nobody", () => {
  const waiting = [claim("first", 0, 2), claim("locked", 1, 0, { locks: ["l"] })];
  assert.deepEqual(orderOf(waiting), ["first", "locked"]);
});

Deno.test("where thousands wait, a start looks at a few of them, and none is looked at while no worker is free", () => {
  const ALL = 5_000;
  let looks = 0;
  const started: TestClaim[] = [];
  const queue = new StartQueue<TestClaim>(1, (each) => void started.push(each), () => {
    looks++;
    return 1;
  });
  const late = claim("late", 0);
  queue.enter(claim("holder", 0));
  for (let i = 0; i < ALL; i++) queue.enter(claim(`t${i}`, 1));
  queue.enter(late);
  assert.equal(looks, 0);
  queue.leave(late);
  assert.equal(looks, 0);
  for (let at = 0; at <= ALL; at++) {
    const next = started[at];
    assert.ok(next, `nothing begins after ${at}`);
    queue.leave(next);
  }
  assert.equal(started.length, ALL + 1);
  assert.ok(looks <= 40 * ALL, `${looks} looks`);
});

Deno.test("a run that ends as soon as it starts lets the others go on, those with locks too", () => {
  const ended: string[] = [];
  const queue: StartQueue<TestClaim> = new StartQueue<TestClaim>(2, (each) => {
    if (each.taskId === "holder") return;
    ended.push(each.taskId);
    queue.leave(each);
  });
  const holder = claim("holder", 0, 0, { locks: ["l"] });
  queue.enter(holder);
  queue.enter(claim("locked", 1, 0, { locks: ["l"] }));
  queue.enter(claim("behind", 2, 0, { locks: ["l", "m"] }));
  queue.enter(claim("free", 3, 0, { locks: ["n"] }));
  assert.deepEqual(ended, ["free"]);
  queue.leave(holder);
  assert.deepEqual(ended, ["free", "locked", "behind"]);
  assert.equal(queue.slots, 0);
  assert.equal(queue.active.size, 0);
});
