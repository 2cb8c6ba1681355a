/** The ledger in an SQLite file, through `node:sqlite`: one writer, WAL, times as whole milliseconds. */
import { closeSync } from "node:fs";
import type { EpochMs } from "../../base/time.ts";
import type {
  Artifact,
  HistoryHealth,
  OutcomeQuery,
  RunOutcome,
  RunQuery,
  TaskKeeping,
  TaskState,
} from "../../model/history.ts";
import type { TaskWatermarks } from "../../model/order.ts";
import { isTerminal, type LogLine, type NumberedLine, type Run } from "../../model/run.ts";
import type { Ledger } from "../ledger.ts";
import { readArtifacts, readCode, writeArtifact, writeCode } from "./belongings.ts";
import { Check } from "./check.ts";
import { Checkpoints } from "./checkpoints.ts";
import { asFileError, closeQuietly, type OpenFile, openHistoryFile } from "./file.ts";
import type { FileChange } from "./file_watch.ts";
import { LogRows } from "./log_rows.ts";
import { Questions } from "./questions.ts";
import { type Keeping, Retention } from "./retention.ts";
import { SAVE_RUN, toRow } from "./rows.ts";
import type { Found } from "./salvage/shapes.ts";
import { PendingSalvages } from "./salvage/pending.ts";
import { markedTasks, readState, readStates, readWatermarks, writeState, writeWatermarks } from "./states.ts";
import { Statements } from "./statements.ts";
import { take } from "./taking.ts";
import { TextIndex } from "./text_index.ts";
import { UnfinishedRuns } from "./unfinished.ts";

export interface SqliteOptions extends Keeping {
  /** Default of {@link SqliteLedger.recent}. */
  readonly limit: number;
}

export class SqliteLedger implements Ledger {
  readonly checkpoints: Checkpoints;
  readonly logs: LogRows;
  readonly retention: Retention;
  /** Files that were set aside and are not read to their end. */
  readonly salvages: PendingSalvages;
  /** How many records of runs were read from a damaged WAL at the opening. */
  readonly rescued: number;
  readonly #open: OpenFile;
  readonly #sql: Statements;
  readonly #unfinished: UnfinishedRuns;
  readonly #texts: TextIndex;
  readonly #questions: Questions;
  readonly #check: Check;

