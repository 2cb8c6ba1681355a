/** History in memory: always there, capped by runs a task and by lines a run. */
import type { EpochMs } from "../time.ts";
import { cappedLine, EMPTY_LOG, type LogSize } from "./log_cap.ts";
import { durationOf, isTerminal, type LogLine, mayFollow, type Run } from "./run.ts";
import type { HistoryStore, OutcomeQuery, RunOutcome, RunQuery, TaskState, TaskStateStore } from "./store.ts";

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
    // Nearly always the last; runs that a file gives back later come before those that are here.
    ofTask.splice(ofTask.findLastIndex((each) => each.run.id < run.id) + 1, 0, added);
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
    return (this.#tasks.get(taskId) ?? []).slice(-Math.min(limit, 1e9)).reverse().map((kept) => kept.run);
  }

  lastRuns(taskIds: readonly string[]): ReadonlyMap<string, Run> {
    return new Map(taskIds.flatMap((id): [string, Run][] => {
      const last = this.#tasks.get(id)?.at(-1);
      return last ? [[id, last.run]] : [];
    }));
  }

  find({ taskId, statuses, from = -Infinity, to = Infinity, text, before, limit }: RunQuery): Run[] {
    const wanted = text?.toLowerCase();
    const found: Run[] = [];
    const all = taskId === undefined ? [...this.#runs.values()] : this.#tasks.get(taskId) ?? [];
    const newestFirst = all.toSorted((a, b) => a.run.id < b.run.id ? 1 : -1);
    for (const kept of newestFirst) {
      const { id, status, queuedAt } = kept.run;
      if (found.length >= limit) break;
      if (before !== undefined && id >= before) continue;
      if (statuses && !statuses.includes(status)) continue;
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

  /** Forgets the log of a run that is kept elsewhere. */
  dropLines(runId: string): void {
    this.#runs.get(runId)?.lines.splice(0);
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

function holdsText({ run, lines }: Kept, wanted: string): boolean {
  return [run.message, run.error?.message, ...lines.map(({ text }) => text)]
    .some((text) => text?.toLowerCase().includes(wanted));
}
