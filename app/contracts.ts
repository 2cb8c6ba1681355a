/** Every interface that one room offers and another relies on. What they speak of is in `app/model`. */
import type { EpochMs } from "./base/time.ts";
import type { Arrival, ArrivalEntry } from "./model/arrival.ts";
import type { ArtifactLimits, ArtifactPiece } from "./model/artifact.ts";
import type { AuditEntry } from "./model/audit.ts";
import type { BackfillEntry, BackfillPlan, BackfillRecord } from "./model/backfill.ts";
import type { Fire } from "./model/fire.ts";
import type { Locale } from "./model/locale.ts";
import type { RunAnswer, RunNews, RunOrder, TaskWatermarks } from "./model/order.ts";
import type { PlannedRun } from "./model/planned_run.ts";
import type { LogLine, NumberedLine, Run } from "./model/run.ts";
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
} from "./model/history.ts";

/** When a task fires. Pure: no clock, no timers, no I/O. */
export interface Trigger {
  /** First fire strictly after `after`, or null once it has ended. */
  next(after: Temporal.Instant): Temporal.Instant | null;
  /** The same in milliseconds since 1970-01-01T00:00Z, for whoever asks often. */
  nextMs(after: EpochMs): EpochMs | null;
  /** One line for people, in their language. */
  describe(locale: Locale): string;
  /** The exact rule in APScheduler's notation, such as `cron[day_of_week='mon', hour='10']`, as PyScheduler's `/jobs` shows it. */
  readonly rule: string;
  /** The zone whose wall clock the trigger follows. */
  readonly timezone: string;
  /** True where it fires at each start of Carillon, besides its instants. */
  readonly atStart: boolean;
  /** True where new files fire it, besides its instants: the task has `watch`. */
  readonly onFiles: boolean;
  /** Equal for triggers that fire alike; it changes with anything that is declared of the trigger. */
  readonly identity: string;
  /** True for a rhythm (an interval, every hour), false for wall times (02:30): what happens when clocks are set differs. */
  readonly isRhythm: boolean;
}

/**
 * Which instants of a task have a record, where the system clock was ahead before. A missed stretch that reaches beyond
 * `now` is shortened: what is left of it is still to come.
 */
export interface RecordedInstants {
  /** @param from whose record is asked for: instants after this moment, which is not later than `now` */
  after(taskId: string, trigger: Trigger, from: EpochMs, now: EpochMs): Promise<ReadonlySet<EpochMs>>;
}

/** Time, as the one thing that may be asked for it. Both sleeps reject with the signal's reason when it is aborted. */
export interface Clock {
  /** The system's time, which may be set forward and back. */
  now(): EpochMs;
  /** Resolves when `t` is reached, or within seconds of the system's time being set: whoever sleeps looks again. */
  sleepUntil(t: EpochMs, signal: AbortSignal): Promise<void>;
  /** Resolves after so many milliseconds, whatever becomes of the system's time. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Lets others go on, and what has arrived from outside be taken in. */
  turn(): Promise<void>;
}

/** Whatever lives as long as Carillon does. Both may be called once; `stop` also after a failed `start`. */
export interface Service {
  start(): void | Promise<void>;
  stop(): Promise<void>;
}

/**
 * Where runs are written. Synchronous: memory is in front, the file or the server behind it, and what is behind may
 * fail and come back without the caller being held up.
 */
export interface RunRecorder {
  /** Inserts a run or moves it forward; a step backwards is not taken (I2). */
  save(run: Run): void;
  /** Adds a line to a run's log; a line for an unknown run is dropped. */
  log(runId: string, line: LogLine): void;
  /** Adds a file that a run has left; one for an unknown run is dropped. */
  keepArtifact(runId: string, artifact: Artifact): void;
  /** Keeps the text of a task's code, once for each {@link Run.codeVersion}. */
  keepCode(version: string, text: string, now: EpochMs): void;
  /** Does several writes, also those of {@link TaskStates}, as one: what is behind has all of them or none. */
  batch<T>(work: () => T): T;
}

/** All questions about runs. */
export interface RunReader {
  /** Runs of a task, newest first; as many as are kept in memory unless said otherwise. */
  recent(taskId: string, limit?: number): Promise<readonly Run[]>;
  /** The newest run of each of these tasks, in one question. */
  lastRuns(taskIds: readonly string[]): Promise<ReadonlyMap<string, Run>>;
  /** Runs that match, newest first. */
  find(query: RunQuery): Promise<readonly Run[]>;
  /** The bare facts of runs that were queued from one moment to another, newest first. */
  outcomes(query: OutcomeQuery): Promise<readonly RunOutcome[]>;
  /** How long the newest successful runs of a task took, in milliseconds, newest first. */
  durations(taskId: string, limit: number): Promise<readonly number[]>;
  /** How long a run of the task usually takes: the median of its last 20 successes, in milliseconds, once there are 5. */
  usual(taskId: string): Promise<number | undefined>;
  get(runId: string): Promise<Run | undefined>;
  /** Files that a run has left, in the order they came. */
  artifacts(runId: string): Promise<readonly Artifact[]>;
  /** The text of a task's code. */
  code(version: string): Promise<string | undefined>;
  /** Bytes that the runs and logs of each task take, about; undefined until they have been counted once. */
  bytesOfTasks(): Promise<ReadonlyMap<string, number> | undefined>;
  /**
   * Lines of a run's log, oldest first. Without `from`, `limit` and `text` those that are kept at hand; with one of them
   * the whole log is looked through, at most {@link LogQuery.limit} lines of it, 1,000 unless said otherwise.
   */
  lines(runId: string, query?: LogQuery): Promise<readonly NumberedLine[]>;
  /** How long a run's log is: whoever follows it asks for the lines from there on. */
  logSize(runId: string): Promise<LogSize>;
  /**
   * The whole log of a run, or what is asked for of it, part by part, oldest first. A part has so few lines that reading it
   * holds up nobody, and one is read in each turn of the event loop, however many read at one time; it may have none.
   */
  logParts(runId: string, query?: LogPartsQuery): AsyncIterable<readonly NumberedLine[]>;
}

