/** Writes what becomes of due instants and runs, and then says so: nobody hears of what is not recorded. */
import { v7 as uuidv7 } from "uuid";
import type { Mask } from "../base/mask.ts";
import { maskData, maskValues } from "../base/mask_data.ts";
import type { EpochMs } from "../base/time.ts";
import type { ArtifactStore, Clock, RunRecorder } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";
import { recordText } from "../locale/reason.ts";
import type { EventName, Events } from "../model/events.ts";
import type { ArtifactPiece } from "../model/artifact.ts";
import type { CodeFile } from "../model/code.ts";
import type { CausingRun, TimeWindow } from "../model/order.ts";
import type { RunReason } from "../model/reason.ts";
import type { Approval, Run, RunCause, RunError } from "../model/run.ts";
import type { LogLevel } from "../base/log_level.ts";
import type { Task } from "../task/task.ts";
import type { Outcome } from "./attempt.ts";
import { KeptCode } from "./kept_code.ts";

/** What asks for a run. */
export interface RunRequest {
  readonly cause: RunCause;
  readonly by?: string | undefined;
  readonly scheduledAt?: EpochMs | undefined;
  readonly params: Readonly<Record<string, unknown>>;
  /** Why somebody asks for it, in their words. */
  readonly note?: string | undefined;
  /** The span that the run stands for, where it is not the one of its due instant. */
  readonly window?: TimeWindow | undefined;
  /** The run that has ended, with the cause `after` and where such a run is repeated. */
  readonly after?: CausingRun | undefined;
  /** Of whoever asks for it, where they trace. */
  readonly traceparent?: string | undefined;
}

export interface RecorderParts {
  readonly clock: Clock;
  readonly history: RunRecorder & Pick<ArtifactStore, "takeArtifact" | "endAttempt">;
  readonly events: EventBus;
  readonly mask: Mask;
  /** Puts the paths of task files back into the text of an error. */
  readonly original: (text: string) => string;
  /** Zone in which a task's times are shown. */
  readonly zoneOf: (taskId: string) => string;
  /** The files that a task was loaded from; its code is not kept where undefined. */
  readonly filesOf?: ((task: Task) => readonly CodeFile[]) | undefined;
  /** Name of this machine, and version of this program, where they are to be kept with the runs. */
  readonly machine?: string | undefined;
  readonly program?: string | undefined;
  /** The instant of a task's trigger that comes after another one; null or undefined for none. */
  readonly following: (taskId: string, at: EpochMs) => EpochMs | null | undefined;
}

export class Recorder {
  /** The newest record of each task, where it is a skipped one that grows while the same reason goes on. */
  readonly #streaks = new Map<string, Run>();
  /** What is said when the batch that is going on has been written. */
  #unsaid: (() => void)[] | undefined;
  #sequence = 0;
  readonly #code: KeptCode | undefined;

  constructor(readonly parts: RecorderParts) {
    const { filesOf } = parts;
    this.#code = filesOf && new KeptCode({ ...parts, filesOf });
  }

  /** Writes what is recorded inside as one, and says it afterwards. */
  batch<T>(work: () => T): T {
    if (this.#unsaid) return work();
    const unsaid: (() => void)[] = this.#unsaid = [];
    try {
      return this.parts.history.batch(work);
    } finally {
      this.#unsaid = undefined;
      for (const say of unsaid) say();
    }
  }

  /** Records a run that waits for its start. */
  queue(taskId: string, request: RunRequest): Run {
    this.#streaks.delete(taskId);
    const run = this.#insert(taskId, request, { status: "queued" });
    this.#emit("run.queued", { run, traceparent: request.traceparent });
    return run;
  }

  /** Records a run that waits for the word of another person. */
  hold(taskId: string, request: RunRequest, approval: Approval): Run {
    this.#streaks.delete(taskId);
    const run = this.#insert(taskId, request, { status: "awaiting_approval", approval });
    this.#emit("run.awaiting_approval", { run, traceparent: request.traceparent });
    return run;
  }

  /** Records that a run which was held waits for its start now. */
  release(held: Run, approval: Approval): Run {
    const run = this.#save({ ...held, status: "queued", approval: this.cleanApproval(approval) });
    this.#emit("run.queued", { run });
    return run;
  }

  /** What somebody said, without secrets. */
  cleanNote(note: string): string {
    return this.parts.mask(note);
  }

  cleanApproval(approval: Approval): Approval {
    return { ...approval, note: approval.note === undefined ? undefined : this.cleanNote(approval.note) };
  }

  /** Records that an attempt begins, and the code that it is made with. */
  begin(run: Run, attempt: number, task: Task): Run {
    this.#code?.keep(task);
    const by = { codeVersion: task.version, host: this.parts.machine, carillonVersion: this.parts.program };
    const begun = this.#save(
      attempt === 1
        ? { ...run, ...by, status: "running", startedAt: this.parts.clock.now() }
        : { ...run, ...by, status: "running", attempt, progress: {} },
    );
    this.#emit("run.started", { run: begun });
    return begun;
  }

