/** Reads the task folder and passes on what changed: to the scheduler, to the dispatcher, to whoever listens. */
import { messageOf } from "../base/errors.ts";
import { systemSentence } from "../base/system_error.ts";
import type { Clock, History, Trigger } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";
import { text } from "../locale/locale.ts";
import { type FollowProblem, followProblems } from "../policy/follow.ts";
import type { Dispatcher } from "../run/dispatcher.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { Reloaded, ReloadOptions, TaskRegistry } from "../task/registry.ts";
import type { Task } from "../task/task.ts";
import { hasEnded, type TriggerTable } from "../task/trigger_table.ts";

const DAY_MS = 86_400_000;

export interface ReloaderParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly registry: TaskRegistry;
  readonly triggers: TriggerTable;
  readonly dispatcher: Dispatcher;
  readonly scheduler: Scheduler;
  readonly history: Pick<History, "retain">;
}

export class Reloader {
  #warnings: ReadonlyMap<string, readonly FollowProblem[]> = new Map();
  #last: Promise<unknown> = Promise.resolve();
  #trouble: string | undefined;
  /** Tasks that are loaded and not planned yet: a reading that fails on the way is taken up by the next one. */
  readonly #unplanned = new Map<string, Task>();

  constructor(readonly parts: ReloaderParts) {
    parts.events.on("clock.set_back", () => {
      this.#last = this.#last.then(() => this.#anchorAgain()).catch((error) =>
        parts.events.emit("clock.failed", { error })
      );
    });
  }

  /** Why the folder could not be read the last time; undefined where it could. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Reads the folder. Reloads that overlap wait for each other. Rejects, and says so, where it cannot be read. */
  reload(options: ReloadOptions = {}): Promise<Reloaded> {
    const done = this.#last.then(() => this.#reload(options));
    this.#last = done.then(() => this.#recover(), (error) => this.#fail(error));
    return done;
  }

  /** Said once for each kind of trouble, however often it is tried again. */
  #fail(error: unknown): void {
    const message = systemSentence(error) ?? messageOf(error);
    if (message === this.#trouble) return;
    this.#trouble = message;
    this.parts.events.emit("folder.failed", { message });
  }

  #recover(): void {
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.parts.events.emit("folder.recovered", {});
  }

  /** What is odd about a task but does not keep it from running. */
  warningsOf(taskId: string): readonly FollowProblem[] {
    return this.#warnings.get(taskId) ?? [];
  }

  async #reload(options: ReloadOptions): Promise<Reloaded> {
    const { registry, triggers, scheduler, events } = this.parts;
    const reloaded = await registry.reload(options);
    const { changed, removed, newlyBroken } = reloaded;
    for (const task of changed) this.#unplanned.set(task.id, task);
    for (const taskId of removed) this.#unplanned.delete(taskId);
    for (const task of [...this.#unplanned.values()]) {
      await this.#schedule(task);
      this.#unplanned.delete(task.id);
    }
    for (const taskId of removed) {
      await scheduler.remove(taskId);
      triggers.delete(taskId);
      events.emit("task.removed", { taskId });
    }
    for (const { file, place, message, sentence, taskId } of newlyBroken) {
      events.emit("task.broken", { file, place, message, sentence, taskId });
    }
    this.#follow();
    const counts = { changed: changed.length, removed: removed.length, broken: registry.broken.length };
    events.emit("folder.read", counts);
    return reloaded;
  }

  /** Tasks that were first seen by a clock that was ahead: their intervals count from now on. */
  async #anchorAgain(): Promise<void> {
    const { registry, triggers, clock } = this.parts;
    for (const task of registry.tasks.values()) {
      if ((triggers.firstSeen(task.id) ?? -Infinity) > clock.now()) await this.#plan(task);
    }
  }

  async #plan(task: Task): Promise<Trigger | undefined> {
    const { triggers, scheduler } = this.parts;
    const trigger = triggers.set(task, await scheduler.firstSeen(task.id));
    if (trigger) await scheduler.set(task.id, trigger, task.description.policies);
    else await scheduler.remove(task.id);
    return trigger;
  }

  async #schedule(task: Task): Promise<void> {
    const { events, clock, history } = this.parts;
    const trigger = await this.#plan(task);
    const { keep, keepDays } = task.description.policies;
    history.retain(task.id, { keep, keepMs: keepDays === undefined ? undefined : keepDays * DAY_MS });
    const ended = trigger !== undefined && hasEnded(trigger, clock.now());
    events.emit("task.loaded", { taskId: task.id, path: task.path, rule: trigger?.describe("en"), ended });
  }

  /** Which task follows which, after each reload. */
  #follow(): void {
    const tasks = [...this.parts.registry.tasks.values()];
    const before = this.#warnings;
    this.#warnings = followProblems(tasks);
    for (const [taskId, problems] of this.#warnings) {
      const known = (before.get(taskId) ?? []).map(sentenceOf);
      for (const message of problems.map(sentenceOf)) {
        if (!known.includes(message)) this.parts.events.emit("task.warned", { taskId, message });
      }
    }
    this.parts.dispatcher.follow(tasks);
  }
}

function sentenceOf({ key, values }: FollowProblem): string {
  return text("en", key, values);
}
