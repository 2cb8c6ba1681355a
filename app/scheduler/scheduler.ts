/** What is due: one timer over a queue of all tasks. Every due instant is handed on exactly once (I1). */
import { type EpochMs, instantOf } from "../time.ts";
import { setImmediate } from "node:timers/promises";
import type { TaskStateStore } from "../history/store.ts";
import type { Journal } from "../journal.ts";
import type { Trigger } from "../trigger/trigger.ts";
import type { Clock } from "./clock.ts";
import { DueQueue } from "./due_queue.ts";
import { DEFAULT_FIRE_POLICY, type FirePolicy, jitterOf, workDue } from "./policy.ts";

/** What the scheduler says about a task: an instant is due, or a stretch of them went by. */
export type Fire =
  | {
    readonly kind: "due";
    readonly taskId: string;
    readonly at: EpochMs;
    /** True where it is noticed after its grace time and run nevertheless. */
    readonly late: boolean;
  }
  | {
    readonly kind: "missed";
    readonly taskId: string;
    readonly first: EpochMs;
    readonly last: EpochMs;
    readonly count: number;
    /** True where there were more than could be counted; `count` is then the least. */
    readonly more: boolean;
    /** Carillon was stopped, or it was at work and did not notice. */
    readonly why: "stopped" | "asleep";
  };

export interface SchedulerParts {
  readonly clock: Clock;
  readonly states: TaskStateStore;
  readonly journal: Journal;
  /** Called for each fire, in the order of their instants. */
  readonly onFire: (fire: Fire) => void;
  /** Writes what is recorded inside as one. */
  readonly batch: (work: () => void) => void;
}

/** A system clock that goes back by more than this is worth a line in the log, in milliseconds. */
const STEP_BACK_MS = 1_000;

interface Scheduled {
  readonly trigger: Trigger;
  readonly policy: FirePolicy;
  readonly firstSeen: EpochMs;
  /** The instant that is next without a record; its turn comes when its jitter is over. Milliseconds. */
  next: number | null;
  paused: boolean;
}

export class Scheduler {
  readonly #tasks = new Map<string, Scheduled>();
  /** Tasks that were taken out while Carillon was at work. */
  readonly #removed = new Set<string>();
  readonly #queue = new DueQueue();
  /** Ends the sleep that is going on: something else is due first, or the scheduler stops. */
  #wake = new AbortController();
  #stopped = false;
  #startedAt = -Infinity;
  /** The clock at the last look at the queue, in milliseconds. */
  #lastLook = -Infinity;
  #loop: Promise<void> = Promise.resolve();

  constructor(readonly parts: SchedulerParts) {}

  /** When a task was first seen: the anchor of its intervals. Asked before its trigger is compiled. */
  firstSeen(taskId: string): EpochMs {
    return this.parts.states.taskState(taskId)?.firstSeen ?? this.parts.clock.now();
  }

  /** Adds a task, or gives it another trigger. What it missed while Carillon was stopped becomes due at once. */
  set(taskId: string, trigger: Trigger, policy: FirePolicy = DEFAULT_FIRE_POLICY): void {
    const now = this.parts.clock.now();
    const known = this.parts.states.taskState(taskId);
    const firstSeen = known?.firstSeen ?? now;
    // Another trigger begins now, and so does a task that was away: they have missed nothing before there was them.
    const wasAway = this.#removed.delete(taskId);
    const goesOn = known && known.trigger === trigger.identity && !wasAway;
    const settledTo = goesOn ? known.settledTo : now;
    const paused = known?.paused ?? false;
    this.parts.states.saveTaskState(taskId, { firstSeen, trigger: trigger.identity, settledTo, paused });
    const next = paused ? null : trigger.nextMs(settledTo);
    this.#tasks.set(taskId, { trigger, policy, firstSeen, next, paused });
    this.#plan(taskId, next, policy);
  }

  /** True for a task whose trigger a person has paused. */
  isPaused(taskId: string): boolean {
    return this.#tasks.get(taskId)?.paused ?? false;
  }

