/**
 * I4: nothing a task does reaches the clock. Every case of `hostile_cases.ts` in a kind of host, against the
 * executable; while they go on another task fires on time, and the pages answer.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { type BinaryRun, hasBinary, startBinary } from "../support/binary.ts";
import { CASES, type HostileCase, type Kind } from "./hostile_cases.ts";

/** Cases side by side; those in the shared host would end each other. */
const AT_A_TIME: Readonly<Record<Kind, number>> = { worker: 4, process: 4, shared: 1, limited: 4 };
/** How soon a page answers on a machine that has nothing else to do; a busy one is given more. */
const PAGE_MS = Number(Deno.env.get("CARILLON_TEST_PAGE_MS") ?? 3_000);
const LATE_MS = Number(Deno.env.get("CARILLON_TEST_LATE_MS") ?? 3_000);
/** Memory that the clock's process may come to need. */
const CLOCK_MB = 500;

export function testHostileTasks(kind: Kind): void {
  Deno.test({
    name: `${kind}: ${CASES.length} hostile tasks, and none reaches the clock`,
    ignore: !hasBinary(),
    async fn(test) {
      const files = Object.fromEntries(
        CASES.map((each, i) => [`tasks/${idOf(i)}.ts`, source(kind, each, i)]),
      );
      await using app = await startBinary({
        ...files,
        "carillon.ini": "[scheduler]\nmemory = 128\nworkers = 8\n",
        "tasks/tick.ts": `import { defineTask, every } from "carillon";
export default defineTask({ trigger: every("1s"), overlap: "allow", run: ({ run }) => \`late \${Date.now() - run.scheduledAt.epochMilliseconds}\` });`,
      }, ["--history-file="]);
      const next = [...CASES.entries()];
      const failures: string[] = [];
      await Promise.all(Array.from({ length: AT_A_TIME[kind] }, async () => {
        for (let each = next.shift(); each; each = next.shift()) {
          const problem = await tried(app, kind, each[1], each[0]);
          if (problem !== undefined) failures.push(`${each[1].name}: ${problem}`);
        }
      }));
      assert.deepEqual(failures, []);
      await test.step("another task was on time", () => {
        const late = [...app.log().matchAll(/task tick: run \S+ succeeded: late (\d+)/g)].map(([, ms]) =>
          Number(ms)
        );
        assert.ok(late.length > 5, `${late.length} ticks`);
        const bad = /task tick: .*(?:missed|failed|interrupted|skipped)/;
        assert.deepEqual(app.log().split("\n").filter((line) => bad.test(line)), []);
        assert.ok(Math.max(...late) < LATE_MS, `a tick was ${Math.max(...late)} ms late`);
      });
      await test.step("the clock's memory is flat", () => {
        const mb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${app.pid}/status`, "utf8"))?.[1]) /
          1_024;
        assert.ok(mb < CLOCK_MB, `${mb} MB`);
      });
    },
  });
}

/** Runs a case; answers with what went wrong. */
async function tried(app: BinaryRun, kind: Kind, given: HostileCase, i: number): Promise<string | undefined> {
  const answer = await fetch(`${app.address}/trigger/${idOf(i)}`, { method: "POST" });
  const { run_id: id } = await answer.json() as { run_id: string };
  const ended = new RegExp(`run ${id} ((?:succeeded|failed|timed_out|interrupted|cancelled)[^\\n]*)`);
  await app.logged(ended);
  const outcome = ended.exec(app.log())?.[1] ?? "";
  const expected = given.of?.[kind] ?? given.outcome;
  const begun = performance.now();
  const page = await fetch(app.address);
  await page.body?.cancel();
  const took = performance.now() - begun;
  if (page.status !== 200 || took > PAGE_MS) return `the page: ${page.status} after ${took.toFixed(0)} ms`;
  if (/FORGED/.test(outcome)) return `a forged result: ${outcome.slice(0, 200)}`;
  if (!expected.test(outcome)) return `${outcome.slice(0, 300)} does not match ${expected}`;
  const left = sleepers(markOf(kind, i));
  if (left.length > 0) return `left behind: ${left.join(", ")}`;
  if (given.log && (kind === "worker" || kind === "process")) {
    const log = await (await fetch(`${app.address}/runs/${id}/log.txt`)).text();
    if (!given.log.test(log)) {
      return `its log ${JSON.stringify(log.slice(0, 300))} does not match ${given.log}`;
    }
  }
  return undefined;
}

function source(kind: Kind, { body, hangs }: HostileCase, i: number): string {
  const place = kind === "limited" ? `permissions: {},` : `executor: "${kind}",`;
  return `import { defineTask } from "carillon";
export default defineTask({ ${place} ${
    hangs === true || hangs === kind
      ? `timeout: "${kind === "limited" ? "3s" : "700ms"}",`
      : `timeout: "60s",`
  }
  async run({ log, signal, progress }: any) { ${body.replaceAll("MARK", markOf(kind, i))} } } as any);`;
}

function idOf(i: number): string {
  return `case_${i}`;
}

/** Seconds of a sleep that no other case sleeps, nor another test. */
function markOf(kind: Kind, i: number): string {
  return `${70_000 + Deno.pid % 10_000}.${Object.keys(AT_A_TIME).indexOf(kind) + 1}${100 + i}`;
}

/** Processes that sleep so long. */
function sleepers(mark: string): string[] {
  return readdirSync("/proc").filter((each) => /^\d+$/.test(each)).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(mark) && !isZombie(pid);
    } catch {
      return false;
    }
  });
}

function isZombie(pid: string): boolean {
  return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}
