/** One run's life: queued, running, attempt by attempt, ended; every step is recorded. */
import type { EpochMs } from "../time.ts";
import { v7 as uuidv7 } from "uuid";
import { reasonText, type RunReason } from "../history/reason.ts";
import { isTerminal, type Run, type RunCause, type RunError, type RunStatus } from "../history/run.ts";
import type { HistoryStore } from "../history/store.ts";
import { duration } from "../locale/format.ts";
import type { Mask } from "../mask.ts";
import { after, type Clock, sleep } from "../scheduler/clock.ts";
import { retryDelay, TIMEOUT_ERROR } from "../scheduler/policy.ts";
import type { ExecutorKind } from "../task/define.ts";
import type { Task } from "../task/registry.ts";
import { ActiveRuns } from "./active_runs.ts";
import { Admission, type Claim, type WaitReason } from "./admission.ts";
import type { Execution, Executors } from "./executor.ts";
import type { RunAnswer, RunNews } from "./messages.ts";
import type { TaskWatermarks, WatermarkStore } from "./watermarks.ts";

/** What asks for a run. */
export interface RunRequest {
  readonly cause: RunCause;
  readonly by?: string;
  readonly scheduledAt?: EpochMs;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface RunnerParts {
  readonly clock: Clock;
  readonly history: HistoryStore;
  readonly executors: Executors;
  readonly executorOf: (task: Task) => ExecutorKind;
  /** Most runs in threads and processes at one time. */
  readonly workers: number;
  /** Puts the paths of task files back into the text of an error. */
  readonly original: (text: string) => string;
  readonly mask: Mask;
  readonly watermarks: WatermarkStore;
  /** A moment on the wall clock of a task's zone. */
  readonly local: (at: EpochMs, taskId: string) => string;
  /** Called when a run has ended. */
  readonly onEnded: (run: Run) => void;
}

/** How long a task has to heed its aborted signal before it is ended. */
export const ABORT_GRACE_MS = 5_000;

interface ActiveRun extends Claim {
  readonly task: Task;
  readonly executor: ExecutorKind;
  run: Run;
  attempt: number;
  /** The attempt that is going on; none while the run waits. */
  execution?: Execution | undefined;
  /** Why the attempt is being ended, whatever the task answers. */
  ending?: { readonly status: RunStatus; readonly reason: RunReason; readonly again: boolean } | undefined;
  /** Aborted when the attempt, or the wait before the next one, is over. */
  step?: AbortController | undefined;
}

/** A skipped record that grows while the same reason goes on. */
interface Streak {
  readonly run: Run;
  readonly reason: string;
}

export class Runner {
  readonly #active = new ActiveRuns<ActiveRun>();
  readonly #admission: Admission<ActiveRun>;
  readonly #streaks = new Map<string, Streak>();
  readonly #watchers = new Map<string, Set<() => void>>();
  readonly #emptied: (() => void)[] = [];
  #closed = false;
  #sequence = 0;
  #changes = 0;

  constructor(readonly parts: RunnerParts) {
    this.#admission = new Admission(parts.workers, (active) => this.#begin(active));
  }

  /** Runs that are queued or running. */
  get active(): readonly Run[] {
    return this.#active.all().map(({ run }) => run);
  }

  /** Grows with every change of a run; lines of its log are none. */
  get changes(): number {
    return this.#changes;
  }

  /** How many workers are at work. */
  get busyWorkers(): number {
    return this.#admission.slots;
  }

  /** Unfinished runs of a task, the oldest first. */
  live(taskId: string): readonly Run[] {
    return this.#active.of(taskId).map(({ run }) => run);
  }

  /** How many unfinished runs a task has, and how many of these have not begun. */
  load(taskId: string): { readonly live: number; readonly waiting: number } {
    const live = this.#active.of(taskId);
    return { live: live.length, waiting: live.filter(({ run }) => run.status === "queued").length };
  }

