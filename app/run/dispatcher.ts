/** What becomes of a due instant: a run, or a record that says why not, as the task's policies have it (I1). */
import { localDateTime } from "../base/time_zone.ts";
import type { EpochMs } from "../base/time.ts";
import type { Clock, RunReader, Service } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";
import { reason } from "../locale/reason.ts";
import type { DueFire, Fire, MissedFire, WithdrawnFire } from "../model/fire.ts";
import type { CausingRun } from "../model/order.ts";
import type { RunReason } from "../model/reason.ts";
import { type Approval, type Run, RUN_STATUSES } from "../model/run.ts";
import { closedBecause } from "../policy/closed.ts";
import { allSucceeded, type Follow, followers } from "../policy/follow.ts";
import type { Task } from "../task/task.ts";
import { causingRun } from "./causing_run.ts";
import type { Recorder, RunRequest } from "./recorder.ts";
import type { Runner } from "./runner.ts";

export interface DispatcherParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly recorder: Recorder;
  readonly runner: Runner;
  readonly runs: Pick<RunReader, "find">;
  readonly taskOf: (id: string) => Task | undefined;
  /** Zone in which a task's times are shown. */
  readonly zoneOf: (id: string) => string;
  /** When Carillon was active before this start, where that is known. */
  readonly lastAlive: EpochMs | undefined;
}

/** What asks for a run, and it is no person. */
interface OwnRequest extends RunRequest {
  readonly cause: "schedule" | "catch_up" | "start" | "after";
  readonly scheduledAt: EpochMs;
}

/** The moment whose window a run gets that repeats another one; undefined where the task has no windows. */
export function windowedMoment(task: Task, { scheduledAt, queuedAt }: Run): EpochMs | undefined {
  return task.description.policies.window && (scheduledAt ?? queuedAt);
}

/** Statuses of records that are runs. */
const STARTED = RUN_STATUSES.filter((status) =>
  status !== "skipped" && status !== "missed" && status !== "awaiting_approval"
);

export class Dispatcher implements Service {
  /** The look at the history that is going on. */
  #looking: Promise<void> = Promise.resolve();
  #follows: ReadonlyMap<string, readonly Follow[]> = new Map();
  readonly #unsubscribe: () => void;

  constructor(readonly parts: DispatcherParts) {
    this.#unsubscribe = parts.events.on("run.ended", ({ run }) => this.#startFollowers(run));
  }

  start(): void {}

  /** From now on no task follows another. After the runner: what follows a run that ends in its grace time has a record too. */
  async stop(): Promise<void> {
    await this.#looking;
    this.#unsubscribe();
  }

  /** Reads again which task follows which. */
  follow(tasks: readonly Task[]): void {
    this.#follows = followers(tasks);
  }

  onFire(fire: Fire): void {
    const task = this.parts.taskOf(fire.taskId);
    if (fire.kind === "withdrawn") this.#withdraw(fire);
    else if (!task) return;
    else if (fire.kind === "missed") this.#miss(fire);
    else this.#begin(task, { cause: causeOf(fire), scheduledAt: fire.at, params: {} });
  }

  /** Starts a run that a person asked for: it is never skipped, it waits, or takes the place of what there is. */
  startAsked(task: Task, request: RunRequest): Run {
    this.#makeRoomForAsked(task);
    return this.parts.runner.run(task, request);
  }

  /** Starts a run that another person has approved. */
  startApproved(task: Task, held: Run, approval: Approval, after: CausingRun | undefined): Run {
    this.#makeRoomForAsked(task);
    return this.parts.runner.release(task, held, approval, after);
  }