  /** Records how far a run is. */
  progress(run: Run, progress: NonNullable<Run["progress"]>): Run {
    const { fraction, note } = progress;
    const moved = this.#save({
      ...run,
      progress: { fraction, note: note === undefined ? undefined : this.#clean(note) },
    });
    this.#emit("run.progressed", { run: moved });
    return moved;
  }

  /** Records that an attempt is over and another follows. @param plan what the log and the page say of it */
  retry(run: Run, delayMs: number, plan: string, why: string): Run {
    this.parts.history.endAttempt(run.id);
    this.log(run.id, "warn", `${why}; ${plan}`);
    const moved = this.#save({ ...run, progress: { note: plan } });
    this.#emit("run.retrying", { run: moved, delayMs });
    return moved;
  }

  /** Records the end of a run. */
  end(run: Run, outcome: Outcome): Run {
    const { error, message } = outcome;
    const ended = this.#save({
      ...run,
      ...outcome,
      message: message === undefined ? undefined : this.parts.mask(message),
      result: maskData(outcome.result, this.parts.mask),
      error: error && this.cleanError(error),
      finishedAt: this.parts.clock.now(),
    });
    this.#emit("run.ended", { run: ended });
    return ended;
  }

  /**
   * Records a due instant that becomes no run. Instants that follow each other and are skipped for the same reason share
   * one record, which counts them.
   */
  skip(taskId: string, request: RunRequest & { readonly scheduledAt: EpochMs }, reason: RunReason): Run {
    const streak = this.#streaks.get(taskId);
    // One record stands for instants without a gap, so that whoever has the trigger knows which.
    const goesOn = streak && isSameReason(streak.reason, reason) &&
      this.parts.following(taskId, streak.reason?.lastAt ?? streak.scheduledAt ?? 0) === request.scheduledAt;
    const run = goesOn
      ? this.#save(this.#withMessage({
        ...streak,
        reason: { ...reason, lastAt: request.scheduledAt },
        instants: streak.instants + 1,
        finishedAt: this.parts.clock.now(),
      }))
      : this.#insert(taskId, request, { status: "skipped", reason, finishedAt: this.parts.clock.now() });
    this.#streaks.set(taskId, run);
    this.#emit("run.skipped", { run });
    return run;
  }

  /** Records a stretch of due instants that went by. */
  miss(
    taskId: string,
    request: RunRequest,
    { reason, instants }: { readonly reason: RunReason; readonly instants: number },
  ): Run {
    this.#streaks.delete(taskId);
    const finishedAt = this.parts.clock.now();
    const run = this.#insert(taskId, request, { status: "missed", reason, instants, finishedAt });
    this.#emit("run.missed", { run });
    return run;
  }

  /**
   * Shortens a missed stretch, because the clock was set back: the instants behind `last` are still to come.
   *
   * @param last the last instant that stays missed; undefined where none does
   */
  shortenMissed(run: Run, instants: number, last: EpochMs | undefined, local: (at: EpochMs) => string): void {
    if (instants >= run.instants || !run.reason) return;
    const lastAt = last ?? run.scheduledAt;
    const values = { ...run.reason.values, n: instants, last: lastAt === undefined ? "" : local(lastAt) };
    const shortened = this.#save(
      this.#withMessage({ ...run, instants, reason: { ...run.reason, values, lastAt } }),
    );
    this.#emit("run.missed", { run: shortened });
  }

  /** Adds a line to a run's log. */
  log(runId: string, level: LogLevel, text: string): void {
    const line = { at: this.parts.clock.now(), level, text: this.#clean(text) };
    this.parts.history.log(runId, line);
    this.#emit("run.logged", { runId, line });
  }

  /** Takes a piece of a file that a run leaves; the log says what becomes of it. */
  artifact(runId: string, given: ArtifactPiece): void {
    const piece = { ...given, title: this.#clean(given.title), name: this.parts.mask(given.name) };
    const problem = this.parts.history.takeArtifact(runId, piece, this.parts.clock.now());
    if (problem !== undefined) this.log(runId, "error", `the file ${piece.name} is not kept: ${problem}`);
    else if (piece.last) this.log(runId, "info", `the file ${piece.name} is kept with this run`);
  }

  /** An error as it may be shown: no secret in it, and paths as the author knows them. */
  cleanError({ name, message, stack }: RunError): RunError {
    return {
      name: this.parts.mask(name),
      message: this.#clean(message),
      stack: stack === undefined ? undefined : this.#clean(stack),
    };
  }

  /** True where what is kept of the parameters is not what was given: there is a secret among them. */
  hidesOf(params: Run["params"]): boolean {
    return this.maskedParams(params) !== params;
  }

  /** Parameters without secrets, as they are recorded. Their names are the task's. */
  maskedParams(params: Run["params"]): Run["params"] {
    return maskValues(params, this.parts.mask);
  }

  #clean(text: string): string {
    return this.parts.mask(this.parts.original(text));
  }

  #insert(
    taskId: string,
    { cause, by, scheduledAt, params, note, after }: RunRequest,
    rest: Partial<Run> & Pick<Run, "status">,
  ): Run {
    const now = this.parts.clock.now();
    return this.#save(this.#withMessage({
      id: uuidv7({ msecs: now, seq: this.#sequence++ % 0x8000_0000 }),
      taskId,
      cause,
      queuedAt: now,
      attempt: 1,
      instants: 1,
      params: this.maskedParams(params),
      by,
      note: note === undefined ? undefined : this.cleanNote(note),
      after: after?.run,
      scheduledAt,
      ...rest,
    }));
  }

  /** The record with its reason in English as its message, where it has a reason. */
  #withMessage(run: Run): Run {
    if (!run.reason) return run;
    return { ...run, message: recordText(run, "en", this.parts.zoneOf(run.taskId)) };
  }

  #save(run: Run): Run {
    this.parts.history.save(run);
    return run;
  }

  #emit<N extends EventName>(name: N, event: Events[N]): void {
    const say = () => this.parts.events.emit(name, event);
    if (this.#unsaid) this.#unsaid.push(say);
    else say();
  }
}

function isSameReason(before: RunReason | undefined, after: RunReason): boolean {
  return before !== undefined && before.key === after.key &&
    Object.entries(after.values).every(([name, value]) => before.values[name] === value);
}