  /** Why a run waits; undefined for one that does not. */
  waitReason(runId: string): WaitReason | undefined {
    const active = this.#active.find(runId);
    return active && this.#admission.reasonOf(active);
  }

  /** A run as it is now and after each change of it or of its log, until it has ended. */
  async *follow(runId: string): AsyncGenerator<Run> {
    let told = Promise.withResolvers<void>();
    const watcher = () => told.resolve();
    const watchers = this.#watchers.get(runId) ?? new Set();
    watchers.add(watcher);
    this.#watchers.set(runId, watchers);
    try {
      for (;;) {
        const run = this.parts.history.get(runId);
        if (!run) return;
        yield run;
        if (isTerminal(run.status)) return;
        await told.promise;
        told = Promise.withResolvers<void>();
      }
    } finally {
      watchers.delete(watcher);
      if (watchers.size === 0) this.#watchers.delete(runId);
    }
  }

  /** Records a run as queued and begins it as soon as its task's limit, its locks and the workers allow. */
  start(task: Task, request: RunRequest): Run {
    if (this.#closed) throw new Error("Carillon is stopping: no new runs");
    // Most runs begin at once: that they were queued and that they began is one write.
    return this.parts.history.batch(() => this.#start(task, request));
  }

  #start(task: Task, request: RunRequest): Run {
    this.#streaks.delete(task.id);
    const run = this.#record(task.id, request, { status: "queued" });
    const executor = this.parts.executorOf(task);
    const { priority, locks, concurrency } = task.description.policies;
    const active: ActiveRun = {
      task,
      taskId: task.id,
      executor,
      run,
      attempt: 1,
      priority,
      locks,
      concurrency,
      needsSlot: executor !== "inline",
      counted: false,
    };
    this.#active.add(active);
    this.#admission.request(active);
    return active.run;
  }

  /**
   * Records due instants that do not become a run, with the reason. Instants that follow each other and are skipped for
   * the same reason share one record, which counts them.
   */
  note(
    taskId: string,
    request: RunRequest,
    outcome: {
      readonly status: "skipped" | "missed";
      readonly reason: RunReason;
      readonly instants?: number;
    },
  ): Run {
    const { status, reason, instants = 1 } = outcome;
    const now = this.parts.clock.now();
    const sentence = reasonText(reason, "en");
    const streak = this.#streaks.get(taskId);
    if (streak && status === "skipped" && streak.reason === sentence && request.scheduledAt !== undefined) {
      const n = streak.run.instants + instants;
      const values = { reason: sentence, n, last: this.parts.local(request.scheduledAt, taskId) };
      const run: Run = {
        ...streak.run,
        instants: n,
        finishedAt: now,
        message: reasonText({ key: "reason.repeated", values }, "en"),
      };
      this.#save(run);
      this.#streaks.set(taskId, { run, reason: sentence });
      return run;
    }
    const run = this.#record(taskId, request, {
      status,
      reason,
      instants,
      message: sentence,
      finishedAt: now,
    });
    if (status === "skipped") this.#streaks.set(taskId, { run, reason: sentence });
    else this.#streaks.delete(taskId);
    return run;
  }

  /** Ends a run that is queued or running. False where there is no such run any more. */
  cancel(runId: string, by?: string): boolean {
    const active = this.#active.find(runId);
    if (!active) return false;
    const reason: RunReason = by === undefined
      ? { key: "reason.cancelled", values: {} }
      : { key: "reason.cancelled_by", values: { by } };
    this.#end(active, "cancelled", reason);
    return true;
  }