  /**
   * Opens or creates the file; runs that were unfinished when it was last closed become `interrupted`.
   *
   * @param now when the unfinished runs are held to have ended
   * @param isActive true for those of them that are going on in this program
   * @throws HistoryFileError for a file that is damaged, of a newer version, held by another Carillon, or not writable
   */
  constructor(
    readonly file: string,
    readonly options: SqliteOptions,
    now: EpochMs,
    isActive: (runId: string) => boolean = () => false,
  ) {
    this.#open = openHistoryFile(file);
    const { rescued, watch, db } = this.#open;
    const sql = this.#sql = new Statements(db);
    try {
      sql.batch(() => rescued.forEach((found) => take(sql, found)));
      this.rescued = rescued.filter(({ kind }) => kind === "run").length;
      this.#unfinished = new UnfinishedRuns(sql);
      this.#unfinished.interrupt(now, isActive);
      this.#texts = new TextIndex(sql, this.#unfinished.since);
      this.#questions = new Questions(sql, this.#texts);
      this.logs = new LogRows(sql, this.#texts);
      this.retention = new Retention(sql, this.#texts, options);
      this.salvages = new PendingSalvages(sql);
      this.#check = new Check(sql);
      watch.accept();
      this.checkpoints = new Checkpoints(sql, watch);
      sql.onWritten = () => this.checkpoints.onWritten();
    } catch (cause) {
      this.close();
      throw asFileError(file, cause);
    }
  }

  save(run: Run): void {
    this.#sql.run(SAVE_RUN, ...toRow(run));
    this.retention.addTo(run.taskId);
    this.#unfinished.onSaved(run);
    this.#texts.addNotes(run);
    if (!isTerminal(run.status)) return;
    this.logs.end(run.id);
    if (run.error ?? run.message) this.#texts.addEnded(run.id);
  }

  log(runId: string, line: LogLine): void {
    this.logs.add(runId, line);
  }

  recent(taskId: string, limit: number = this.options.limit): readonly Run[] {
    return this.#questions.recent(taskId, limit);
  }

  lastRuns(taskIds: readonly string[]): ReadonlyMap<string, Run> {
    return this.#questions.lastRuns(taskIds);
  }

  find(query: RunQuery): readonly Run[] {
    return this.#questions.find(query);
  }

  outcomes(query: OutcomeQuery): readonly RunOutcome[] {
    return this.#questions.outcomes(query);
  }

  durations(taskId: string, limit: number): readonly number[] {
    return this.#questions.durations(taskId, limit);
  }

  get(runId: string): Run | undefined {
    return this.#questions.get(runId);
  }

  lines(runId: string): readonly NumberedLine[] {
    return this.logs.lines(runId);
  }

  logLength(runId: string): number {
    return this.logs.length(runId);
  }

  keepArtifact(runId: string, artifact: Artifact): void {
    if (this.get(runId)) this.saveArtifacts(runId, [...this.artifacts(runId), artifact]);
  }

  /** Writes the artifacts of a run: some of them may be there. */
  saveArtifacts(runId: string, artifacts: readonly Artifact[]): void {
    artifacts.forEach((artifact, number) => writeArtifact(this.#sql, runId, number, artifact));
  }

  artifacts(runId: string): readonly Artifact[] {
    return readArtifacts(this.#sql, runId);
  }

  keepCode(version: string, code: string, now: EpochMs): void {
    writeCode(this.#sql, version, code, now);
  }

  code(version: string): string | undefined {
    return readCode(this.#sql, version);
  }

  bytesOfTasks(): ReadonlyMap<string, number> | undefined {
    return this.#check.bytes;
  }

  retain(taskId: string, keeping: TaskKeeping | undefined): void {
    this.retention.retain(taskId, keeping);
  }

  state(taskId: string): TaskState | undefined {
    return readState(this.#sql, taskId);
  }

  /** Of all tasks. */
  states(): ReadonlyMap<string, TaskState> {
    return readStates(this.#sql);
  }

  saveState(taskId: string, state: TaskState): void {
    writeState(this.#sql, taskId, state);
  }

  watermarks(taskId: string): TaskWatermarks {
    return readWatermarks(this.#sql, taskId);
  }

  keepWatermarks(taskId: string, marks: TaskWatermarks): void {
    this.batch(() => writeWatermarks(this.#sql, taskId, marks));
  }

  /** Tasks that have watermarks. */
  markedTasks(): readonly string[] {
    return markedTasks(this.#sql);
  }

  lastAlive(): EpochMs | undefined {
    return this.#sql.meta("alive");
  }

  saveAlive(now: EpochMs): void {
    this.#sql.saveMeta("alive", now);
  }

  batch<T>(work: () => T): T {
    return this.#sql.batch(work);
  }

  /** Takes what was salvaged of another file, where this one has not got it. */
  take(found: Found): void {
    take(this.#sql, found);
    if (found.kind !== "run") return;
    this.retention.addTo(found.run.taskId);
    this.#texts.addNotes(found.run);
    if (found.run.error ?? found.run.message) this.#texts.addEnded(found.run.id);
  }

  health(): HistoryHealth {
    return {};
  }

  /**
   * Does a little of what can wait, some milliseconds of it: brings new lines into the index of texts, removes what is
   * older or more than is kept, gives free pages back, reads what has not been read for long. True where there is more
   * to do.
   */
  maintain(now: EpochMs): boolean {
    this.#unfinished.mark(now);
    this.checkpoints.runIfDue(now);
    return this.batch(() =>
      this.#texts.addLastWords() || this.#texts.advance() || this.retention.removeOld(now)
    ) || this.retention.removeSurplus() || this.retention.vacuum() || this.#check.step(now);
  }

  /** What somebody else did to the file since SQLite wrote it last. */
  look(): FileChange | undefined {
    return this.#open.watch.look();
  }

  /** Lets go of a file whose name is gone; what is in it can be read through the descriptor, which the caller closes. */
  abandon(): number {
    try {
      // SQLite does not do it at the close of a file whose name is gone.
      this.checkpoints.run("TRUNCATE");
    } catch {
      // What is in the WAL is lost with it; what is in memory is not.
    }
    closeQuietly(this.#open.db);
    this.#open.lock[Symbol.dispose]();
    return this.#open.descriptor;
  }

  close(): void {
    closeQuietly(this.#open.db);
    closeSync(this.#open.descriptor);
    this.#open.lock[Symbol.dispose]();
  }
}
