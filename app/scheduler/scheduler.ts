/** What is due: one timer over a queue of all tasks. Every due instant is handed on exactly once (I1). */
import type { EpochMs } from "../base/time.ts";
import type { FireGate, Service, Trigger } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";
import type { Fire } from "../model/fire.ts";
import { isPauseOver, type PauseTerms } from "../model/pause.ts";
import { jitterOf } from "../policy/jitter.ts";
import { DEFAULT_FIRE_POLICY, type DueWork, type FirePolicy, workDue } from "../policy/misfire.ts";
import { isIdentityOf } from "../trigger/identity.ts";
import { DueQueue } from "./due_queue.ts";
import { sleep } from "./clock.ts";
import { NO_TRIGGER, pauseAt, type Scheduled, settledByPause, stateOf } from "./scheduled.ts";
import { SetBack, type SetBackParts, STEP_BACK_MS } from "./set_back.ts";

export interface SchedulerParts extends SetBackParts {
  readonly gate: FireGate;
  readonly events: EventBus;
  /** Called for each fire, in the order of their instants. */
  readonly onFire: (fire: Fire) => void;
  /** Writes what is recorded inside as one. */
  readonly batch: <T>(work: () => T) => T;
}

/** Pause before fires are claimed again that could not be, in milliseconds. */
const CLAIM_AGAIN_MS = 1_000;

/** Who lets a trigger go on when its pause is over. */
const ITSELF = { channel: "carillon" } as const;

/** What one task does at one moment. */
interface TaskWork {
  readonly taskId: string;
  readonly task: Scheduled;
  readonly first: number;
  readonly work: DueWork;
  readonly fires: readonly Fire[];
}

export class Scheduler implements Service {
  readonly #tasks = new Map<string, Scheduled>();
  readonly #queue = new DueQueue();
  readonly #setBack: SetBack;
  /** What is being claimed: `saveState` of it is still to come. */
  #claiming: readonly TaskWork[] = [];
  /** Ends the sleep that is going on: something else is due first, or the scheduler stops. */
  #wake = new AbortController();
  #stopped = false;
  /** Undefined before {@link start}. */
  #startedAt: EpochMs | undefined;
  /** The clock when it was last looked at, in milliseconds. */
  #lastLook = -Infinity;
  #loop: Promise<void> = Promise.resolve();

  constructor(readonly parts: SchedulerParts) {
    this.#setBack = new SetBack(parts);
  }

  /** When a task was first seen: the anchor of its intervals. Asked before its trigger is compiled. */
  async firstSeen(taskId: string): Promise<EpochMs> {
    const now = this.parts.clock.now();
    // What was seen in the future was seen by a clock that was ahead.
    return Math.min((await this.parts.states.state(taskId))?.firstSeen ?? now, now);
  }

  /** Adds a task, or gives it another trigger. What it missed while Carillon was stopped becomes due at once. */
  async set(taskId: string, trigger: Trigger, policy: FirePolicy = DEFAULT_FIRE_POLICY): Promise<void> {
    const remaining = await this.#setBack.remainingOf(taskId, trigger);
    const known = await this.parts.states.state(taskId);
    const now = this.parts.clock.now();
    const before = this.#tasks.get(taskId);
    const held = before && this.#heldBack(before, now);
    const firstSeen = Math.min(known?.firstSeen ?? now, now);
    // Another trigger begins now, and so does a task that was away: they have missed nothing before there was them.
    const wasAway = this.#startedAt !== undefined && !before;
    const goesOn = known && isIdentityOf(known.trigger, trigger) && !wasAway;
    const { pause, over } = pauseAt(known, now);
    const mark = goesOn
      ? Math.max(
        known.settledTo,
        this.#claiming.find((each) => each.taskId === taskId)?.work.settledTo ?? -Infinity,
        over ? settledByPause(over) : -Infinity,
      )
      : now;
    // A mark in the future was made by a clock that was ahead.
    const settledTo = Math.min(mark, now);
    const next = pause ? null : remaining.nextMs(settledTo);
    const resumedAt = atMost(over?.until ?? known?.resumedAt, now);
    const task = { declared: trigger, trigger: remaining, policy, firstSeen, next, pause, resumedAt };
    this.#tasks.set(taskId, task);
    const saved = this.parts.batch(() => {
      // It was due under the trigger that goes: nobody else would record it.
      if (held !== undefined && !goesOn) this.#hand({ kind: "due", taskId, at: held, late: false });
      return this.parts.states.saveState(taskId, stateOf(task, settledTo));
    });
    this.#plan(taskId, task);
    if (over) this.parts.events.emit("task.resumed", { taskId, actor: ITSELF });
    await saved;
  }