  /** Makes room for the run of another instant: what waits goes, and of those at work the oldest. */
  replace(taskId: string, reason: RunReason): void {
    const live = [...this.#active.of(taskId)];
    for (const active of live.filter(({ run }) => run.status === "queued")) {
      this.#end(active, "cancelled", reason);
    }
    const oldest = live.find(({ run, ending }) => run.status === "running" && !ending);
    if (oldest) this.#end(oldest, "cancelled", reason);
  }

  /** No new runs; waits for those under way up to a grace time, then ends and records them. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    const reason: RunReason = { key: "reason.stopped", values: {} };
    for (const active of this.#active.all()) {
      if (!active.execution) this.#end(active, "interrupted", reason);
    }
    if (this.#active.size > 0) {
      const emptied = new Promise<void>((resolve) => this.#emptied.push(resolve));
      const waiting = new AbortController();
      await Promise.race([
        emptied,
        sleep(this.parts.clock, graceMs, waiting.signal).catch((error) => {
          if (!waiting.signal.aborted) throw error;
        }),
      ]);
      waiting.abort();
      for (const active of this.#active.all()) this.#end(active, "interrupted", reason, 0);
      if (this.#active.size > 0) await emptied;
    }
    const { worker, process, inline } = this.parts.executors;
    await Promise.all([worker.close(), process.close(), inline.close()]);
  }

  #record(taskId: string, request: RunRequest, rest: Partial<Run> & Pick<Run, "status">): Run {
    const now = this.parts.clock.now();
    const { cause, by, scheduledAt, params } = request;
    const run: Run = {
      id: uuidv7({ msecs: now, seq: this.#sequence++ % 0x8000_0000 }),
      taskId,
      cause,
      queuedAt: now,
      attempt: 1,
      instants: 1,
      params,
      ...(by === undefined ? {} : { by }),
      ...(scheduledAt === undefined ? {} : { scheduledAt }),
      ...rest,
    };
    this.#save(run);
    return run;
  }

  #save(run: Run): void {
    this.#changes++;
    this.parts.history.save(run);
  }

  #begin(active: ActiveRun): void {
    const { task, run, attempt, executor } = active;
    const { clock, executors, watermarks } = this.parts;
    this.#move(
      active,
      attempt === 1
        ? { status: "running", startedAt: clock.now() }
        : { status: "running", attempt, progress: {} },
    );
    const { timeoutMs } = task.description.policies;
    if (timeoutMs !== undefined) {
      active.step = new AbortController();
      void after(clock, timeoutMs, active.step.signal, () => {
        const reason: RunReason = {
          key: "reason.timeout",
          values: { limit: duration(timeoutMs, "en") },
        };
        this.#end(active, "timed_out", reason, ABORT_GRACE_MS, true);
      });
    }
    const execution = executors[executor].begin(task, {
      runId: run.id,
      taskId: task.id,
      module: task.module,
      cause: run.cause,
      attempt,
      scheduledAt: run.scheduledAt ?? run.queuedAt,
      params: run.params,
      watermarks: watermarks.of(task.id),
    }, (news) => this.#heed(active, news));
    active.execution = execution;
    void execution.answer.then((answer) => this.#answered(active, answer));
  }

  #heed(active: ActiveRun, news: RunNews): void {
    if (news.kind === "log") {
      this.#log(active, news.level, news.text);
      return;
    }
    const { fraction, note } = news;
    this.#move(active, { progress: { fraction, ...(note === undefined ? {} : { note }) } });
  }

  #log(active: ActiveRun, level: "debug" | "info" | "warn" | "error", line: string): void {
    const text = this.parts.mask(this.parts.original(line));
    this.parts.history.log(active.run.id, { at: this.parts.clock.now(), level, text });
    this.#tell(active.run.id);
  }

  /** An attempt is over: the run with it, or another attempt follows. */
  #answered(active: ActiveRun, answer: RunAnswer): void {
    const { ending, task, attempt, run } = active;
    active.execution = undefined;
    active.ending = undefined;
    active.step?.abort();
    active.step = undefined;
    const outcome = ending
      ? { status: ending.status, reason: ending.reason, message: reasonText(ending.reason, "en") }
      : this.#outcomeOf(answer);
    // What is tried by hand on the command line leaves nothing behind.
    if (!ending && answer.kind === "succeeded" && answer.watermarks && run.cause !== "cli") {
      this.#keepWatermarks(active, answer.watermarks);
    }
    const { retry } = task.description.policies;
    const mayRepeat = !this.#closed && (!ending || ending.again);
    const delay = mayRepeat
      ? retryDelay(retry, attempt, {
        status: outcome.status,
        error: ending ? TIMEOUT_ERROR : answer.kind === "failed" ? answer.error.name : "",
        retryable: answer.kind === "failed" && answer.retryable === true,
      })
      : undefined;
    if (delay === undefined) {
      this.#finish(active, outcome);
      this.#admission.release(active, true);
      return;
    }
    const said = "error" in outcome ? outcome.error?.message : outcome.message;
    active.attempt = attempt + 1;
    const plan = `attempt ${active.attempt} of ${retry?.attempts} in ${duration(delay, "en")}`;
    this.#log(active, "warn", `attempt ${attempt} ${outcome.status}: ${said}; ${plan}`);
    this.#move(active, { progress: { note: plan } });
    this.#admission.release(active, false);
    active.step = new AbortController();
    void after(this.parts.clock, delay, active.step.signal, () => {
      active.step = undefined;
      this.#admission.request(active);
    });
  }

