/** A clock that is busy lets in what others have written: nobody who speaks to Carillon waits for its instants (I4). */
import assert from "node:assert/strict";
import { join } from "node:path";
import { systemClock } from "../../app/scheduler/clock.ts";
import { eventLoopTurn } from "../../app/base/event_loop_turn.ts";
import { TurnBudget } from "../../app/worker/pace.ts";
import { makeFolder } from "../support/folder.ts";

/** Turns that a byte which has been written may take to be read; where nothing waits for the system it is some sixty. */
const FEW = 5;

/** A connection, and how many rounds of something pass until a byte that is written to one end is read at the other. */
async function roundsUntilRead(round: () => Promise<unknown>): Promise<number> {
  await using folder = makeFolder({});
  const path = join(folder.path, "socket");
  using listener = Deno.listen({ transport: "unix", path });
  const [near, far] = await Promise.all([Deno.connect({ transport: "unix", path }), listener.accept()]);
  using _near = near;
  using _far = far;
  // Whatever is done only once has been done by then.
  for (let i = 0; i < FEW; i++) await round();
  let read = false;
  const reading = far.read(new Uint8Array(8)).then(() => read = true);
  // The read waits for the system's word.
  await round();
  await near.write(new Uint8Array(1));
  let rounds = 0;
  for (; !read; rounds++) await round();
  await reading;
  return rounds;
}

Deno.test("a turn of the event loop takes in what has arrived", async () => {
  assert.ok(await roundsUntilRead(eventLoopTurn) <= FEW);
});

Deno.test("turns that are asked for together are one, and both come", async () => {
  assert.ok(await roundsUntilRead(() => Promise.all([eventLoopTurn(), eventLoopTurn()])) <= FEW);
});

Deno.test("a clock whose instants follow each other closely takes in what has arrived", async () => {
  const { signal } = new AbortController();
  const rounds = await roundsUntilRead(() => systemClock.sleepUntil(systemClock.now() + 1, signal));
  assert.ok(rounds <= FEW, `${rounds} instants`);
});

Deno.test("where hosts have used their share of a turn, what others say is taken in before the next one", async () => {
  const budget = new TurnBudget();
  const rounds = await roundsUntilRead(async () => {
    budget.spend(() => {
      for (const end = performance.now() + 4; performance.now() < end;) continue;
    });
    assert.ok(budget.isSpent);
    await budget.available();
    assert.ok(!budget.isSpent);
  });
  assert.ok(rounds <= FEW, `${rounds} turns`);
});