  /** True for a task whose trigger a person has paused. */
  isPaused(taskId: string): boolean {
    return this.pauseOf(taskId) !== undefined;
  }

  /** Until when and why a task's trigger is paused; undefined while it is not. */
  pauseOf(taskId: string): PauseTerms | undefined {
    return this.#tasks.get(taskId)?.pause;
  }

  /** When a task's trigger went on after a pause, the last time. */
  resumedAt(taskId: string): EpochMs | undefined {
    return this.#tasks.get(taskId)?.resumedAt;
  }

  /**
   * Stops a task's trigger, or lets it go on from now: what passed in between is neither due nor missed. Stopped once more
   * it is stopped by the new terms.
   */
  async setPaused(taskId: string, paused: boolean, terms: PauseTerms = {}): Promise<void> {
    const task = this.#tasks.get(taskId);
    if (!task || (!paused && !task.pause)) return;
    const settledTo = this.parts.clock.now();
    const held = this.#heldBack(task, settledTo);
    task.pause = paused ? terms : undefined;
    if (!paused) task.resumedAt = settledTo;
    task.next = paused ? null : task.trigger.nextMs(settledTo);
    this.#plan(taskId, task);
    await this.parts.batch(() => {
      if (held !== undefined) this.#hand({ kind: "withdrawn", taskId, at: held, why: "paused" });
      return this.parts.states.saveState(taskId, stateOf(task, settledTo));
    });
  }

  /** Takes a task out. Should it come back, also after a restart, it has missed nothing in between. */
  async remove(taskId: string): Promise<void> {
    const task = this.#tasks.get(taskId);
    this.#queue.delete(taskId);
    if (!task) return;
    this.#tasks.delete(taskId);
    const now = this.parts.clock.now();
    const held = this.#heldBack(task, now);
    await this.parts.batch(() => {
      if (held !== undefined) this.#hand({ kind: "withdrawn", taskId, at: held, why: "removed" });
      return this.parts.states.saveState(taskId, { ...stateOf(task, now), trigger: NO_TRIGGER });
    });
  }

  /** When the next instant of all is to be taken, jitter included; one in the past is overdue. Undefined for none. */
  get earliest(): EpochMs | undefined {
    return this.#queue.earliest;
  }

  /** The next due instant of a task; null for none. */
  next(taskId: string): EpochMs | null {
    return this.#tasks.get(taskId)?.next ?? null;
  }

  start(): void {
    const at = this.#startedAt = this.#lastLook = this.parts.clock.now();
    this.parts.batch(() => {
      for (const [taskId, { trigger, pause }] of this.#tasks) {
        if (trigger.atStart && !pause) this.#hand({ kind: "due", taskId, at, late: false, atStart: true });
      }
    });
    this.#loop = this.#run();
  }

