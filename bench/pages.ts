/** How long the list of 2,000 tasks takes, with thirty runs each: whole, as its live part, and where nothing has changed. */
import { Carillon } from "../app/carillon.ts";
import { readConfig } from "../app/config.ts";
import { createWebApp } from "../app/web/app.ts";
import { VirtualClock } from "../tests/support/clock.ts";
import { makeFolder } from "../tests/support/folder.ts";
import { keptJournal } from "../tests/support/journal.ts";
import { figure, percentile, printTable, say } from "./measure.ts";

const TASKS = 2_000;
const RUNS = 30;
const PASSES = 20;

const task = (i: number) =>
  `import { cron, defineTask } from "carillon";
export default defineTask({ title: "Task number ${i}", tags: "group ${i % 20}", trigger: cron({ hour: ${
    i % 24
  } }), run() {} });`;

await using folder = makeFolder(
  Object.fromEntries(Array.from({ length: TASKS }, (_, i) => [`tasks/g${i % 10}/task_${i}.ts`, task(i)])),
);
const config = readConfig({
  folder: folder.path,
  environment: {},
  flags: { timezone: "UTC", "history-file": `${folder.path}/history.db` },
});
const clock = new VirtualClock("2026-03-10T10:00:00Z");
const loading = performance.now();
const carillon = await Carillon.open(config, clock, keptJournal().journal);
say(`${TASKS} task files loaded in ${((performance.now() - loading) / 1_000).toFixed(1)} s`);
const now = clock.now();
carillon.history.batch(() => {
  for (let i = 0; i < TASKS; i++) {
    for (let n = 0; n < RUNS; n++) {
      const at = now - (RUNS - n) * 3_600_000;
      carillon.history.save({
        id: `${at.toString(16).padStart(12, "0").replace(/^(.{8})/, "$1-")}-7000-8000-${
          (i * RUNS + n).toString(16).padStart(12, "0")
        }`,
        taskId: `task_${i}`,
        status: n % 9 === 8 ? "failed" : "succeeded",
        cause: "schedule",
        queuedAt: at,
        startedAt: at,
        finishedAt: at + 100 + n * 37,
        attempt: 1,
        instants: 1,
        params: {},
      });
    }
  }
});
const app = createWebApp({ carillon, version: "bench" });

async function measure(path: string, headers: Record<string, string>): Promise<string[]> {
  const times: number[] = [];
  let bytes = 0;
  let status = 0;
  for (let pass = 0; pass < PASSES; pass++) {
    const begun = performance.now();
    const answer = await app.request(`http://localhost:8398${path}`, { headers });
    bytes = (await answer.arrayBuffer()).byteLength;
    times.push(performance.now() - begun);
    status = answer.status;
  }
  return [
    `${status}`,
    `${figure(bytes / 1_000)} kB`,
    figure(percentile(times, 0.5)),
    figure(Math.max(...times)),
  ];
}

const live = { "hx-request": "true" };
const begun = performance.now();
const first = await app.request("http://localhost:8398/", { headers: live });
await first.arrayBuffer();
say(`the first look took ${figure(performance.now() - begun)} ms`);
const rows = [
  ["the whole page", ...await measure("/", {})],
  ["the same, compressed", ...await measure("/", { "accept-encoding": "gzip" })],
  ["its live part", ...await measure("/", live)],
  ["filtered to 100", ...await measure("/?tag=group+7", live)],
  [
    "nothing has changed",
    ...await measure("/", { ...live, "if-none-match": first.headers.get("etag") ?? "" }),
  ],
  ["the timeline", ...await measure("/timeline", live)],
  ["the system page", ...await measure("/system", live)],
];
say(`\n${TASKS} tasks with ${RUNS} runs each; milliseconds of ${PASSES} answers\n`);
printTable(["", "status", "body", "median", "longest"], rows);
await carillon.stop();
