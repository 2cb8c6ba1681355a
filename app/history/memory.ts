/** History in memory: always there, capped by runs a task, by lines a run, and by what all logs take together. */
import type { EpochMs } from "../base/time.ts";
import { OperatorError } from "../base/errors.ts";
import type {
  Artifact,
  HistoryHealth,
  OutcomeQuery,
  RunOutcome,
  RunQuery,
  TaskState,
} from "../model/history.ts";
import type { TaskWatermarks } from "../model/order.ts";
import {
  durationOf,
  isTerminal,
  type LogLine,
  mayFollow,
  type NumberedLine,
  type Run,
} from "../model/run.ts";
import { CodeTexts } from "./code_texts.ts";
import type { Ledger } from "./ledger.ts";
import { LedgerHistory } from "./ledger_history.ts";
import { KeptLog } from "./log/kept_log.ts";
import { LogBudget } from "./log/log_budget.ts";

/** What the logs of runs that have ended may take together, in characters. */
const LOGS_WEIGHT = 8_000_000;
/** What the code of tasks may take together, in characters. */
const CODE_CHARACTERS = 8_000_000;

/** A history that ends with the program. */
export class MemoryHistory extends LedgerHistory<MemoryLedger> {
  /**
   * @param limit runs kept a task; the oldest finished ones go first, an unfinished one never
   * @param savedWatermarks those that another history has of a task
   */
  constructor(limit: number, readonly savedWatermarks: (taskId: string) => TaskWatermarks = () => ({})) {
    super(new MemoryLedger(limit));
  }

  override async watermarks(taskId: string): Promise<TaskWatermarks> {
    return { ...this.savedWatermarks(taskId), ...await super.watermarks(taskId) };
  }

  override async keepWatermarks(taskId: string, marks: TaskWatermarks): Promise<void> {
    await super.keepWatermarks(taskId, marks);
    throw new OperatorError("there is no history file ([history] file)");
  }
}

interface Kept {
  run: Run;
  /** Undefined once it is kept elsewhere, and until it has a line. */
  log: KeptLog | undefined;
  readonly artifacts: Artifact[];
}

export class MemoryLedger implements Ledger {
  /** Runs of each task, oldest first. */
  readonly #tasks = new Map<string, Kept[]>();
  readonly #runs = new Map<string, Kept>();
  readonly #states = new Map<string, TaskState>();
  readonly #code = new CodeTexts(CODE_CHARACTERS);
  readonly #marks = new Map<string, TaskWatermarks>();
  /** Of the logs of runs that have ended. */
  readonly #logs = new LogBudget(LOGS_WEIGHT);
  #lastAlive: EpochMs | undefined;

  /**
   * @param limit runs kept a task; the oldest finished ones go first, an unfinished one never
   * @param isNeeded true for a run that is kept beyond the limit
   */
  constructor(readonly limit: number, readonly isNeeded: (runId: string) => boolean = () => false) {}

  save(run: Run): void {
    const kept = this.#runs.get(run.id);
    if (kept) {
      if (!mayFollow(kept.run, run)) return;
      kept.run = run;
      if (isTerminal(run.status) && kept.log) this.#logs.add(run.id, kept.log);
      return;
    }
    const added: Kept = { run, log: undefined, artifacts: [] };
    const ofTask = this.#tasks.get(run.taskId) ?? [];
    // Nearly always the last; runs that a file gives back later come before those that are here.
    ofTask.splice(ofTask.findLastIndex((each) => each.run.id < run.id) + 1, 0, added);
    this.#runs.set(run.id, added);
    this.#tasks.set(run.taskId, ofTask);
    this.#trim(ofTask);
  }

