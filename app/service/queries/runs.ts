/** Questions about runs, as pages, the API and the CLI ask them. */
import type { EpochMs } from "../../base/time.ts";
import type { ArtifactStore, Clock, RunReader } from "../../contracts.ts";
import { type CodeFile, readCodeList } from "../../model/code.ts";
import type {
  Artifact,
  LogPartsQuery,
  LogQuery,
  LogSize,
  OutcomeQuery,
  RunOutcome,
  RunQuery,
} from "../../model/history.ts";
import type { NumberedLine, Run } from "../../model/run.ts";
import type { Approvals, HeldRun } from "../../run/approvals.ts";
import type { Runner } from "../../run/runner.ts";
import type { WaitReason } from "../../run/start_queue.ts";
import type { LiveRuns } from "../live_runs.ts";
import { compareWithLastGood, type Comparison } from "./comparison.ts";
import { type DayCount, RunDays } from "./run_days.ts";
import { Refusal } from "../refusal.ts";

const HOUR_MS = 3_600_000;
/** Later runs that are looked through for the next one. */
const MAX_LATER = 4_000;

export interface RunQueriesParts {
  readonly reader: RunReader;
  readonly files: Pick<ArtifactStore, "artifactBytes">;
  readonly runner: Pick<Runner, "active" | "live" | "waitReason">;
  readonly approvals: Pick<Approvals, "all">;
  readonly live: Pick<LiveRuns, "follow">;
  readonly clock: Clock;
}

export class RunQueries {
  readonly #days: RunDays;

  constructor(readonly parts: RunQueriesParts) {
    this.#days = new RunDays(parts.reader, parts.clock);
  }

  /** A run; undefined where there is none. */
  find(id: string): Promise<Run | undefined> {
    return this.parts.reader.get(id);
  }

  /** A run. @throws Refusal `unknown` */
  async get(id: string): Promise<Run> {
    const run = await this.find(id);
    if (!run) throw new Refusal("unknown", "problem.no_run", { id });
    return run;
  }

  /** Runs that match, newest first. */
  search(query: RunQuery): Promise<readonly Run[]> {
    return this.parts.reader.find(query);
  }

  /** Runs of a task, newest first. */
  recent(taskId: string, limit?: number): Promise<readonly Run[]> {
    return this.parts.reader.recent(taskId, limit);
  }

  /** The newest run of each of these tasks. */
  last(taskIds: readonly string[]): Promise<ReadonlyMap<string, Run>> {
    return this.parts.reader.lastRuns(taskIds);
  }

  /** The bare facts of runs that were queued from one moment to another, newest first. */
  outcomes(query: OutcomeQuery): Promise<readonly RunOutcome[]> {
    return this.parts.reader.outcomes(query);
  }

  /**
   * The code of a version ({@link Run.codeVersion}) as it was loaded, its own file first; undefined where it is not kept
   * any more. A file without a text is not shown, or not kept.
   */
  async codeOf({ codeVersion = "" }: Run): Promise<readonly CodeFile[] | undefined> {
    const { reader } = this.parts;
    const files = readCodeList(await reader.code(codeVersion) ?? "");
    return files &&
      await Promise.all(files.map(async (file) => ({ ...file, text: await reader.code(file.hash) })));
  }

  /** How many runs a task had on each day; see {@link RunDays.count}. */
  days(taskId: string, starts: readonly EpochMs[]): Promise<readonly DayCount[]> {
    return this.#days.count(taskId, starts);
  }

  /** What is different from the last run before it that went well; undefined where there is none. */
  compared(run: Run): Promise<Comparison | undefined> {
    return compareWithLastGood(this.parts.reader, run, (each) => this.codeOf(each));
  }

  /** The runs of the same task just before and after one. */
  async neighbours({ id, taskId, queuedAt }: Run): Promise<{
    readonly previous: Run | undefined;
    readonly next: RunOutcome | undefined;
    readonly previousGood: Run | undefined;
  }> {
    const { reader } = this.parts;
    const [previous] = await reader.find({ taskId, before: id, limit: 1 });
    const [previousGood] = await reader.find({ taskId, before: id, statuses: ["succeeded"], limit: 1 });
    for (const span of [HOUR_MS, 24 * HOUR_MS, 400 * 24 * HOUR_MS]) {
      const later = await reader.outcomes({ taskId, from: queuedAt, to: queuedAt + span, limit: MAX_LATER });
      const next = later.findLast((each) => each.id > id);
      if (next && later.length < MAX_LATER) return { previous, next, previousGood };
      if (later.length >= MAX_LATER) break;
    }
    return { previous, next: undefined, previousGood };
  }

  /** How long the newest successful runs of a task took, in milliseconds, newest first. */
  durations(taskId: string, limit: number): Promise<readonly number[]> {
    return this.parts.reader.durations(taskId, limit);
  }

  /** Log lines of a run, oldest first; see {@link RunReader.lines}. */
  lines(id: string, query?: LogQuery): Promise<readonly NumberedLine[]> {
    return this.parts.reader.lines(id, query);
  }

  /** How long a run's log is. */
  logSize(id: string): Promise<LogSize> {
    return this.parts.reader.logSize(id);
  }

  /** The whole log of a run, part by part; see {@link RunReader.logParts}. */
  logParts(id: string, query?: LogPartsQuery): AsyncIterable<readonly NumberedLine[]> {
    return this.parts.reader.logParts(id, query);
  }

  /** Files that a run has left, in the order they came. */
  artifacts(id: string): Promise<readonly Artifact[]> {
    return this.parts.reader.artifacts(id);
  }

  /** Bytes that the runs and logs of each task take, about; undefined until they have been counted once. */
  bytesOfTasks(): Promise<ReadonlyMap<string, number> | undefined> {
    return this.parts.reader.bytesOfTasks();
  }

  /** A file that a run has left, and its bytes. @throws Refusal `unknown` */
  async artifact(id: string, path: string): Promise<{
    readonly artifact: Artifact;
    readonly bytes: AsyncIterable<Uint8Array>;
  }> {
    const artifact = (await this.artifacts(id)).find((each) => each.path === path);
    const bytes = artifact && this.parts.files.artifactBytes(id, path);
    if (!artifact || !bytes) throw new Refusal("unknown", "problem.no_artifact", { file: path });
    return { artifact, bytes };
  }

  /** Runs that are queued or running; those of one task where its id is given. */
  unfinished(taskId?: string): readonly Run[] {
    return taskId === undefined ? this.parts.runner.active : this.parts.runner.live(taskId);
  }

  /** Runs that wait for the word of another person, the oldest first. */
  awaiting(): readonly HeldRun[] {
    return this.parts.approvals.all();
  }

  /** Why a run waits; undefined for one that does not. */
  waitReason(id: string): WaitReason | undefined {
    return this.parts.runner.waitReason(id);
  }

  /** A run as it is now and after each change of it or of its log, until it has ended or the signal is aborted. */
  follow(id: string, signal?: AbortSignal): AsyncIterable<Run> {
    return this.parts.live.follow(id, signal);
  }
}
