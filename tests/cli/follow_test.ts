/** The log of a run at the terminal: each line once, however long it gets, and where some are missing that is said. */
import assert from "node:assert/strict";
import { EventBus } from "../../app/events/bus.ts";
import { MemoryHistory } from "../../app/history/memory.ts";
import type { Run } from "../../app/model/run.ts";
import { LiveRuns } from "../../app/service/live_runs.ts";
import { follow } from "../../app/cli/follow.ts";
import { settled } from "../support/clock.ts";

const RUN: Run = {
  id: "r",
  taskId: "a",
  status: "running",
  cause: "cli",
  queuedAt: 0,
  startedAt: 0,
  attempt: 1,
  instants: 1,
  params: {},
};

/** A run that writes so many lines, so many in a turn, and what is shown of it. */
async function shown(lines: number, atOnce: number): Promise<readonly string[]> {
  const events = new EventBus(assert.fail);
  const history = new MemoryHistory(10);
  const live = new LiveRuns(events, history);
  history.save(RUN);
  const written: string[] = [];
  const following = follow(
    { follow: (id) => live.follow(id), logParts: (id, query) => history.logParts(id, query) },
    RUN.id,
    (line) => written.push(line),
  );
  await settled();
  for (let n = 0; n < lines; n++) {
    const line = { at: n, level: "info", text: `line ${n}` } as const;
    history.log(RUN.id, line);
    events.emit("run.logged", { runId: RUN.id, line });
    if (n % atOnce === atOnce - 1) { while (written.length <= n) await settled(); }
  }
  const run: Run = { ...RUN, status: "failed", message: "no", finishedAt: lines };
  history.save(run);
  events.emit("run.ended", { run });
  assert.equal(await following, 1);
  return written;
}

Deno.test("a log of more lines than are kept is shown to its end, each line once", async () => {
  const written = await shown(12_000, 1_000);
  assert.deepEqual(written, Array.from({ length: 12_000 }, (_, n) => `INFO  line ${n}`));
});

Deno.test("where lines came faster than they could be shown it is said how many are missing", async () => {
  const written = await shown(12_000, 20_000);
  const [gap = "", ...others] = written.filter((line) => !line.startsWith("INFO"));
  assert.deepEqual(others, []);
  assert.match(gap, /^… 6800 lines are left out here: /);
  assert.equal(written.length, 5_201);
  assert.equal(written.at(-1), "INFO  line 11999");
});
