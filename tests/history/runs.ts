/** Runs and history files for the tests of the history. */
import assert from "node:assert/strict";
import { FileBackedHistory } from "../../app/history/file_backed.ts";
import { idFloor } from "../../app/history/run_id.ts";
import { SqliteLedger, type SqliteOptions } from "../../app/history/sqlite/store.ts";
import type { Run, RunStatus } from "../../app/model/run.ts";

export const NOW = Date.parse("2026-03-10T10:00:00Z");
export const LIMIT = 3;
export const DAY_MS = 86_400_000;

/** Ids as runs have them: they sort by time. */
export function idOf(number: number): string {
  return `${idFloor(NOW + number)}-7000-8000-000000000000`;
}

export function numberOf(id: string): number {
  return parseInt(id.slice(0, 13).replace("-", ""), 16) - NOW;
}

export function makeRun(number: number, status: RunStatus, rest: Partial<Run> = {}): Run {
  return {
    id: idOf(number),
    taskId: "task",
    status,
    cause: "schedule",
    queuedAt: NOW + number,
    attempt: 1,
    instants: 1,
    params: {},
    ...rest,
  };
}

export const OPTIONS: SqliteOptions = { limit: LIMIT, keep: 10, keepMs: 30 * DAY_MS, keepLogsMs: 7 * DAY_MS };

export function openSqlite(file: string, now = NOW, options: Partial<SqliteOptions> = {}): SqliteLedger {
  return new SqliteLedger(file, { ...OPTIONS, ...options }, now);
}

/** Brings a file into shape, to the end. */
export function maintainAll(store: SqliteLedger, now: number): void {
  let steps = 0;
  while (store.maintain(now)) assert.ok(++steps < 10_000, "it never ends");
}

export function openBacked(file: string, reported: string[] = [], now = () => NOW): FileBackedHistory {
  return new FileBackedHistory(
    LIMIT,
    {
      open: (isActive) => new SqliteLedger(file, OPTIONS, now(), isActive),
      setAside: () => {
        Deno.renameSync(file, `${file}.aside`);
        for (const part of ["-wal", "-shm"]) {
          try {
            Deno.removeSync(`${file}${part}`);
          } catch (error) {
            assert.ok(error instanceof Deno.errors.NotFound);
          }
        }
        return `${file}.aside`;
      },
      canWrite: () => true,
    },
    (sentence) => reported.push(sentence),
    { logs: `${file}.logs`, artifacts: `${file}.artifacts`, keepLogsMs: OPTIONS.keepLogsMs },
  );
}
