/** Memory in front of a file: what the file refuses goes on in memory, and is given to it later. */
import { OperatorError } from "../base/errors.ts";
import type { EpochMs } from "../base/time.ts";
import type {
  Artifact,
  HistoryHealth,
  OutcomeQuery,
  RunOutcome,
  RunQuery,
  TaskKeeping,
  TaskState,
} from "../model/history.ts";
import type { TaskWatermarks } from "../model/order.ts";
import { isTerminal, type LogLine, type NumberedLine, type Run } from "../model/run.ts";
import type { ArtifactFiles } from "./artifact_files.ts";
import { BackingFile, type HistoryFile } from "./backing_file.ts";
import type { OnTrouble } from "./front.ts";
import type { Ledger } from "./ledger.ts";
import type { FolderSettings } from "./folders.ts";
import { FrontLogs } from "./front_logs.ts";
import { FrontWrites } from "./front_writes.ts";
import { MemoryLedger } from "./memory.ts";
import type { LogFiles } from "./log/log_files.ts";
import type { SqliteLedger } from "./sqlite/store.ts";
import { isRunId } from "./run_id.ts";
import { nothingUnsaved, type Unsaved, UnsavedCode } from "./unsaved.ts";

/** So many runs are kept in memory beyond its limit while the file cannot be written. */
const MAX_MISSED = 20_000;

export class FileBackedLedger implements Ledger {
  readonly #memory: MemoryLedger;
  readonly #keeping = new Map<string, TaskKeeping>();
  readonly #file: BackingFile;
  /** Tasks whose runs were read back from the file. */
  readonly #loaded = new Set<string>();
  /** What the file has not got, because it failed. */
  readonly #missed: Unsaved = nothingUnsaved();
  readonly #code = new UnsavedCode();
  readonly #logs: FrontLogs;
  readonly #writes: FrontWrites;
  /** The run that was saved last. */
  #saving: string | undefined;

