/** A Carillon with many tasks and thirty runs of each, for the measurements of pages. */
import { readConfig } from "../app/config/config.ts";
import { openHistory } from "../app/history/open.ts";
import { type Application, compose } from "../app/service/compose.ts";
import { createWebApp } from "../app/web/server.ts";
import { VirtualClock } from "../tests/support/clock.ts";
import { makeFolder } from "../tests/support/folder.ts";
import { keptJournal } from "../tests/support/journal.ts";

export const RUNS = 30;

export interface PageWorld extends AsyncDisposable {
  readonly carillon: Application;
  readonly app: ReturnType<typeof createWebApp>;
  readonly clock: VirtualClock;
  readonly loadingMs: number;
}

const task = (i: number) =>
  `import { cron, defineTask } from "carillon";
export default defineTask({ title: "Task number ${i}", tags: "group ${i % 20}", trigger: cron({ hour: ${
    i % 24
  } }), run() {} });`;

/** @param folders the tasks are spread over so many; 0 for none */
export async function makePageWorld(tasks: number, folders: number): Promise<PageWorld> {
  const place = (i: number) => folders === 0 ? "tasks" : `tasks/g${i % folders}`;
  const folder = makeFolder(
    Object.fromEntries(Array.from({ length: tasks }, (_, i) => [`${place(i)}/task_${i}.ts`, task(i)])),
  );
  const config = readConfig({
    folder: folder.path,
    environment: {},
    flags: { timezone: "UTC", "history-file": `${folder.path}/history.db` },
  });
  const clock = new VirtualClock("2026-03-10T10:00:00Z");
  const history = openHistory(
    { file: config.history.file, limit: RUNS, keep: 10_000, keepMs: Infinity, keepLogsMs: Infinity },
    clock,
    () => {},
  );
  const now = clock.now();
  history.batch(() => {
    for (let i = 0; i < tasks; i++) {
      for (let n = 0; n < RUNS; n++) {
        const at = now - (RUNS - n) * 3_600_000;
        const time = at.toString(16).padStart(12, "0");
        history.save({
          id: `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${
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
  await history.close();
  const { journal } = keptJournal();
  const loading = performance.now();
  const carillon = await compose(config, clock, journal);
  const loadingMs = performance.now() - loading;
  const { operations, queries, auth } = carillon;
  return {
    carillon,
    app: createWebApp({ operations, queries, auth, journal, version: "bench" }),
    clock,
    loadingMs,
    async [Symbol.asyncDispose]() {
      await carillon.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}
