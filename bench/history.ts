/**
 * What the history file costs on the scheduler's thread for each run, and how long pages and questions take with a
 * million runs in it.
 *
 * `deno run -A bench/history.ts [runs in the large file]`
 */
import { join } from "node:path";
import { compose } from "../app/service/compose.ts";
import { readConfig } from "../app/config/config.ts";
import { FileBackedHistory } from "../app/history/file_backed.ts";
import type { Run } from "../app/model/run.ts";
import { idFloor } from "../app/history/run_id.ts";
import { SqliteLedger } from "../app/history/sqlite/store.ts";
import { createJournal } from "../app/base/journal.ts";
import { systemClock } from "../app/scheduler/clock.ts";
import { createWebApp } from "../app/web/server.ts";
import { figure, percentile, printTable, say } from "./measure.ts";

const RUNS = 20_000;
const LARGE = Number(Deno.args[0] ?? 1_000_000);
const TASKS = 50;
const OPTIONS = { limit: 100, keep: 1e8, keepMs: 1e13, keepLogsMs: 1e13 };

const folder = await Deno.makeTempDir({ prefix: "carillon-bench-" });
await costOfRuns();
await largeFile();
await Deno.remove(folder, { recursive: true });

function makeRun(number: number, at: number): Run {
  const tail = (number % 0x1000).toString(16).padStart(3, "0");
  return {
    id: `${idFloor(at)}-7${tail}-8000-${number.toString(16).padStart(12, "0")}`,
    taskId: `task_${number % TASKS}`,
    status: "queued",
    cause: "schedule",
    scheduledAt: at,
    queuedAt: at,
    attempt: 1,
    instants: 1,
    params: {},
  };
}

/** A run is queued, begins, writes three lines and ends: all that the scheduler's thread does for it. */
async function costOfRuns(): Promise<void> {
  const rows: string[][] = [];
  for (const lines of [0, 3]) {
    const file = join(folder, `cost-${lines}.db`);
    const store = new FileBackedHistory(
      100,
      {
        open: () => new SqliteLedger(file, OPTIONS, Date.now()),
        setAside: () => "",
        canWrite: () => false,
      },
      (sentence) => say(sentence),
      { logs: `${file}.logs`, artifacts: `${file}.artifacts`, keepLogsMs: 1e13 },
    );
    const costs: number[] = [];
    for (let i = 0; i < RUNS; i++) {
      const run = makeRun(i, 1.7e12 + i);
      const begun = performance.now();
      store.batch(() => {
        store.save(run);
        store.save({ ...run, status: "running", startedAt: run.queuedAt + 1 });
      });
      for (let line = 0; line < lines; line++) {
        store.log(run.id, { at: run.queuedAt, level: "info", text: `copied ${line * 100} rows of orders` });
      }
      store.save({ ...run, status: "succeeded", finishedAt: run.queuedAt + 20, message: `copied ${i} rows` });
      costs.push((performance.now() - begun) * 1_000);
    }
    const [p50, p99, p999] = [0.5, 0.99, 0.999].map((share) => figure(percentile(costs, share)));
    rows.push([`a run with ${lines} lines`, p50 ?? "", p99 ?? "", p999 ?? ""]);
    await store.close();
  }
  printTable(["µs on the scheduler's thread", "p50", "p99", "p99.9"], rows);
}

async function largeFile(): Promise<void> {
  const data = join(folder, "data");
  await Deno.mkdir(data);
  await Deno.mkdir(join(folder, "tasks"));
  for (let i = 0; i < TASKS; i++) {
    await Deno.writeTextFile(
      join(folder, "tasks", `task_${i}.ts`),
      `import { cron, defineTask } from "carillon"; export default defineTask({ trigger: cron({ year: 2999 }), run() {} });`,
    );
  }
  const file = join(data, "carillon.db");
  const begun = performance.now();
  fill(file);
  say(
    `\n${LARGE} runs written in ${((performance.now() - begun) / 1_000).toFixed(0)} s, ` +
      `${((await Deno.stat(file)).size / 1e6).toFixed(0)} MB`,
  );
  const config = readConfig({
    folder,
    environment: {},
    flags: {
      timezone: "UTC",
      "history-keep": "100000000",
      "history-keep-days": "36500",
      "history-log-days": "36500",
    },
  });
  const journal = createJournal({ level: "error", write: (line) => say(line) });
  const opening = performance.now();
  const carillon = await compose(config, systemClock, journal);
  const opened = performance.now() - opening;
  const { operations, queries, auth } = carillon;
  const app = createWebApp({ operations, queries, auth, journal, version: "bench" });
  const page = async (path: string) => {
    const answer = await app.request(`http://localhost:8398${path}`);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
    await answer.text();
  };
  const rows = [["opening, with all task files", figure(opened), "–"]];
  const middle = encodeURIComponent(new Date(1.7e12 + LARGE / 2).toISOString());
  for (
    const [what, path] of [
      ["the list of tasks", "/"],
      ["a task's page", "/tasks/task_7"],
      ["the newest 100 runs", "/api/v1/runs"],
      ["the newest 100 failures", "/api/v1/runs?status=failed"],
      ["failures of a task before a moment", `/api/v1/runs?task=task_7&status=failed&to=${middle}`],
      ["100 runs from the middle", `/api/v1/runs?to=${middle}`],
      ["runs whose text holds a rare word", "/api/v1/runs?text=needle"],
      ["runs whose text holds a common word", "/api/v1/runs?text=copied"],
      ["runs whose text holds two letters", "/api/v1/runs?text=dl"],
    ] as const
  ) {
    const first = await timed(() => page(path));
    const again: number[] = [];
    for (let i = 0; i < 10; i++) again.push(await timed(() => page(path)));
    rows.push([what, figure(first), figure(percentile(again, 0.5))]);
  }
  const durations = await timed(() => queries.runs.durations("task_7", 1_000));
  rows.push(["1,000 durations of a task", figure(durations), "–"]);
  printTable([`ms with ${LARGE} runs`, "first", "then"], rows);
  await carillon.stop();
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

function fill(file: string): void {
  const store = new SqliteLedger(file, OPTIONS, Date.now());
  for (let from = 0; from < LARGE; from += 10_000) {
    store.batch(() => {
      for (let i = from; i < Math.min(LARGE, from + 10_000); i++) {
        const run = makeRun(i, 1.7e12 + i);
        const ended = { startedAt: run.queuedAt, finishedAt: run.queuedAt + i % 100 };
        const rare = i % 100_000 === 7 ? "needle" : "copied";
        if (i % 20 === 0) {
          store.save({
            ...run,
            ...ended,
            status: "failed",
            error: { name: "Error", message: "connection refused" },
          });
        } else {
          store.save({ ...run, ...ended, status: "succeeded", message: `${rare} ${i} rows` });
        }
      }
    });
  }
  while (store.maintain(1.7e12 + LARGE + 10 * 86_400_000)) continue;
  store.close();
}