  #makeRoomForAsked(task: Task): void {
    if (task.description.policies.overlap === "replace" && this.#decide(task, false).kind !== "start") {
      this.#makeRoom(task, this.parts.clock.now());
    }
  }

  /** Starts a run once more that was cut off; it is no attempt of it, and is not skipped. */
  startAgain(task: Task, run: Run, after: CausingRun | undefined): Run {
    const { id, params } = run;
    const scheduledAt = run.scheduledAt ?? windowedMoment(task, run);
    return this.parts.runner.run(task, { cause: "again", by: id, scheduledAt, params, after });
  }

  #startFollowers(run: Run): void {
    // What follows was started in its time, or is to be made up for by a backfill of its own.
    if (run.cause === "backfill" || wasNeverApproved(run)) return;
    const succeeded = run.status === "succeeded";
    for (const follow of this.#follows.get(run.taskId) ?? []) {
      if (follow.on !== "end" && follow.on !== (succeeded ? "success" : "failure")) continue;
      if (follow.all) this.#startOnceAll(follow.task, follow.all, run);
      else this.#startFollower(follow.task, run);
    }
  }

  #startFollower(taskId: string, run: Run): void {
    const task = this.parts.taskOf(taskId);
    const scheduledAt = this.parts.clock.now();
    if (task) {
      this.#begin(task, { cause: "after", by: run.taskId, scheduledAt, params: {}, after: causingRun(run) });
    }
  }

  /** One look at the history after the other: two that end together start their follower once. */
  #startOnceAll(taskId: string, all: readonly string[], run: Run): void {
    this.#looking = this.#looking.then(async () => {
      try {
        if (await this.#haveAllSucceeded(taskId, all)) this.#startFollower(taskId, run);
      } catch (error) {
        this.parts.events.emit("clock.failed", { taskId, error });
      }
    });
  }

  async #haveAllSucceeded(taskId: string, all: readonly string[]): Promise<boolean> {
    const { runs } = this.parts;
    const succeededAt = new Map<string, EpochMs>();
    for (const other of all) {
      const [last] = await runs.find({ taskId: other, statuses: ["succeeded"], limit: 1 });
      if (last?.finishedAt !== undefined) succeededAt.set(other, last.finishedAt);
    }
    const [own] = await runs.find({ taskId, statuses: STARTED, limit: 1 });
    return allSucceeded(all, (other) => succeededAt.get(other), own?.queuedAt);
  }

  #begin(task: Task, request: OwnRequest): void {
    const why = this.#closed(task, request) ?? this.#overlapping(task, request);
    if (why) this.parts.recorder.skip(task.id, request, why);
    else this.parts.runner.run(task, request);
  }

  #closed(task: Task, { cause, scheduledAt }: OwnRequest): RunReason | undefined {
    const { blackout, calendar } = task.description.policies;
    const zone = this.parts.zoneOf(task.id);
    const closed = closedBecause(scheduledAt, zone, blackout, calendar);
    if (closed || cause !== "catch_up") return closed;
    return closedBecause(this.parts.clock.now(), zone, blackout, undefined);
  }

  /** Makes room where the policy says so; a reason where there is none. */
  #overlapping(task: Task, { cause, scheduledAt }: OwnRequest): RunReason | undefined {
    const decision = this.#decide(task, cause === "catch_up");
    if (decision.kind === "replace") this.#makeRoom(task, scheduledAt);
    return decision.kind === "skip" ? decision.reason : undefined;
  }

  #decide(task: Task, owed: boolean): ReturnType<Runner["decide"]> {
    const { runner, clock } = this.parts;
    const oldest = () => {
      const [first] = runner.live(task.id);
      return this.#local(first?.scheduledAt ?? first?.queuedAt ?? clock.now(), task.id);
    };
    return runner.decide(task.id, task.description.policies, owed, oldest);
  }

  #makeRoom(task: Task, at: EpochMs): void {
    this.parts.runner.replace(task.id, reason("reason.replaced", { time: this.#local(at, task.id) }));
  }

  #miss({ taskId, first, last, count, more, why }: MissedFire): void {
    const { clock, lastAlive, recorder } = this.parts;
    const now = this.#local(clock.now(), taskId);
    const from = this.#local(first, taskId);
    const values = {
      first: from,
      last: this.#local(last, taskId),
      n: more ? `${count}+` : count,
      from: lastAlive === undefined ? from : this.#local(lastAlive, taskId),
      to: now,
      now,
    };
    const kind = why === "stopped" ? "reason.missed_stopped" : "reason.missed_asleep";
    recorder.miss(taskId, { cause: "schedule", scheduledAt: first, params: {} }, {
      reason: { ...reason(count === 1 ? `${kind}.1` : kind, values), lastAt: last },
      instants: count,
    });
  }

  #withdraw({ taskId, at, why }: WithdrawnFire): void {
    const request = { cause: "schedule", scheduledAt: at, params: {} } as const;
    this.parts.recorder.skip(taskId, request, reason(`reason.withdrawn_${why}`));
  }

  #local(at: EpochMs, taskId: string): string {
    return localDateTime(at, this.parts.zoneOf(taskId));
  }
}

/** Nothing follows a run that nobody let begin. */
function wasNeverApproved({ approval }: Run): boolean {
  return approval !== undefined && approval.decision !== "approved";
}

function causeOf({ atStart, late }: DueFire): "start" | "catch_up" | "schedule" {
  if (atStart) return "start";
  return late ? "catch_up" : "schedule";
}