  /** Stops: nothing becomes due any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake.abort(new Error("the scheduler stops"));
    await this.#loop;
  }

  /** The instant of a task that is due and waits for its jitter. */
  #heldBack({ next, policy }: Scheduled, now: EpochMs): EpochMs | undefined {
    return next !== null && policy.jitterMs > 0 && next <= now ? next : undefined;
  }

  /** Puts a task's next turn into the queue: its instant with its jitter, or the end of its pause. */
  #plan(taskId: string, { pause, next, policy: { jitterMs } }: Scheduled): void {
    const before = this.#queue.earliest;
    const turn = pause ? pause.until : next === null ? undefined : next + jitterOf(taskId, next, jitterMs);
    if (turn !== undefined) this.#queue.set(taskId, turn);
    else this.#queue.delete(taskId);
    if (this.#queue.earliest !== before) this.#wake.abort(new Error("another instant is due first"));
  }

  async #run(): Promise<void> {
    // One controller a sleep, not AbortSignal.any: Deno 2.7 lets a signal that was made so be collected while it is waited for.
    while (!this.#stopped) {
      if ((this.#queue.earliest ?? Infinity) <= await this.#look()) {
        await this.#fireDue();
        await this.parts.clock.turn();
        continue;
      }
      const { signal } = this.#wake = new AbortController();
      try {
        await this.#sleepUntilDue(signal);
      } catch (error) {
        if (!signal.aborted) throw error;
        continue;
      }
      await this.#fireDue();
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

  /** What time it is; that it was set back is noticed here. */
  async #look(): Promise<EpochMs> {
    const now = this.parts.clock.now();
    if (this.#lastLook - now > STEP_BACK_MS) await this.#goBack(now);
    return this.#lastLook = now;
  }

  async #fireDue(): Promise<void> {
    const now = await this.#look();
    const due = this.#queue.takeDue(now).map(({ key }) => key);
    const paused = due.filter((id) => this.isPaused(id));
    await this.#fireAll(due.flatMap((id) => this.#workOf(id, now)));
    for (const id of paused) await this.#endPause(id, now);
  }

  /** The trigger goes on from the moment until which it was paused: what came since then is due. */
  async #endPause(taskId: string, now: EpochMs): Promise<void> {
    const task = this.#tasks.get(taskId);
    if (!task?.pause || !isPauseOver(task.pause, now)) return;
    const settledTo = settledByPause(task.pause);
    task.resumedAt = task.pause.until;
    task.pause = undefined;
    task.next = task.trigger.nextMs(settledTo);
    this.#plan(taskId, task);
    this.parts.events.emit("task.resumed", { taskId, actor: ITSELF });
    try {
      await this.parts.states.saveState(taskId, stateOf(task, settledTo));
    } catch (error) {
      this.parts.events.emit("clock.failed", { taskId, error });
    }
  }

  async #fireAll(works: readonly TaskWork[]): Promise<void> {
    if (works.length === 0) return;
    const fires = works.flatMap((each) => each.fires);
    let claimed: ReadonlySet<Fire>;
    this.#claiming = works;
    try {
      claimed = new Set(await this.parts.gate.claim(fires));
    } catch (error) {
      await this.#claimLater(works, error);
      return;
    } finally {
      this.#claiming = [];
    }
    // The records of one moment are written together: each instant has its record and is settled, or neither.
    const saved = this.parts.batch(() => {
      for (const fire of fires) if (claimed.has(fire)) this.#hand(fire);
      return works.map(({ taskId, task, work: { settledTo } }) =>
        this.parts.states.saveState(taskId, stateOf(task, settledTo))
      );
    });
    for (const each of await Promise.allSettled(saved)) {
      if (each.status === "rejected") this.parts.events.emit("clock.failed", { error: each.reason });
    }
  }

  /** What is due of a task at this moment; its next instant is planned. */
  #workOf(taskId: string, now: EpochMs): TaskWork[] {
    const task = this.#tasks.get(taskId);
    if (!task || task.next === null) return [];
    const first = task.next;
    const work = workDue(taskId, task.trigger, task.policy, first, now);
    task.next = work.next?.at ?? null;
    if (work.next) this.#queue.set(taskId, work.next.due);
    return [{ taskId, task, first, work, fires: this.#firesOf(taskId, work) }];
  }

  #firesOf(taskId: string, { missed, runs }: DueWork): Fire[] {
    const due = runs.map(({ at, late }): Fire => ({ kind: "due", taskId, at, late }));
    if (!missed) return due;
    const why = missed.last <= (this.#startedAt ?? Infinity) ? "stopped" : "asleep";
    return [{ kind: "missed", taskId, ...missed, why }, ...due];
  }

  /** Nobody could say whose these instants are: they stay due. */
  async #claimLater(works: readonly TaskWork[], error: unknown): Promise<void> {
    for (const { taskId, task, first } of works) {
      if (this.#tasks.get(taskId) !== task || task.pause) continue;
      task.next = first;
      this.#queue.set(taskId, first + jitterOf(taskId, first, task.policy.jitterMs));
    }
    this.parts.events.emit("clock.failed", { error });
    const { signal } = this.#wake = new AbortController();
    await sleep(this.parts.clock, CLAIM_AGAIN_MS, signal).catch((thrown) => {
      if (!signal.aborted) throw thrown;
    });
  }

  /** The clock was set back: each task goes on from now, without the instants that have their record. */
  async #goBack(now: EpochMs): Promise<void> {
    const until = this.#setBack.note(this.#lastLook);
    this.parts.events.emit("clock.set_back", { ms: this.#lastLook - now, until });
    for (const [taskId, task] of this.#tasks) {
      // What is due and has no record yet stays so.
      const settledTo = task.next !== null && task.next <= now ? task.next - 1 : now;
      const trigger = await this.#setBack.remaining(taskId, task.declared, settledTo);
      if (this.#tasks.get(taskId) !== task) continue;
      const next = task.pause ? null : trigger.nextMs(settledTo);
      const moved = { ...task, trigger, next, resumedAt: atMost(task.resumedAt, now) };
      this.#tasks.set(taskId, moved);
      this.#plan(taskId, moved);
      await this.parts.states.saveState(taskId, stateOf(moved, settledTo));
    }
  }

  #hand(fire: Fire): void {
    try {
      this.parts.onFire(fire);
    } catch (error) {
      this.parts.events.emit("clock.failed", { taskId: fire.taskId, error });
    }
  }
}

/** A moment in the future was noted by a clock that was ahead. */
function atMost(at: EpochMs | undefined, now: EpochMs): EpochMs | undefined {
  return at === undefined ? undefined : Math.min(at, now);
}