  /** Stops a task's trigger, or lets it go on from now: what passed in between is neither due nor missed. */
  setPaused(taskId: string, paused: boolean): void {
    const task = this.#tasks.get(taskId);
    if (!task || task.paused === paused) return;
    const { trigger, policy, firstSeen } = task;
    const settledTo = this.parts.clock.now();
    this.parts.states.saveTaskState(taskId, { firstSeen, trigger: trigger.identity, settledTo, paused });
    task.paused = paused;
    task.next = paused ? null : trigger.nextMs(settledTo);
    this.#plan(taskId, task.next, policy);
  }

  remove(taskId: string): void {
    if (this.#tasks.delete(taskId)) this.#removed.add(taskId);
    this.#queue.delete(taskId);
  }

  /** The next due instant of a task; null for none. */
  next(taskId: string): EpochMs | null {
    return this.#tasks.get(taskId)?.next ?? null;
  }

  start(): void {
    this.#startedAt = this.parts.clock.now();
    this.#loop = this.#run();
  }

  /** Stops: nothing becomes due any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake.abort(new Error("the scheduler stops"));
    await this.#loop;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #plan(taskId: string, next: EpochMs | null, { jitterMs }: FirePolicy): void {
    const before = this.#queue.earliest;
    if (next !== null) this.#queue.set(taskId, next + jitterOf(taskId, next, jitterMs));
    else this.#queue.delete(taskId);
    if (this.#queue.earliest !== before) this.#wake.abort(new Error("another instant is due first"));
  }

  async #run(): Promise<void> {
    // One controller a sleep, not AbortSignal.any: Deno 2.7 lets a signal that was made so be collected while it is waited for.
    while (!this.#stopped) {
      if ((this.#queue.earliest ?? Infinity) <= this.parts.clock.now()) {
        this.#fireDue();
        await setImmediate();
        continue;
      }
      const { signal } = this.#wake = new AbortController();
      try {
        await this.#sleepUntilDue(signal);
      } catch (error) {
        if (!signal.aborted) throw error;
        continue;
      }
      this.#fireDue();
    }
  }

  async #sleepUntilDue(signal: AbortSignal): Promise<void> {
    const { earliest } = this.#queue;
    if (earliest === undefined) {
      await new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason), { once: true })
      );
      return;
    }
    await this.parts.clock.sleepUntil(earliest, signal);
  }

  #fireDue(): void {
    const now = this.parts.clock.now();
    this.#noticeStep(now);
    const due = this.#queue.takeDue(now);
    if (due.length === 0) return;
    // The records of one moment are written together: each instant has its record and is settled, or neither.
    this.parts.batch(() => {
      for (const { key } of due) this.#fireTask(key, now);
    });
  }

  /** The clock was set back: instants that were handled already do not come again. */
  #noticeStep(now: number): void {
    const back = this.#lastLook - now;
    this.#lastLook = now;
    if (back < STEP_BACK_MS) return;
    const until = instantOf(now + back);
    this.parts.journal.warn(
      `the system clock went back by ${back / 1_000} s; nothing that was due until ${until} comes again`,
    );
  }

  #fireTask(taskId: string, now: number): void {
    const task = this.#tasks.get(taskId);
    if (!task || task.next === null) return;
    const { trigger, policy, firstSeen } = task;
    const work = workDue(taskId, trigger, policy, task.next, now);
    task.next = work.next?.at ?? null;
    if (work.next) this.#queue.set(taskId, work.next.due);
    if (work.missed) {
      const { first, last, count, more } = work.missed;
      const why = last <= this.#startedAt ? "stopped" : "asleep";
      this.#hand({ kind: "missed", taskId, first, last, count, more, why });
    }
    for (const { at, late } of work.runs) this.#hand({ kind: "due", taskId, at, late });
    this.parts.states.saveTaskState(taskId, {
      firstSeen,
      trigger: trigger.identity,
      settledTo: work.settledTo,
      paused: false,
    });
  }

  #hand(fire: Fire): void {
    try {
      this.parts.onFire(fire);
    } catch (error) {
      this.parts.journal.error(`task ${fire.taskId}: handing on a due instant failed`, error);
    }
  }
}
