/** The history Carillon works with: answers from memory, and writes to the file as well where there is one. */
import type { EpochMs } from "../time.ts";
import type { LogLine, Run } from "./run.ts";
import type { MemoryHistory } from "./memory.ts";
import type { SqliteHistory } from "./sqlite.ts";
import type { HistoryStore, TaskState, TaskStateStore } from "./store.ts";

/** Memory in front of a file. A write that the file refuses is reported once and does not stop the scheduler. */
export class FileBackedHistory implements HistoryStore, TaskStateStore {
  readonly #loaded = new Set<string>();
  #trouble: string | undefined;

  constructor(
    readonly memory: MemoryHistory,
    readonly file: SqliteHistory,
    readonly onWriteError: (error: unknown) => void,
  ) {}

  /** Why the file is not being written at the moment; undefined while it is. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  save(run: Run): void {
    this.#load(run.taskId);
    this.memory.save(run);
    this.#write(() => this.file.save(run));
  }

  log(runId: string, line: LogLine): void {
    this.memory.log(runId, line);
    this.#write(() => this.file.log(runId, line));
  }

  recent(taskId: string, limit?: number): Run[] {
    this.#load(taskId);
    return this.memory.recent(taskId, limit);
  }

  get(runId: string): Run | undefined {
    return this.memory.get(runId) ?? this.file.get(runId);
  }

  lines(runId: string): LogLine[] {
    const lines = this.memory.lines(runId);
    return lines.length > 0 ? lines : this.file.lines(runId);
  }

  taskState(taskId: string): TaskState | undefined {
    return this.memory.taskState(taskId) ?? this.file.taskState(taskId);
  }

  saveTaskState(taskId: string, state: TaskState): void {
    this.memory.saveTaskState(taskId, state);
    this.#write(() => this.file.saveTaskState(taskId, state));
  }

  lastAlive(): EpochMs | undefined {
    return this.memory.lastAlive() ?? this.file.lastAlive();
  }

  saveAlive(now: EpochMs): void {
    this.memory.saveAlive(now);
    this.#write(() => this.file.saveAlive(now));
  }

  batch<T>(work: () => T): T {
    this.#write(() => this.file.begin());
    try {
      return work();
    } finally {
      this.#write(() => this.file.commit());
    }
  }

  async close(): Promise<void> {
    await this.memory.close();
    await this.file.close();
  }

  /** Reads a task's runs back from the file when they are first asked for. */
  #load(taskId: string): void {
    if (this.#loaded.has(taskId)) return;
    this.#loaded.add(taskId);
    for (const run of this.file.recent(taskId).reverse()) this.memory.save(run);
  }

  #write(write: () => void): void {
    try {
      write();
      this.#trouble = undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (this.#trouble !== reason) this.onWriteError(error);
      this.#trouble = reason;
    }
  }
}
