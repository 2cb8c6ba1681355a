/** What becomes of a due instant: a run, or a record that says why not, as the task's policies have it (I1). */
import type { EpochMs } from "./time.ts";
import type { RunReason } from "./history/reason.ts";
import type { Run } from "./history/run.ts";
import type { Journal } from "./journal.ts";
import type { Runner, RunRequest } from "./run/runner.ts";
import type { Clock } from "./scheduler/clock.ts";
import { admit, closedBecause } from "./scheduler/policy.ts";
import type { Fire } from "./scheduler/scheduler.ts";
import { type Follow, followers } from "./task/follow.ts";
import type { Task } from "./task/registry.ts";
import { localDateTime } from "./trigger/zone.ts";

export interface DispatcherParts {
  readonly clock: Clock;
  readonly runner: Runner;
  readonly journal: Journal;
  readonly taskOf: (id: string) => Task | undefined;
  /** Zone in which a task's times are told. */
  readonly zoneOf: (id: string) => string;
  /** When Carillon was at work before this start, where that is known. */
  readonly lastAlive: EpochMs | undefined;
}

/** What asks for a run, and it is nobody. */
interface OwnRequest extends RunRequest {
  readonly cause: "schedule" | "catch_up" | "after";
  readonly scheduledAt: EpochMs;
}

export class Dispatcher {
  #follows: ReadonlyMap<string, readonly Follow[]> = new Map();

  constructor(readonly parts: DispatcherParts) {}

  /** Reads anew which task follows which. */
  follow(tasks: readonly Task[]): void {
    this.#follows = followers(tasks);
  }

  onFire(fire: Fire): void {
    const task = this.parts.taskOf(fire.taskId);
    if (!task) return;
    if (fire.kind === "missed") this.#noteMissed(fire);
    else this.#begin(task, { cause: fire.late ? "catch_up" : "schedule", scheduledAt: fire.at, params: {} });
  }

  /** Starts the tasks that run after this one. */
  onEnded(run: Run): void {
    const succeeded = run.status === "succeeded";
    for (const { task, on } of this.#follows.get(run.taskId) ?? []) {
      if (on !== "end" && on !== (succeeded ? "success" : "failure")) continue;
      const next = this.parts.taskOf(task);
      const scheduledAt = this.parts.clock.now();
      if (next) this.#begin(next, { cause: "after", by: run.taskId, scheduledAt, params: {} });
    }
  }

  /** Starts a run that a person asked for: it is never skipped, it waits, or takes the place of what there is. */
  startAsked(task: Task, request: RunRequest): Run {
    if (task.description.policies.overlap === "replace") this.#makeRoom(task, this.parts.clock.now());
    return this.parts.runner.start(task, request);
  }

  #begin(task: Task, request: OwnRequest): void {
    const { runner } = this.parts;
    const reason = this.#closed(task, request) ?? this.#overlapping(task, request);
    if (reason) runner.note(task.id, request, { status: "skipped", reason });
    else runner.start(task, request);
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
    const { runner } = this.parts;
    const load = runner.load(task.id);
    if (load.live === 0) return undefined;
    const { overlap, concurrency } = task.description.policies;
    const [first] = runner.live(task.id);
    const oldest = this.#local(first?.scheduledAt ?? first?.queuedAt ?? scheduledAt, task.id);
    const admission = admit(overlap, { ...load, concurrency, oldest }, cause === "catch_up");
    if (admission.kind === "skip") return admission.reason;
    if (admission.kind === "replace") this.#makeRoom(task, scheduledAt);
    return undefined;
  }

  #makeRoom(task: Task, at: EpochMs): void {
    const { runner } = this.parts;
    if (runner.load(task.id).live < task.description.policies.concurrency) return;
    runner.replace(task.id, { key: "reason.replaced", values: { time: this.#local(at, task.id) } });
  }

  #noteMissed(fire: Extract<Fire, { kind: "missed" }>): void {
    const { taskId, count, more, why } = fire;
    const { clock, lastAlive, runner, journal } = this.parts;
    const now = this.#local(clock.now(), taskId);
    const first = this.#local(fire.first, taskId);
    const values = {
      first,
      last: this.#local(fire.last, taskId),
      n: more ? `${count}+` : count,
      from: lastAlive ? this.#local(lastAlive, taskId) : first,
      to: now,
      now,
    };
    const kind = why === "stopped" ? "reason.missed_stopped" : "reason.missed_asleep";
    const run = runner.note(taskId, { cause: "schedule", scheduledAt: fire.first, params: {} }, {
      status: "missed",
      reason: { key: count === 1 ? `${kind}.1` : kind, values },
      instants: count,
    });
    journal.warn(`task ${taskId}: missed: ${run.message}`);
  }

  #local(at: EpochMs, taskId: string): string {
    return localDateTime(at, this.parts.zoneOf(taskId));
  }
}
