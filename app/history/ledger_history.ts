// deno-lint-ignore-file require-await
/** A ledger as a `History`: the same questions with promises. What is saved is written before its promise is returned. */
import type { EpochMs } from "../base/time.ts";
import type { History } from "../contracts.ts";
import type { ArtifactLimits, ArtifactPiece } from "../model/artifact.ts";
import type { Fire } from "../model/fire.ts";
import { sliceTurn } from "../base/slices.ts";
import type {
  Artifact,
  HistoryHealth,
  LogPartsQuery,
  LogQuery,
  LogSize,
  OutcomeQuery,
  RunOutcome,
  RunQuery,
  TaskKeeping,
  TaskState,
} from "../model/history.ts";
import type { TaskWatermarks } from "../model/order.ts";
import type { LogLine, NumberedLine, Run } from "../model/run.ts";
import type { Ledger } from "./ledger.ts";

/** Lines of a log that are given at once, unless said otherwise. */
const DEFAULT_LINES = 1_000;
/** Lines of a part that come from what is at hand. */
const PART_LINES = 1_000;
/** Successes that tell what is usual, and how many there must be. */
const USUAL_OF = 20;
const USUAL_FROM = 5;

/** Its methods are `async` without an await: each runs to its end when it is called, and what is thrown is a rejection. */
export class LedgerHistory<L extends Ledger = Ledger> implements History {
  constructor(protected readonly ledger: L) {}

  save(run: Run): void {
    this.ledger.save(run);
  }

  log(runId: string, line: LogLine): void {
    this.ledger.log(runId, line);
  }

  keepArtifact(runId: string, artifact: Artifact): void {
    this.ledger.keepArtifact(runId, artifact);
  }

  keepCode(version: string, text: string, now: EpochMs): void {
    this.ledger.keepCode(version, text, now);
  }

  batch<T>(work: () => T): T {
    return this.ledger.batch(work);
  }

  async recent(taskId: string, limit?: number): Promise<readonly Run[]> {
    return this.ledger.recent(taskId, limit);
  }

  async lastRuns(taskIds: readonly string[]): Promise<ReadonlyMap<string, Run>> {
    return this.ledger.lastRuns(taskIds);
  }

  async find(query: RunQuery): Promise<readonly Run[]> {
    return this.ledger.find(query);
  }

  async outcomes(query: OutcomeQuery): Promise<readonly RunOutcome[]> {
    return this.ledger.outcomes(query);
  }

  async durations(taskId: string, limit: number): Promise<readonly number[]> {
    return this.ledger.durations(taskId, limit);
  }

  async usual(taskId: string): Promise<number | undefined> {
    const durations = this.ledger.durations(taskId, USUAL_OF).toSorted((a, b) => a - b);
    if (durations.length < USUAL_FROM) return undefined;
    const middle = durations.length / 2;
    const [low = 0, high = low] = [durations[Math.ceil(middle) - 1], durations[Math.floor(middle)]];
    return (low + high) / 2;
  }

  async get(runId: string): Promise<Run | undefined> {
    return this.ledger.get(runId);
  }

  async lines(runId: string, query: LogQuery = {}): Promise<readonly NumberedLine[]> {
    const { limit = DEFAULT_LINES, ...asked } = query;
    if (asked.from === undefined && query.limit === undefined && asked.text === undefined) {
      return this.ledger.lines(runId);
    }
    const found: NumberedLine[] = [];
    if (limit <= 0) return found;
    for await (const lines of this.logParts(runId, asked)) {
      for (const line of lines) if (found.push(line) >= limit) return found;
    }
    return found;
  }

  async logSize(runId: string): Promise<LogSize> {
    return { lines: this.ledger.logLength(runId) };
  }

  async *logParts(
    runId: string,
    { from = 0, text, signal }: LogPartsQuery = {},
  ): AsyncGenerator<readonly NumberedLine[]> {
    const wanted = text?.toLowerCase();
    const parts = this.wholeLog(runId, from)[Symbol.asyncIterator]();
    for (;;) {
      await sliceTurn();
      signal?.throwIfAborted();
      const { done, value } = await parts.next();
      if (done) return;
      yield value.filter((line) =>
        line.number >= from && (wanted === undefined || line.text.toLowerCase().includes(wanted))
      );
    }
  }

  /** All lines that there are from one on, in parts that are read one by one; a part may begin with earlier ones. */
  protected async *wholeLog(runId: string, _from: number): AsyncIterable<readonly NumberedLine[]> {
    yield* partsOf(this.ledger.lines(runId));
  }

  async artifacts(runId: string): Promise<readonly Artifact[]> {
    return this.ledger.artifacts(runId);
  }

  /** What has no folder keeps no files. */
  get artifactLimits(): ArtifactLimits | undefined {
    return undefined;
  }

  takeArtifact(_runId: string, _piece: ArtifactPiece, _now: EpochMs): string | undefined {
    return "files of runs are kept beside a history file, and there is none ([history] file)";
  }

  endAttempt(_runId: string): void {}

  artifactBytes(_runId: string, _path: string): AsyncIterable<Uint8Array> | undefined {
    return undefined;
  }

  async code(version: string): Promise<string | undefined> {
    return this.ledger.code(version);
  }

  async bytesOfTasks(): Promise<ReadonlyMap<string, number> | undefined> {
    return this.ledger.bytesOfTasks();
  }

  retain(taskId: string, keeping: TaskKeeping | undefined): void {
    this.ledger.retain(taskId, keeping);
  }

  /** One Carillon has the ledger to itself: every fire is its own. */
  async claim(fires: readonly Fire[]): Promise<readonly Fire[]> {
    return fires;
  }

  async state(taskId: string): Promise<TaskState | undefined> {
    return this.ledger.state(taskId);
  }

  async saveState(taskId: string, state: TaskState): Promise<void> {
    this.ledger.saveState(taskId, state);
  }

  async watermarks(taskId: string): Promise<TaskWatermarks> {
    return this.ledger.watermarks(taskId);
  }

  async keepWatermarks(taskId: string, marks: TaskWatermarks): Promise<void> {
    this.ledger.keepWatermarks(taskId, marks);
  }

  async lastAlive(): Promise<EpochMs | undefined> {
    return this.ledger.lastAlive();
  }

  async saveAlive(now: EpochMs): Promise<void> {
    this.ledger.saveAlive(now);
  }

  health(): HistoryHealth {
    return this.ledger.health();
  }

  maintain(now: EpochMs): boolean {
    return this.ledger.maintain(now);
  }

  async close(): Promise<void> {
    this.ledger.close();
  }
}

/** What is at hand, in parts. */
export function* partsOf(lines: readonly NumberedLine[]): Generator<readonly NumberedLine[]> {
  for (let at = 0; at < lines.length; at += PART_LINES) yield lines.slice(at, at + PART_LINES);
}
