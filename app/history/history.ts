/** The history Carillon works with: memory in front of a file, which may fail and come back. */
import type { EpochMs } from "../time.ts";
import { isTerminal, type LogLine, type Run } from "./run.ts";
import type { MemoryHistory } from "./memory.ts";
import type { SqliteHistory } from "./sqlite.ts";
import { HistoryFileError, isDamage } from "./sqlite_file.ts";
import type { HistoryStore, OutcomeQuery, RunOutcome, RunQuery, TaskState, TaskStateStore } from "./store.ts";

export interface HistoryFile {
  /** Opens the file. Throws a {@link HistoryFileError}. */
  open(): SqliteHistory;
  /** Moves a damaged file out of the way and answers with its new name. */
  setAside(): string;
}

interface Batch {
  readonly runs: Set<string>;
  readonly states: Set<string>;
}

/** So many log lines wait to be written at the most. */
const MAX_WAITING_LINES = 200;

/** How often a file that failed is tried again, in milliseconds. */
const RETRY_MS = 10_000;

/**
 * What the file refuses goes on in memory: nothing stops, the pages say so, and once the file can be written again it is
 * given what it has missed.
 */
export class FileBackedHistory implements HistoryStore, TaskStateStore {
  #file: SqliteHistory | undefined;
  /** Tasks whose runs were read back from the file. */
  readonly #loaded = new Set<string>();
  readonly #unsavedRuns = new Set<string>();
  readonly #unsavedStates = new Set<string>();
  /** Lines that are not in the file yet, in their order. */
  readonly #lines: { readonly runId: string; readonly line: LogLine }[] = [];
  /** What is written when the batch that is going on ends: of each run and task only how it is then. */
  #batch: Batch | undefined;
  #trouble: string | undefined;
  #setAside: string | undefined;
  #triedAt = -Infinity;

  /**
   * @param onTrouble told once for each kind of trouble, and when it is over
   * @throws HistoryFileError for a file of a newer version
   */
  constructor(
    readonly memory: MemoryHistory,
    readonly source: HistoryFile,
    readonly onTrouble: (sentence: string, error?: unknown) => void,
  ) {
    this.#open();
  }

  /** Why the file is not being written; undefined while it is. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Where a damaged file was put, since the start of the program. */
  get setAside(): string | undefined {
    return this.#setAside;
  }

  save(run: Run): void {
    this.#load(run.taskId);
    const before = this.memory.get(run.id);
    this.memory.save(run);
    // How far a run is, is for those who look now.
    const isNews = before && before.status === run.status && before.attempt === run.attempt &&
      !isTerminal(run.status);
    if (isNews) return;
    this.batch(() => this.#batch?.runs.add(run.id));
  }

  log(runId: string, line: LogLine): void {
    this.memory.log(runId, line);
    this.#lines.push({ runId, line });
    if (this.#lines.length >= MAX_WAITING_LINES) this.#flushLines();
  }

  /** Lines are written together: when a run ends, when many wait, and every few seconds. Until then memory has them. */
  #flushLines(): void {
    const lines = this.#lines.splice(0);
    if (lines.length === 0) return;
    const ok = this.#write((file) =>
      file.batch(() => lines.forEach(({ runId, line }) => file.log(runId, line)))
    );
    if (!ok) { for (const { runId } of lines) this.#unsavedRuns.add(runId); }
  }

  recent(taskId: string, limit?: number): Run[] {
    this.#load(taskId);
    const here = this.memory.recent(taskId, limit);
    const file = this.#file;
    if (limit === undefined || limit <= this.memory.limit || here.length >= limit || !file) return here;
    return this.#read((file) => file.recent(taskId, limit)) ?? here;
  }

  lastRuns(taskIds: readonly string[]): ReadonlyMap<string, Run> {
    const unknown = taskIds.filter((id) => !this.#loaded.has(id));
    const fromFile = unknown.length > 0 ? this.#read((file) => file.lastRuns(unknown)) : undefined;
    return new Map([...fromFile ?? [], ...this.memory.lastRuns(taskIds)]);
  }

  find(query: RunQuery): Run[] {
    const found = this.#read((file) => file.find(query));
    if (!found) return this.memory.find(query);
    // The file does not know how far a run is.
    return found.map((run) => this.memory.get(run.id) ?? run);
  }

  outcomes(query: OutcomeQuery): RunOutcome[] {
    return this.#read((file) => file.outcomes(query)) ?? this.memory.outcomes(query);
  }

  durations(taskId: string, limit: number): number[] {
    return this.#read((file) => file.durations(taskId, limit)) ?? this.memory.durations(taskId, limit);
  }

  get(runId: string): Run | undefined {
    return this.memory.get(runId) ?? this.#read((file) => file.get(runId));
  }

  lines(runId: string): LogLine[] {
    const lines = this.memory.lines(runId);
    return lines.length > 0 ? lines : this.#read((file) => file.lines(runId)) ?? [];
  }

  taskState(taskId: string): TaskState | undefined {
    return this.memory.taskState(taskId) ?? this.#read((file) => file.taskState(taskId));
  }

  saveTaskState(taskId: string, state: TaskState): void {
    this.memory.saveTaskState(taskId, state);
    this.batch(() => this.#batch?.states.add(taskId));
  }

  lastAlive(): EpochMs | undefined {
    return this.memory.lastAlive() ?? this.#read((file) => file.lastAlive());
  }

  saveAlive(now: EpochMs): void {
    this.memory.saveAlive(now);
    this.#write((file) => file.saveAlive(now));
  }

  batch<T>(work: () => T): T {
    if (this.#batch) return work();
    const batch: Batch = this.#batch = { runs: new Set(), states: new Set() };
    try {
      return work();
    } finally {
      this.#batch = undefined;
      this.#writeBatch(batch);
    }
  }

  #writeBatch({ runs: ids, states }: Batch): void {
    const runs = [...ids].flatMap((id) => this.memory.get(id) ?? []);
    const ended = runs.filter(({ status }) => isTerminal(status));
    // The log of a run is in the file before its end is.
    if (ended.length > 0) this.#flushLines();
    const ok = this.#write((file) => {
      const work = () => {
        for (const run of runs) file.save(run);
        this.#writeStates(file, states);
      };
      // One statement is a transaction by itself.
      if (runs.length + states.size === 1) work();
      else file.batch(work);
    });
    if (ok) {
      for (const { id } of ended) this.#dropLines(id);
      return;
    }
    for (const id of ids) this.#unsavedRuns.add(id);
    for (const id of states) this.#unsavedStates.add(id);
  }

  #writeStates(file: SqliteHistory, ids: Iterable<string>): void {
    for (const id of ids) {
      const state = this.memory.taskState(id);
      if (state) file.saveTaskState(id, state);
    }
  }

