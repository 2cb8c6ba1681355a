/** What is due: one timer over a queue of all tasks. Every due instant is handed on exactly once (I1). */
import type { TaskStateStore } from "../history/store.ts";
import type { Journal } from "../journal.ts";
import type { Trigger } from "../trigger/trigger.ts";
import type { Clock } from "./clock.ts";
import { DueQueue } from "./due_queue.ts";

/** What the scheduler says about a task: an instant is due, or a stretch of them went by. */
export type Fire =
  | { readonly kind: "due"; readonly taskId: string; readonly at: Temporal.Instant }
  | {
    readonly kind: "missed";
    readonly taskId: string;
    readonly first: Temporal.Instant;
    readonly last: Temporal.Instant;
    readonly count: number;
    /** True where there were more than could be counted; `count` is then the least. */
    readonly more: boolean;
  };

export interface SchedulerParts {
  readonly clock: Clock;
  readonly states: TaskStateStore;
  readonly journal: Journal;
  /** Called for each fire, in the order of their instants. */
  readonly onFire: (fire: Fire) => void;
}

/** A due instant that is noticed later than this is missed: the machine slept, or Carillon was not running. */
export const MISFIRE_GRACE_MS = 60_000;

/** So many missed instants of one task are counted; beyond that the record says "more than". */
export const MAX_COUNTED_MISSES = 10_000;

interface Scheduled {
  readonly trigger: Trigger;
  readonly firstSeen: Temporal.Instant;
}

export class Scheduler {
  readonly #tasks = new Map<string, Scheduled>();
  readonly #queue = new DueQueue();
  /** Ends the sleep that is going on: something else is due first, or the scheduler stops. */
  #wake = new AbortController();
  #stopped = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(readonly parts: SchedulerParts) {}

  /** When a task was first seen: the anchor of its intervals. Asked before its trigger is compiled. */
  firstSeen(taskId: string): Temporal.Instant {
    return this.parts.states.taskState(taskId)?.firstSeen ?? this.parts.clock.now();
  }

  /** Adds a task, or gives it another trigger. What it missed while Carillon was stopped becomes due at once. */
  set(taskId: string, trigger: Trigger): void {
    const now = this.parts.clock.now();
    const known = this.parts.states.taskState(taskId);
    const firstSeen = known?.firstSeen ?? now;
    // Another trigger begins now: it has missed nothing before there was it.
    const settledTo = known && known.trigger === trigger.identity ? known.settledTo : now;
    this.parts.states.saveTaskState(taskId, { firstSeen, trigger: trigger.identity, settledTo });
    this.#tasks.set(taskId, { trigger, firstSeen });
    this.#plan(taskId, trigger.next(settledTo));
  }

  remove(taskId: string): void {
    this.#tasks.delete(taskId);
    this.#queue.delete(taskId);
  }

  /** The next due instant of a task; null for none. */
  next(taskId: string): Temporal.Instant | null {
    return this.#tasks.get(taskId)?.trigger.next(this.parts.clock.now()) ?? null;
  }

  start(): void {
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

  #plan(taskId: string, next: Temporal.Instant | null): void {
    const before = this.#queue.earliest;
    if (next) this.#queue.set(taskId, next.epochMilliseconds);
    else this.#queue.delete(taskId);
    if (this.#queue.earliest !== before) this.#wake.abort(new Error("another instant is due first"));
  }

  async #run(): Promise<void> {
    // One controller a sleep, not AbortSignal.any: Deno 2.7 lets a signal that was made so be collected while it is waited for.
    while (!this.#stopped) {
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
    await this.parts.clock.sleepUntil(Temporal.Instant.fromEpochMilliseconds(earliest), signal);
  }

  #fireDue(): void {
    const now = this.parts.clock.now();
    for (const { key, due } of this.#queue.takeDue(now.epochMilliseconds)) {
      const task = this.#tasks.get(key);
      if (task) this.#fireTask(key, task, Temporal.Instant.fromEpochMilliseconds(due), now);
    }
  }

  /** Hands on what is due of one task: the latest instant while it is fresh, those before it as missed. */
  #fireTask(
    taskId: string,
    { trigger, firstSeen }: Scheduled,
    first: Temporal.Instant,
    now: Temporal.Instant,
  ): void {
    let latest = first;
    let beforeLatest = first;
    let count = 1;
    let next = trigger.next(latest);
    while (next && Temporal.Instant.compare(next, now) <= 0 && count <= MAX_COUNTED_MISSES) {
      beforeLatest = latest;
      latest = next;
      count++;
      next = trigger.next(latest);
    }
    const more = count > MAX_COUNTED_MISSES;
    if (more) next = trigger.next(now);
    const fresh = !more && now.epochMilliseconds - latest.epochMilliseconds <= MISFIRE_GRACE_MS;
    const missed = fresh ? count - 1 : count;
    if (missed > 0) {
      const last = more ? now : fresh ? beforeLatest : latest;
      this.#hand({ kind: "missed", taskId, first, last, count: missed, more });
    }
    if (fresh) this.#hand({ kind: "due", taskId, at: latest });
    this.parts.states.saveTaskState(taskId, {
      firstSeen,
      trigger: trigger.identity,
      settledTo: more ? now : latest,
    });
    if (next) this.#queue.set(taskId, next.epochMilliseconds);
  }

  #hand(fire: Fire): void {
    try {
      this.parts.onFire(fire);
    } catch (error) {
      this.parts.journal.error(`task ${fire.taskId}: handing on a due instant failed`, error);
    }
  }
}
