/** Harm in random order, lap after lap: the clock's memory stays flat, and another task fires on time. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { hasBinary, startBinary } from "../support/binary.ts";
import { randomFrom } from "../support/random.ts";
import { CASES } from "./hostile_cases.ts";

/** Ten on a machine of its own; two laps in the ordinary run of the tests. */
const MINUTES = Number(Deno.env.get("CARILLON_TEST_MINUTES") ?? 0);
const AT_A_TIME = 6;
/**
 * Megabytes that the clock may need more in a later lap than in the first, in which each case came once. Logs in memory
 * fill their budget only in the laps after it: 8 million characters of runs that have ended, and up to 2 million of each
 * that goes on, beside code that is compiled as it gets used. A heap comes to twice what lives in it before it is cleared
 * up (`scripts/compile.ts`), and so do these. What grows on after that is a leak.
 */
const GROWTH_MB = 80;
/** At all: the runtime and the program take some 100 of them, and all budgets together less than the rest. */
const PEAK_MB = 300;

Deno.test({
  name: "two laps of harm, or minutes of it, leave the clock as it was",
  ignore: !hasBinary(),
  async fn() {
    const kinds = ["worker", "process", "shared"];
    const files = Object.fromEntries(CASES.map(({ body }, i) => [
      `tasks/case_${i}.ts`,
      `import { defineTask } from "carillon";
export default defineTask({ executor: "${kinds[i % kinds.length]}", timeout: "2s", overlap: "allow",
  async run({ log, signal, progress }: any) { ${body.replaceAll("MARK", "6666.6")} } } as any);`,
    ]));
    await using app = await startBinary({
      ...files,
      "carillon.ini": "[scheduler]\nmemory = 128\nworkers = 6\n",
      "tasks/tick.ts": `import { defineTask, every } from "carillon";
export default defineTask({ trigger: every("1s"), overlap: "allow", run: () => "tick" });`,
    }, ["--history-file="]);
    const until = performance.now() + MINUTES * 60_000;
    const seed = Number(Deno.env.get("CARILLON_TEST_SEED") ?? Date.now() % 100_000);
    const random = randomFrom(seed);
    const residentMb: number[] = [];
    let order: number[] = [];
    let laps = 0;
    const next = () => {
      if (order.length === 0 && (laps < 2 || performance.now() < until)) {
        laps++;
        order = Array.from(CASES.keys(), (i) => ({ i, at: random() })).sort((a, b) => a.at - b.at).map((
          { i },
        ) => i);
      }
      return order.pop();
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, async () => {
      for (let i = next(); i !== undefined; i = next()) {
        const answer = await fetch(`${app.address}/trigger/case_${i}`, { method: "POST" });
        const { run_id: id } = await answer.json() as { run_id: string };
        await app.logged(new RegExp(`run ${id} (?:succeeded|failed|timed_out|interrupted|cancelled)`));
        residentMb.push(residentMbOf(app.pid));
      }
    }));
    const first = Math.max(...residentMb.slice(0, CASES.length));
    const later = Math.max(...residentMb.slice(CASES.length));
    const say = `seed ${seed}: ${first} MB in the first lap, then ${later} MB in ${residentMb.length} runs`;
    assert.ok(residentMb.length >= 2 * CASES.length, say);
    assert.ok(later - first < GROWTH_MB, say);
    assert.ok(later < PEAK_MB, say);
    const bad = /task tick: .*(?:failed|interrupted|timed_out)/;
    assert.deepEqual(app.log().split("\n").filter((line) => bad.test(line)), []);
    assert.equal((await fetch(app.address)).status, 200);
  },
});

function residentMbOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024;
}