  /** Does a little of what can wait: tries a file again that failed, brings a good one into shape. True where there is more. */
  maintain(now: EpochMs): boolean {
    if (!this.#file && now - this.#triedAt >= RETRY_MS) {
      this.#triedAt = now;
      this.#open();
    }
    this.#flushLines();
    return this.#read((file) => file.maintain(now)) ?? false;
  }

  async close(): Promise<void> {
    this.#flushLines();
    await this.memory.close();
    await this.#file?.close();
    this.#file = undefined;
  }

  #open(): void {
    try {
      this.#file = this.source.open();
    } catch (error) {
      if (!(error instanceof HistoryFileError) || error.kind === "newer") throw error;
      if (error.kind === "damaged") this.#replaceDamaged(error);
      else this.#say(error.message, error);
      return;
    }
    this.#giveMissed();
  }

  /** The file is good again: it is given what it has not got. */
  #giveMissed(): void {
    const runs = [...this.#unsavedRuns];
    const ok = this.#write((file) =>
      file.batch(() => {
        for (const id of runs) {
          const run = this.memory.get(id);
          if (!run) continue;
          file.save(run);
          file.saveLines(id, this.memory.lines(id));
        }
        this.#writeStates(file, this.#unsavedStates);
      })
    );
    if (!ok) return;
    this.#unsavedRuns.clear();
    runs.forEach((id) => this.#dropLines(id));
    this.#unsavedStates.clear();
    if (this.#trouble !== undefined) this.onTrouble("the history file is written again");
    this.#trouble = undefined;
  }

  #replaceDamaged(error: unknown): void {
    try {
      const kept = this.source.setAside();
      this.#setAside = kept;
      this.onTrouble(`the history file is damaged; it is kept as ${kept}, and a new one is begun`, error);
      // The new file is given what is in memory: all that is left of the old one.
      for (const run of this.memory.all()) this.#unsavedRuns.add(run.id);
      for (const id of this.memory.stateIds) this.#unsavedStates.add(id);
      this.#file = this.source.open();
    } catch (cause) {
      this.#say((cause as Error).message, cause);
      return;
    }
    this.#giveMissed();
  }

  #say(reason: string, error: unknown): void {
    if (this.#trouble !== reason) {
      this.onTrouble(`${reason}; the history is kept in memory until it can be`, error);
    }
    this.#trouble = reason;
  }

  /** The log of a run that is over is kept in the file alone. */
  #dropLines(runId: string): void {
    const run = this.memory.get(runId);
    if (run && isTerminal(run.status) && !this.#unsavedRuns.has(runId)) this.memory.dropLines(runId);
  }

  /** Reads a task's runs back from the file when they are first asked for. */
  #load(taskId: string): void {
    if (this.#loaded.has(taskId) || !this.#file) return;
    this.#loaded.add(taskId);
    for (const run of this.#read((file) => file.recent(taskId))?.reverse() ?? []) this.memory.save(run);
  }

  /** False where the file did not take it. */
  #write(write: (file: SqliteHistory) => void): boolean {
    if (!this.#file) return false;
    try {
      write(this.#file);
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  /** Undefined where the file cannot be asked. */
  #read<T>(read: (file: SqliteHistory) => T): T | undefined {
    if (!this.#file) return undefined;
    try {
      return read(this.#file);
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  /** Lets the file go: it is opened again when it may be good. */
  #fail(error: unknown): void {
    const file = this.#file;
    this.#file = undefined;
    void file?.close().catch(() => {});
    if (isDamage(error)) this.#replaceDamaged(error);
    else this.#say(`it cannot be written: ${(error as Error).message}`, error);
  }
}
