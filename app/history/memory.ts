/** History in memory: always there, capped by runs a task and by lines a run. */
import type { EpochMs } from "../time.ts";
import { cappedLine, EMPTY_LOG, type LogSize } from "./log_cap.ts";
import { isTerminal, type LogLine, mayFollow, type Run } from "./run.ts";
import type { HistoryStore, TaskState, TaskStateStore } from "./store.ts";

interface Kept {
  run: Run;
  readonly lines: LogLine[];
  size: LogSize;
}

export class MemoryHistory implements HistoryStore, TaskStateStore {
  /** Runs of each task, oldest first. */
  readonly #tasks = new Map<string, Kept[]>();
  readonly #runs = new Map<string, Kept>();
  readonly #states = new Map<string, TaskState>();
  #lastAlive: EpochMs | undefined;

  /** @param limit runs kept a task; the oldest finished ones go first, an unfinished one never */
  constructor(readonly limit: number) {}

  save(run: Run): void {
    const kept = this.#runs.get(run.id);
    if (kept) {
      if (mayFollow(kept.run, run)) kept.run = run;
      return;
    }
    const added: Kept = { run, lines: [], size: EMPTY_LOG };
    const ofTask = this.#tasks.get(run.taskId) ?? [];
    ofTask.push(added);
    this.#runs.set(run.id, added);
    this.#tasks.set(run.taskId, ofTask);
    while (ofTask.length > this.limit) {
      const oldest = ofTask.findIndex((each) => isTerminal(each.run.status));
      const removed = oldest === -1 ? undefined : ofTask.splice(oldest, 1)[0];
      if (!removed) break;
      this.#runs.delete(removed.run.id);
    }
  }

  log(runId: string, line: LogLine): void {
    const run = this.#runs.get(runId);
    const kept = run && cappedLine(run.size, line);
    if (!kept) return;
    run.lines.push(kept.line);
    run.size = kept.size;
  }

  recent(taskId: string, limit: number = this.limit): Run[] {
    return (this.#tasks.get(taskId) ?? []).slice(-limit).reverse().map((kept) => kept.run);
  }

  get(runId: string): Run | undefined {
    return this.#runs.get(runId)?.run;
  }

  lines(runId: string): LogLine[] {
    return [...(this.#runs.get(runId)?.lines ?? [])];
  }

  taskState(taskId: string): TaskState | undefined {
    return this.#states.get(taskId);
  }

  saveTaskState(taskId: string, state: TaskState): void {
    this.#states.set(taskId, state);
  }

  lastAlive(): EpochMs | undefined {
    return this.#lastAlive;
  }

  saveAlive(now: EpochMs): void {
    this.#lastAlive = now;
  }

  batch<T>(work: () => T): T {
    return work();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