  #trim(ofTask: Kept[]): void {
    while (ofTask.length > this.limit) {
      const oldest = ofTask.findIndex(({ run }) => isTerminal(run.status) && !this.isNeeded(run.id));
      const removed = oldest === -1 ? undefined : ofTask.splice(oldest, 1)[0];
      if (!removed) break;
      this.#runs.delete(removed.run.id);
      this.#logs.remove(removed.run.id);
    }
  }

  /** What the logs of runs that have ended take together, in characters, roughly. */
  get logsWeight(): number {
    return this.#logs.weight;
  }

  log(runId: string, line: LogLine): void {
    this.addLine(runId, line);
  }

  /** The line as it is kept; undefined for an unknown run. */
  addLine(runId: string, line: LogLine): NumberedLine | undefined {
    const kept = this.#runs.get(runId);
    return kept && (kept.log ??= new KeptLog()).add(line);
  }

  keepArtifact(runId: string, artifact: Artifact): void {
    this.#runs.get(runId)?.artifacts.push(artifact);
  }

  artifacts(runId: string): readonly Artifact[] {
    return [...(this.#runs.get(runId)?.artifacts ?? [])];
  }

  keepCode(version: string, text: string): void {
    this.#code.keep(version, text);
  }

  code(version: string): string | undefined {
    return this.#code.get(version);
  }

  /** They are not counted: memory ends with the program. */
  bytesOfTasks(): undefined {}

  /** The limit in memory holds for all tasks. */
  retain(): void {}

  recent(taskId: string, limit: number = this.limit): Run[] {
    return (this.#tasks.get(taskId) ?? []).slice(-Math.min(limit, 1e9)).reverse().map((kept) => kept.run);
  }

  lastRuns(taskIds: readonly string[]): ReadonlyMap<string, Run> {
    return new Map(taskIds.flatMap((id): [string, Run][] => {
      const last = this.#tasks.get(id)?.at(-1);
      return last ? [[id, last.run]] : [];
    }));
  }

  find(query: RunQuery): Run[] {
    const { taskId, taskIds, statuses, causes, from = -Infinity, to = Infinity, text, before, limit } = query;
    const wanted = text?.toLowerCase();
    const among = taskIds && new Set(taskIds);
    const found: Run[] = [];
    const all = taskId === undefined ? [...this.#runs.values()] : this.#tasks.get(taskId) ?? [];
    const newestFirst = all.toSorted((a, b) => a.run.id < b.run.id ? 1 : -1);
    for (const kept of newestFirst) {
      const { id, taskId: ofTask, status, cause, queuedAt } = kept.run;
      if (found.length >= limit) break;
      if (among?.has(ofTask) === false) continue;
      if (before !== undefined && id >= before) continue;
      if (statuses && !statuses.includes(status)) continue;
      if (causes && !causes.includes(cause)) continue;
      if (queuedAt < from || queuedAt >= to) continue;
      if (wanted === undefined || holdsText(kept, wanted)) found.push(kept.run);
    }
    return found;
  }

  outcomes(query: OutcomeQuery): RunOutcome[] {
    return this.find(query);
  }

  durations(taskId: string, limit: number): number[] {
    return this.recent(taskId, Infinity).flatMap((run) => {
      const took = run.status === "succeeded" ? durationOf(run, 0) : undefined;
      return took === undefined ? [] : [took];
    }).slice(0, limit);
  }

  /** Runs that are kept, in no order. */
  *all(): Iterable<Run> {
    for (const { run } of this.#runs.values()) yield run;
  }

  /** Ids of tasks that have a state. */
  get stateIds(): Iterable<string> {
    return this.#states.keys();
  }

  /** Ids of tasks that have watermarks. */
  get markedIds(): Iterable<string> {
    return this.#marks.keys();
  }

  /** Forgets the log of a run that is kept elsewhere. */
  dropLines(runId: string): void {
    const kept = this.#runs.get(runId);
    if (kept) kept.log = undefined;
    this.#logs.remove(runId);
  }

  get(runId: string): Run | undefined {
    return this.#runs.get(runId)?.run;
  }

  lines(runId: string): readonly NumberedLine[] {
    return this.keptLog(runId)?.lines() ?? [];
  }

  /** The log of a run, as far as it is kept here. */
  keptLog(runId: string): KeptLog | undefined {
    return this.#runs.get(runId)?.log;
  }

  logLength(runId: string): number {
    return this.keptLog(runId)?.count ?? 0;
  }

  state(taskId: string): TaskState | undefined {
    return this.#states.get(taskId);
  }

  saveState(taskId: string, state: TaskState): void {
    this.#states.set(taskId, state);
  }

  watermarks(taskId: string): TaskWatermarks {
    return this.#marks.get(taskId) ?? {};
  }

  keepWatermarks(taskId: string, marks: TaskWatermarks): void {
    this.#marks.set(taskId, { ...this.watermarks(taskId), ...marks });
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

  health(): HistoryHealth {
    return {};
  }

  maintain(): boolean {
    return false;
  }

  close(): void {}
}

function holdsText({ run, log }: Kept, wanted: string): boolean {
  const lines = log?.lines() ?? [];
  return [run.message, run.error?.message, run.note, run.approval?.note, ...lines.map(({ text }) => text)]
    .some((text) => text?.toLowerCase().includes(wanted));
}
