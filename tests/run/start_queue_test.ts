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