/** Where the files are that runs leave; which there are is asked by {@link RunReader.artifacts}. */
export interface ArtifactStore {
  /** How much is kept; undefined where nothing is. */
  readonly artifactLimits: ArtifactLimits | undefined;
  /** Takes some bytes of a file; with the last of them it is kept. Answers why it is not. */
  takeArtifact(runId: string, piece: ArtifactPiece, now: EpochMs): string | undefined;
  /** An attempt of a run is over: what is not whole of its files is dropped. */
  endAttempt(runId: string): void;
  /** The bytes of a file, piece by piece; undefined where it is not there any more. */
  artifactBytes(runId: string, path: string): AsyncIterable<Uint8Array> | undefined;
}

/** Whether this Carillon may act on a fire: where several share the work, one of them wins each. */
export interface FireGate {
  /** Those of the fires that are this Carillon's, in their order. Memory and SQLite claim everything at once. */
  claim(fires: readonly Fire[]): Promise<readonly Fire[]>;
}

/**
 * What is remembered of tasks from one start to the next. An implementation that writes to the same place as
 * {@link RunRecorder} has written before its promise is returned, so that a call inside `batch` belongs to the batch.
 */
export interface TaskStates {
  state(taskId: string): Promise<TaskState | undefined>;
  saveState(taskId: string, state: TaskState): Promise<void>;
  watermarks(taskId: string): Promise<TaskWatermarks>;
  /** Adds the watermarks that a run has left. Rejects where they could be kept in memory only. */
  keepWatermarks(taskId: string, marks: TaskWatermarks): Promise<void>;
  /** When Carillon was last known to be active, in this run of the program or the one before. */
  lastAlive(): Promise<EpochMs | undefined>;
  saveAlive(now: EpochMs): Promise<void>;
}

/** A history: memory, file-backed, or a server. Every implementation passes one conformance suite. */
export interface History extends RunRecorder, RunReader, ArtifactStore, FireGate, TaskStates {
  /** How what is behind the memory is; asked often, so it costs nothing. */
  health(): HistoryHealth;
  /** How much is kept of a task's runs; undefined for what holds for all. */
  retain(taskId: string, keeping: TaskKeeping | undefined): void;
  /** Does a little of what can wait. True where there is more to do. */
  maintain(now: EpochMs): boolean;
  close(): Promise<void>;
}

/** Where backfills are written down, so that they go on after a stop or a crash. */
export interface BackfillLog {
  /** Those that are kept, in no order. */
  read(): readonly BackfillRecord[];
  /** Adds a plan, safely on the disk. @throws OperatorError where it cannot be */
  begin(plan: BackfillPlan): void;
  add(id: string, entry: BackfillEntry): void;
  remove(id: string): void;
}

/** Where it is written down who did what. */
export interface AuditLog {
  /** Writes it down at once. Never throws: what cannot be written is kept, said, and written later. */
  record(entry: AuditEntry): void;
}

/** Where the files that tasks have taken are written down, so that none is taken twice, after a stop or a crash either. */
export interface ArrivalLog {
  /** What is known of a task's files, in the order they were taken. Rejects where it is there and cannot be read. */
  read(taskId: string): Promise<readonly Arrival[]>;
  /** Adds what has happened, safely on the disk once the promise is kept. */
  add(taskId: string, entries: readonly ArrivalEntry[]): Promise<void>;
  /** Puts these in place of all that is written; what is not among them is forgotten. */
  replace(taskId: string, arrivals: readonly Arrival[]): Promise<void>;
}

/** Where planned runs are written down until their run is recorded. */
export interface PlannedRunLog {
  read(): readonly PlannedRun[];
  /** Safely on the disk. @throws OperatorError where it cannot be */
  add(plan: PlannedRun): void;
  remove(id: string): void;
}

/** An attempt that is going on. */
export interface Execution {
  /** Never rejects: whatever happens is an answer. */
  readonly answer: Promise<RunAnswer>;
  /** Aborts the task's signal; the task may or may not handle it. */
  abort(reason: string): void;
  /** Ends the attempt by force; its answer is then a failure with `reason`, and comes once nothing of it runs any more. */
  end(reason: string): void;
}

/** Where task code runs, whatever kind of host the order asks for. */
export interface Executor {
  /** Begins an attempt. `onNews` is called with log lines and progress until there is an answer. */
  begin(order: RunOrder, onNews: (news: RunNews) => void): Execution;
  /** How well a run of a module suits what is free at this moment: the least suits best, 0 perfectly. Undefined where all suit. */
  suits?(module: string): number;
}
