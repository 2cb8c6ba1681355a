/** Starts runs, leads each from attempt to attempt, and ends them when somebody asks. */
import type { Clock, Executor, Service, TaskStates } from "../contracts.ts";
import { Buffer } from "node:buffer";
import { messageOf } from "../base/errors.ts";
import type { EventBus } from "../events/bus.ts";
import { duration } from "../locale/format.ts";
import { reason, reasonText } from "../locale/reason.ts";
import type { CausingRun, RunNews, RunOrder, TaskWatermarks, TimeWindow } from "../model/order.ts";
import type { ArtifactLimits } from "../model/artifact.ts";
import type { RunReason } from "../model/reason.ts";
import { type Approval, type Run, type RunStatus, waitingSince } from "../model/run.ts";
import { BACKFILL_STEPS, startRank } from "../policy/priority.ts";
import { retryDelay } from "../policy/retry.ts";
import { after, sleep } from "../scheduler/clock.ts";
import type { Task } from "../task/task.ts";
import type { Windows } from "../task/windows.ts";
import {
  ABORT_GRACE_MS,
  Attempt,
  type AttemptResult,
  endedBy,
  failureOf,
  type Outcome,
  outcomeOf,
  type Phase,
} from "./attempt.ts";
import type { Recorder, RunRequest } from "./recorder.ts";
import { type Claim, StartQueue, type WaitReason } from "./start_queue.ts";

export interface RunnerParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly recorder: Recorder;
  readonly executor: Executor;
  readonly states: Pick<TaskStates, "watermarks" | "keepWatermarks">;
  readonly windows: Windows;
  /** Sees to it that a host can load the task; a promise where something has to be done for it. */
  readonly prepare?: ((task: Task) => Promise<void> | undefined) | undefined;
  /** How much of the files that runs leave is kept; undefined where none is. */
  readonly artifacts?: ArtifactLimits | undefined;
  /** What goes out with what an attempt does elsewhere; undefined where nobody traces. */
  readonly traceparentOf?: ((runId: string, attempt: number) => string) | undefined;
  /** Most runs that need a worker at one time. */
  readonly workers: number;
  /** Time limit of attempts whose task has none of its own, in milliseconds; none where undefined. */
  readonly timeoutMs?: number | undefined;
  /** How long runs under way have when Carillon stops, in milliseconds. */
  readonly graceMs: number;
}

interface ActiveRun extends Claim {
  readonly task: Task;
  readonly window: TimeWindow | undefined;
  readonly after: CausingRun | undefined;
  /** As they were given; the record has them without secrets. */
  readonly params: Run["params"];
  run: Run;
  /** Number of the attempt that is going on or comes next. */
  attempt: number;
  phase: Phase;
  /** How the attempt before ended; what the run ends with where no further one is made. */
  failed?: Outcome | undefined;
}

export class Runner implements Service {
  /** Which runs there are and which may start. */
  readonly #queue: StartQueue<ActiveRun>;
  readonly #emptied: (() => void)[] = [];
  readonly #unsubscribe: () => void;
  #stopped = false;

