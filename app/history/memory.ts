/** History in memory: always there, capped by runs a task and by lines a run. */
import { isTerminal, type LogLine, mayFollow, type Run } from "./run.ts";
import type { HistoryStore, TaskState, TaskStateStore } from "./store.ts";

/** Log lines kept of one run; the line after the last says so. */
export const MAX_LOG_LINES = 1_000;
/** Characters kept of one log line. */
export const MAX_LINE_LENGTH = 4_000;

interface Kept {
  run: Run;
  readonly lines: LogLine[];
}

export class MemoryHistory implements HistoryStore, TaskStateStore {
  /** Runs of each task, oldest first. */
  readonly #tasks = new Map<string, Kept[]>();
  readonly #runs = new Map<string, Kept>();
  readonly #states = new Map<string, TaskState>();

  /** @param limit runs kept a task; the oldest finished ones go first, an unfinished one never */
  constructor(readonly limit: number) {}

  save(run: Run): void {
    const kept = this.#runs.get(run.id);
    if (kept) {
      if (mayFollow(kept.run.status, run.status)) kept.run = run;
      return;
    }
    const added: Kept = { run, lines: [] };
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
    const lines = this.#runs.get(runId)?.lines;
    const kept = lines && cappedLine(lines.length, line);
    if (kept) lines.push(kept);
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

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The line as it is kept when `count` lines are there already; undefined once the log is full. */
export function cappedLine(count: number, line: LogLine): LogLine | undefined {
  if (count > MAX_LOG_LINES) return undefined;
  if (count === MAX_LOG_LINES) {
    return {
      ...line,
      level: "warn",
      text: `… the log of a run is kept to ${MAX_LOG_LINES} lines; the rest is left out`,
    };
  }
  const left = line.text.length - MAX_LINE_LENGTH;
  return left <= 0
    ? line
    : { ...line, text: `${line.text.slice(0, MAX_LINE_LENGTH)}… (${left} more characters)` };
}
