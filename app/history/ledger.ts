/** What a history is built of: a ledger is asked and written synchronously, in memory or in a file of this machine. */
import type { EpochMs } from "../base/time.ts";
import type { RunRecorder } from "../contracts.ts";
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
import type { NumberedLine, Run } from "../model/run.ts";

/** The questions and writes of `History`, each with its answer at once. */
export interface Ledger extends RunRecorder {
  recent(taskId: string, limit?: number): readonly Run[];
  lastRuns(taskIds: readonly string[]): ReadonlyMap<string, Run>;
  find(query: RunQuery): readonly Run[];
  outcomes(query: OutcomeQuery): readonly RunOutcome[];
  durations(taskId: string, limit: number): readonly number[];
  get(runId: string): Run | undefined;
  /** Those that are kept at hand. */
  lines(runId: string): readonly NumberedLine[];
  /** How many lines the run has written so far. */
  logLength(runId: string): number;
  artifacts(runId: string): readonly Artifact[];
  code(version: string): string | undefined;
  bytesOfTasks(): ReadonlyMap<string, number> | undefined;
  retain(taskId: string, keeping: TaskKeeping | undefined): void;
  state(taskId: string): TaskState | undefined;
  saveState(taskId: string, state: TaskState): void;
  watermarks(taskId: string): TaskWatermarks;
  /** Throws an OperatorError where they could be kept in memory only; they count nevertheless. */
  keepWatermarks(taskId: string, marks: TaskWatermarks): void;
  lastAlive(): EpochMs | undefined;
  saveAlive(now: EpochMs): void;
  health(): HistoryHealth;
  maintain(now: EpochMs): boolean;
  close(): void;
}