  constructor(readonly parts: RunnerParts) {
    this.#queue = new StartQueue(
      parts.workers,
      (active) => this.#begin(active),
      ({ task }) => parts.executor.suits?.(task.module) ?? 0,
    );
    this.#unsubscribe = parts.events.on("system.stopping", () => this.#close());
  }

  start(): void {}

  /** Runs that are queued or running. */
  get active(): readonly Run[] {
    return this.#queue.active.all().map(({ run }) => run);
  }

  /** How many workers are taken. */
  get busyWorkers(): number {
    return this.#queue.slots;
  }

  /** Unfinished runs of a task, the oldest first. */
  live(taskId: string): readonly Run[] {
    return this.#queue.active.of(taskId).map(({ run }) => run);
  }

  /** See {@link StartQueue.decide}. */
  decide(
    ...question: Parameters<StartQueue<ActiveRun>["decide"]>
  ): ReturnType<StartQueue<ActiveRun>["decide"]> {
    return this.#queue.decide(...question);
  }

  /** Why a run waits; undefined for one that does not. */
  waitReason(runId: string): WaitReason | undefined {
    const active = this.#queue.active.find(runId);
    return active && this.#queue.reasonOf(active);
  }

  /**
   * Records a run as queued and begins it as soon as its task's limit, its locks and the workers allow. While Carillon stops
   * it is recorded as what was queued then: as interrupted, without a start.
   */
  run(task: Task, request: RunRequest): Run {
    const { windows, clock, recorder } = this.parts;
    const window = request.window ?? windows.of(task, request.scheduledAt ?? clock.now());
    const params = windows.fill(task, request.params, window);
    // Most runs begin at once: that they were queued and that they began is one write.
    return recorder.batch(() => {
      const run = recorder.queue(task.id, { ...request, params });
      return this.#enter({ task, run, window, params, after: request.after });
    });
  }

  /** Lets a run begin that was held; it stands for the window that it had when it was asked for. */
  release(task: Task, held: Run, approval: Approval, after: CausingRun | undefined): Run {
    const { windows, recorder } = this.parts;
    const window = windows.of(task, held.scheduledAt ?? held.queuedAt);
    const { params } = held;
    return recorder.batch(() =>
      this.#enter({ task, run: recorder.release(held, approval), window, params, after })
    );
  }

  #enter(begun: Pick<ActiveRun, "task" | "run" | "window" | "params" | "after">): Run {
    const { task, run } = begun;
    const { priority, locks, concurrency, executor } = task.description.policies;
    const isBackfill = run.cause === "backfill";
    const active: ActiveRun = {
      ...begun,
      taskId: task.id,
      attempt: 1,
      phase: { kind: "waiting" },
      rank: startRank(isBackfill ? priority - BACKFILL_STEPS : priority, waitingSince(run)),
      locks,
      concurrency,
      isBackfill,
      needsSlot: executor !== "shared",
      place: "waiting",
    };
    this.#queue.enter(active);
    if (this.#stopped) this.#end(active, "interrupted", reason("reason.stopped"));
    return active.run;
  }

  /** No run begins any more, and no further attempt. */
  #close(): void {
    this.#stopped = true;
    this.#queue.close();
  }

  /** Ends a run that is queued or running. False where there is no such run any more. */
  cancel(runId: string, by?: string): boolean {
    const active = this.#queue.active.find(runId);
    if (!active) return false;
    this.#end(
      active,
      "cancelled",
      by === undefined ? reason("reason.cancelled") : reason("reason.cancelled_by", { by }),
    );
    return true;
  }

  /** Makes room for the run of another instant: what waits goes, and of those running the oldest. */
  replace(taskId: string, why: RunReason): void {
    // Nothing would come in its place.
    if (this.#stopped) return;
    const live = this.#queue.active.of(taskId).filter(({ isBackfill }) => !isBackfill);
    for (const active of live.filter(({ place }) => place === "waiting")) this.#end(active, "cancelled", why);
    const oldest = live.find(({ place, phase }) =>
      place !== "waiting" && !(phase.kind === "attempt" && phase.attempt.isEnding)
    );
    if (!oldest) return;
    if (oldest.phase.kind === "pause" && oldest.failed) this.#giveUp(oldest, oldest.failed, why);
    else this.#end(oldest, "cancelled", why);
  }

  /** A run that waits for another attempt ends as the one before did: its failure stays to be seen. */
  #giveUp(active: ActiveRun, failed: Outcome, why: RunReason): void {
    if (active.phase.kind === "pause") active.phase.wake.abort();
    this.parts.recorder.log(active.run.id, "warn", `no further attempt: ${reasonText(why, "en")}`);
    this.#finish(active, failed);
  }

  /** Waits for the runs under way up to the grace time, then ends and records them; those that wait are recorded at once. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#close();
    const why = reason("reason.stopped");
    const { active } = this.#queue;
    for (const each of active.all()) {
      if (each.phase.kind !== "attempt") this.#end(each, "interrupted", why);
    }
    if (active.size === 0) return;
    const emptied = new Promise<void>((resolve) => this.#emptied.push(resolve));
    const waiting = new AbortController();
    const grace = sleep(this.parts.clock, this.parts.graceMs, waiting.signal).catch((error) => {
      if (!waiting.signal.aborted) throw error;
    });
    await Promise.race([emptied, grace]);
    waiting.abort();
    for (const each of active.all()) this.#end(each, "interrupted", why, 0);
    if (active.size > 0) await emptied;
  }

  #begin(active: ActiveRun): void {
    const { task, attempt } = active;
    active.run = this.parts.recorder.begin(active.run, attempt, task);
    const { clock, executor } = this.parts;
    const { timeoutMs = this.parts.timeoutMs } = task.description.policies;
    const onNews = (news: RunNews) => this.#onNews(active, news);
    const begun = new Attempt({ clock, executor, onNews, timeoutMs }, this.#orderOf(active));
    active.phase = { kind: "attempt", attempt: begun };
    begun.result.then((result) => this.#answered(active, result)).catch((error) => {
      // Whatever its task has answered with: it ends this run, and nothing else.
      if (active.run.finishedAt !== undefined) throw error;
      const message = `what the run has answered cannot be recorded: ${messageOf(error)}`;
      this.#finish(active, { status: "failed", error: { name: "Error", message } });
    });
  }

  async #orderOf({ task, run, attempt, window, after, params }: ActiveRun): Promise<RunOrder> {
    const { executor, permissions, secrets, databases } = task.description.policies;
    const preparing = this.parts.prepare?.(task);
    if (preparing) await preparing;
    return {
      runId: run.id,
      taskId: task.id,
      module: task.module,
      executor,
      permissions,
      secrets,
      databases,
      cause: run.cause,
      after,
      attempt,
      scheduledAt: run.scheduledAt ?? run.queuedAt,
      window,
      params,
      watermarks: await this.parts.states.watermarks(task.id),
      artifacts: this.parts.artifacts,
      traceparent: this.parts.traceparentOf?.(run.id, attempt),
    };
  }

  #onNews(active: ActiveRun, news: RunNews): void {
    const { recorder, events } = this.parts;
    if (news.kind === "span") events.emit("run.spanned", { run: active.run, span: news.span });
    else if (news.kind === "hosted") events.emit("run.hosted", { run: active.run });
    else if (news.kind === "log") recorder.log(active.run.id, news.level, news.text);
    else if (news.kind === "artifact") {
      recorder.artifact(active.run.id, { ...news, bytes: Buffer.from(news.data, "base64") });
    } else active.run = recorder.progress(active.run, { fraction: news.fraction, note: news.note });
  }

  /** An attempt is over: the run with it, or another attempt follows. */
  async #answered(active: ActiveRun, result: AttemptResult): Promise<void> {
    const { answer, ending } = result;
    if (!ending && answer.kind === "succeeded" && answer.watermarks && leavesWatermarks(active.run)) {
      await this.#keepWatermarks(active, answer.watermarks);
    }
    if (!ending && answer.kind === "succeeded" && answer.plans && active.run.cause !== "cli") {
      this.parts.events.emit("run.planned", { run: active.run, plans: answer.plans });
    }
    const outcome = outcomeOf(result);
    const { retry } = active.task.description.policies;
    const mayRepeat = !this.#stopped && (!ending || ending.again);
    const delay = mayRepeat ? retryDelay(retry, active.attempt, failureOf(result, outcome)) : undefined;
    if (delay === undefined) {
      this.#finish(active, outcome);
      return;
    }
    active.failed = outcome;
    const said = outcome.error ? this.parts.recorder.cleanError(outcome.error).message : outcome.message;
    const why = `attempt ${active.attempt} ${outcome.status}: ${said}`;
    active.attempt++;
    const plan = `attempt ${active.attempt} of ${retry?.attempts} in ${duration(delay, "en")}`;
    active.run = this.parts.recorder.retry(active.run, delay, plan, why);
    const wake = new AbortController();
    active.phase = { kind: "pause", wake };
    this.#queue.pause(active);
    void after(this.parts.clock, delay, wake.signal, () => this.#queue.request(active));
  }

  /** The run has done its work: a disk that is full does not make it a failure, but its log says so. */
  async #keepWatermarks({ taskId, run }: ActiveRun, marks: TaskWatermarks): Promise<void> {
    try {
      await this.parts.states.keepWatermarks(taskId, marks);
    } catch (error) {
      const sentence = `the watermark could not be kept: ${messageOf(error)}; it counts until Carillon ends`;
      this.parts.recorder.log(run.id, "error", sentence);
    }
  }

  /** Ends a run: one that waits at once, one in an attempt by its signal and then by force. */
  #end(active: ActiveRun, status: RunStatus, why: RunReason, graceMs: number = ABORT_GRACE_MS): void {
    const { phase } = active;
    if (phase.kind === "attempt") {
      phase.attempt.end({ status, reason: why, again: false }, graceMs);
      return;
    }
    if (phase.kind === "pause") phase.wake.abort();
    this.#finish(active, endedBy({ status, reason: why }));
  }

  /** Records the end of a run together with the begin of those that it kept waiting. */
  #finish(active: ActiveRun, outcome: Outcome): void {
    this.parts.recorder.batch(() => {
      active.run = this.parts.recorder.end(active.run, outcome);
      this.#queue.leave(active);
    });
    if (this.#queue.active.size === 0) this.#emptied.splice(0).forEach((resolve) => resolve());
  }
}

/** What is tried by hand on the command line leaves nothing behind, and what is made up for the past would lead back to it. */
function leavesWatermarks({ cause }: Run): boolean {
  return cause !== "cli" && cause !== "backfill";
}