  /** The run has done its work: a disk that is full does not make it a failure, but it is told of. */
  #keepWatermarks(active: ActiveRun, marks: TaskWatermarks): void {
    try {
      this.parts.watermarks.keep(active.taskId, marks);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#log(
        active,
        "error",
        `the watermark could not be written to ${why}; it counts until Carillon ends`,
      );
    }
  }

  #outcomeOf(answer: RunAnswer): Pick<Run, "status" | "message" | "error"> {
    if (answer.kind === "succeeded") {
      return {
        status: "succeeded",
        ...(answer.message === undefined ? {} : { message: this.parts.mask(answer.message) }),
      };
    }
    return { status: "failed", error: this.#errorOf(answer) };
  }

  #errorOf(answer: Exclude<RunAnswer, { kind: "succeeded" }>): RunError {
    if (answer.kind === "refused") {
      const message = answer.problems.map(({ name, message }) => `${name}: ${message}`).join("; ");
      return { name: "InvalidParams", message };
    }
    const { name, message, stack } = answer.error;
    const clean = (text: string) => this.parts.mask(this.parts.original(text));
    return { name, message: clean(message), ...(stack === undefined ? {} : { stack: clean(stack) }) };
  }

  /**
   * Ends a run: one that waits at once, one at work by its signal and then by force.
   *
   * @param again true where another attempt may follow
   */
  #end(
    active: ActiveRun,
    status: RunStatus,
    reason: RunReason,
    graceMs: number = ABORT_GRACE_MS,
    again = false,
  ): void {
    const { execution } = active;
    if (!execution) {
      active.step?.abort();
      this.#admission.withdraw(active);
      this.#finish(active, { status, reason, message: reasonText(reason, "en") });
      this.#admission.leave(active);
      return;
    }
    // What was decided first counts, but that no further attempt may follow can be decided later.
    const first = active.ending ?? { status, reason, again };
    active.ending = { ...first, again: first.again && again };
    const message = reasonText(reason, "en");
    execution.abort(message);
    active.step ??= new AbortController();
    void after(this.parts.clock, graceMs, active.step.signal, () => execution.end(message));
  }

  #finish(active: ActiveRun, outcome: Pick<Run, "status" | "message" | "error" | "reason">): void {
    this.#active.remove(active);
    this.#move(active, { ...outcome, finishedAt: this.parts.clock.now() });
    this.parts.onEnded(active.run);
    if (this.#active.size === 0) this.#emptied.splice(0).forEach((resolve) => resolve());
  }

  #move(active: ActiveRun, change: Partial<Run>): void {
    active.run = { ...active.run, ...change };
    this.#save(active.run);
    this.#tell(active.run.id);
  }

  #tell(runId: string): void {
    const watchers = this.#watchers.get(runId);
    if (watchers) { for (const watcher of watchers) watcher(); }
  }
}
