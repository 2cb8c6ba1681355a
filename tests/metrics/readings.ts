/** What a Carillon that does nothing reads, and runs as events carry them. */
import { historyWriteTimes } from "../../app/metrics/history_metrics.ts";
import type { Readings } from "../../app/metrics/metrics.ts";
import type { Run, RunStatus } from "../../app/model/run.ts";

export const READINGS: Readings = {
  folderOf: (id) => `folder ${id}`,
  awaiting: () => 0,
  queued: () => 0,
  running: () => 0,
  busyWorkers: () => 0,
  workers: 10,
  warmHosts: () => 0,
  tasks: () => ({ active: 0, paused: 0, by_hand: 0 }),
  brokenFiles: () => 0,
  historyWrites: () => true,
  historyBytes: () => 0,
  historyWriteTimes: historyWriteTimes(),
  tickAge: () => 0.1,
  overdue: () => 0,
  waitingMessages: () => [],
};

export function runOf(taskId: string, status: RunStatus, more: Partial<Run> = {}): Run {
  return {
    id: taskId,
    taskId,
    status,
    cause: "schedule",
    queuedAt: 0,
    attempt: 1,
    instants: 1,
    params: {},
    ...more,
  };
}