  constructor(
    limit: number,
    source: HistoryFile,
    onTrouble: OnTrouble,
    readonly logFiles: LogFiles,
    readonly artifactFiles: Pick<ArtifactFiles, "remove">,
    readonly folders: Pick<FolderSettings, "keepLogsMs">,
  ) {
    this.#memory = new MemoryLedger(limit, (runId) => this.#isNeeded(runId));
    this.#file = new BackingFile(source, {
      missAll: () => this.#writes.missAll(),
      give: (file) => this.#writes.give(file),
      onOpened: (file) => this.#onOpened(file),
      onSalvaged: () => this.#loaded.clear(),
      isActive: (runId) => this.#isActive(runId),
    }, onTrouble);
    this.#logs = new FrontLogs(this.#memory, this.#file, logFiles, this.#missed);
    this.#writes = new FrontWrites(this.#memory, this.#file, this.#logs, this.#missed);
    this.#file.open();
  }

  save(run: Run): void {
    this.#load(run.taskId);
    const before = this.#memory.get(run.id);
    this.#saving = run.id;
    this.#memory.save(run);
    // How far a run is, is for those who look now.
    const isNews = before && before.status === run.status && before.attempt === run.attempt &&
      !isTerminal(run.status);
    if (isNews) return;
    this.#writes.run(this.#memory.get(run.id) ?? run);
  }

  log(runId: string, line: LogLine): void {
    this.#logs.add(runId, line);
  }

  keepArtifact(runId: string, artifact: Artifact): void {
    this.#memory.keepArtifact(runId, artifact);
    const run = this.#memory.get(runId);
    if (run) this.#writes.run(run);
  }

  artifacts(runId: string): readonly Artifact[] {
    const here = this.#memory.artifacts(runId);
    return here.length > 0 ? here : this.#file.read((file) => file.artifacts(runId)) ?? [];
  }

  keepCode(version: string, text: string, now: EpochMs): void {
    if (!this.#file.write((file) => file.keepCode(version, text, now))) this.#code.add(version, text, now);
  }

  code(version: string): string | undefined {
    return this.#code.get(version) ?? this.#file.read((file) => file.code(version));
  }

  bytesOfTasks(): ReadonlyMap<string, number> | undefined {
    return this.#file.read((file) => file.bytesOfTasks());
  }

  retain(taskId: string, keeping: TaskKeeping | undefined): void {
    if (keeping) this.#keeping.set(taskId, keeping);
    else this.#keeping.delete(taskId);
    this.#file.write((file) => file.retain(taskId, keeping));
  }

  recent(taskId: string, limit?: number): readonly Run[] {
    this.#load(taskId);
    const here = this.#memory.recent(taskId, limit);
    if (limit === undefined || limit <= this.#memory.limit || here.length >= limit) return here;
    return this.#file.read((file) => file.recent(taskId, limit)) ?? here;
  }

  lastRuns(taskIds: readonly string[]): ReadonlyMap<string, Run> {
    const unknown = taskIds.filter((id) => !this.#loaded.has(id));
    const fromFile = unknown.length > 0 ? this.#file.read((file) => file.lastRuns(unknown)) : undefined;
    return new Map([...fromFile ?? [], ...this.#memory.lastRuns(taskIds)]);
  }

  find(query: RunQuery): readonly Run[] {
    const found = this.#file.read((file) => file.find(query));
    if (!found) return this.#memory.find(query);
    // The file does not know how far a run is.
    return found.map((run) => this.#memory.get(run.id) ?? run);
  }

  outcomes(query: OutcomeQuery): readonly RunOutcome[] {
    return this.#file.read((file) => file.outcomes(query)) ?? this.#memory.outcomes(query);
  }

  durations(taskId: string, limit: number): readonly number[] {
    return this.#file.read((file) => file.durations(taskId, limit)) ?? this.#memory.durations(taskId, limit);
  }

  get(runId: string): Run | undefined {
    return this.#memory.get(runId) ?? this.#file.read((file) => file.get(runId));
  }

  lines(runId: string): readonly NumberedLine[] {
    const log = this.#memory.keptLog(runId);
    const here = log?.lines() ?? [];
    if (log && !log.isShortened) return here;
    const there = this.#file.read((file) => file.lines(runId)) ?? [];
    return there.length > here.length ? there : here;
  }

  logLength(runId: string): number {
    const log = this.#memory.keptLog(runId);
    return log ? log.count : this.#file.read((file) => file.logLength(runId)) ?? 0;
  }

  state(taskId: string): TaskState | undefined {
    return this.#memory.state(taskId) ?? this.#file.read((file) => file.state(taskId));
  }

  saveState(taskId: string, state: TaskState): void {
    this.#memory.saveState(taskId, state);
    this.#writes.state(taskId);
  }

  watermarks(taskId: string): TaskWatermarks {
    const here = this.#memory.watermarks(taskId);
    return { ...this.#file.read((file) => file.watermarks(taskId)), ...here };
  }

  /** Inside of a batch they are written when it ends; that they could not be is known there only of a file that had failed before. */
  keepWatermarks(taskId: string, marks: TaskWatermarks): void {
    this.#memory.keepWatermarks(taskId, marks);
    this.#writes.marks(taskId);
    if (!this.#file.isGood || this.#missed.marks.has(taskId)) {
      throw new OperatorError(this.#file.health().trouble ?? "the history file has failed");
    }
  }

  lastAlive(): EpochMs | undefined {
    return this.#memory.lastAlive() ?? this.#file.read((file) => file.lastAlive());
  }

  saveAlive(now: EpochMs): void {
    this.#memory.saveAlive(now);
    this.#file.write((file) => file.saveAlive(now));
  }

  batch<T>(work: () => T): T {
    return this.#writes.batch(work);
  }

  health(): HistoryHealth {
    return this.#file.health();
  }

  maintain(now: EpochMs): boolean {
    this.#logs.prepare();
    const settling = this.#logs.settle();
    const more = this.#file.maintain(now);
    this.#logs.drop();
    return this.logFiles.removeSome(now - this.folders.keepLogsMs) || settling || more;
  }

  close(): void {
    this.#logs.close();
    this.#file.close();
  }

  /** It has all that it had missed; what memory does not know of tasks is read, so that it is not lost with the file. */
  #onOpened(file: SqliteLedger): void {
    file.retention.onRemoved = (runId) => this.#removeFiles(runId);
    for (const [taskId, keeping] of this.#keeping) file.retain(taskId, keeping);
    this.#writes.onGiven();
    for (const each of this.#code.take()) this.keepCode(...each);
    this.#loaded.clear();
    for (const [id, state] of file.states()) {
      if (!this.#memory.state(id)) this.#memory.saveState(id, state);
    }
    for (const id of file.markedTasks()) {
      this.#memory.keepWatermarks(id, { ...file.watermarks(id), ...this.#memory.watermarks(id) });
    }
    const alive = this.#memory.lastAlive() ?? file.lastAlive();
    if (alive !== undefined) this.#memory.saveAlive(alive);
  }

  /** What the file has not got is in memory alone; of a run that is just saved that is not known yet. */
  #isNeeded(runId: string): boolean {
    if (this.#file.isGood || this.#missed.runs.size > MAX_MISSED) return false;
    return this.#missed.runs.has(runId) || this.#saving === runId;
  }

  #removeFiles(runId: string): void {
    if (!isRunId(runId)) return;
    this.logFiles.remove(runId);
    this.artifactFiles.remove(runId);
  }

  #isActive(runId: string): boolean {
    const run = this.#memory.get(runId);
    return run !== undefined && !isTerminal(run.status);
  }

  /** Reads a task's runs back from the file when they are first asked for. */
  #load(taskId: string): void {
    if (this.#loaded.has(taskId)) return;
    const runs = this.#file.read((file) => file.recent(taskId));
    if (!runs) return;
    this.#loaded.add(taskId);
    for (const run of runs.toReversed()) this.#memory.save(run);
  }
}
