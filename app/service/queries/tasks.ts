/** Questions about tasks, as pages, the API and the CLI ask them. */
import type { Mask } from "../../base/mask.ts";
import { type EpochMs, instantOf } from "../../base/time.ts";
import type { Clock, Trigger } from "../../contracts.ts";
import { localText, text } from "../../locale/locale.ts";
import type { Locale } from "../../model/locale.ts";
import type { PauseTerms } from "../../model/pause.ts";
import type { PlannedRun } from "../../model/planned_run.ts";
import { calendarWarnings } from "../../policy/country_calendar.ts";
import type { TaskWarning } from "../../policy/policy.ts";
import type { Arrivals } from "../../run/files/arrivals.ts";
import type { PlannedRuns } from "../../run/planned_runs.ts";
import type { SelfPause } from "../../run/self_pause.ts";
import type { Scheduler } from "../../scheduler/scheduler.ts";
import type { ParamsDescription } from "../../task/description.ts";
import type { BrokenFile, TaskRegistry } from "../../task/registry.ts";
import type { Task } from "../../task/task.ts";
import { hasEnded, type TriggerTable } from "../../task/trigger_table.ts";
import type { Hosts } from "../../worker/hosts.ts";
import { Refusal } from "../refusal.ts";
import type { Reloader } from "../reload.ts";

export interface TaskQueriesParts {
  readonly clock: Clock;
  readonly mask: Mask;
  readonly registry: Pick<TaskRegistry, "tasks" | "broken" | "folder" | "textOf">;
  readonly triggers: TriggerTable;
  readonly scheduler: Scheduler;
  readonly checker: Hosts;
  readonly reloader: Reloader;
  readonly selfPause: SelfPause;
  readonly arrivals: Pick<Arrivals, "troubleOf">;
  /** What keeps a task's hook from working. */
  readonly hookWarning: (task: Task) => TaskWarning | undefined;
  readonly notifyWarnings: (task: Task) => readonly TaskWarning[];
  readonly planned: Pick<PlannedRuns, "all">;
}

/** A task and how its trigger is at this moment. */
export interface TaskFacts {
  readonly task: Task;
  /** Undefined for a task that is only started by hand. */
  readonly trigger: Trigger | undefined;
  /** True where it has a trigger that will not fire any more. */
  readonly ended: boolean;
  /** True where a person has paused its trigger. */
  readonly paused: boolean;
  /** Until when and why; undefined while it is not paused. */
  readonly pause: PauseTerms | undefined;
  /** Zone in which its times are shown. */
  readonly timezone: string;
  /** Its next due instant; null for none. */
  readonly next: EpochMs | null;
}

export class TaskQueries {
  constructor(readonly parts: TaskQueriesParts) {}

  /** All tasks, by id. */
  all(): TaskFacts[] {
    return [...this.parts.registry.tasks.values()].map((task) => this.#facts(task));
  }

  /** What a list needs of each task before it shows one: it costs nothing, however many they are. */
  *briefs(): Iterable<{ readonly task: Task; readonly paused: boolean; readonly hasTrigger: boolean }> {
    const { registry, scheduler, triggers } = this.parts;
    for (const task of registry.tasks.values()) {
      yield { task, paused: scheduler.isPaused(task.id), hasTrigger: triggers.of(task.id) !== undefined };
    }
  }

  /** Runs that other runs have planned, the next one first. @param taskId only those of one task */
  planned(taskId?: string): readonly PlannedRun[] {
    return this.parts.planned.all(taskId);
  }

  /** How many tasks a person has paused. */
  get pausedCount(): number {
    let count = 0;
    for (const id of this.parts.registry.tasks.keys()) if (this.parts.scheduler.isPaused(id)) count++;
    return count;
  }

  /** Tasks that are paused, and until when and why. */
  paused(): { readonly id: string; readonly pause: PauseTerms }[] {
    const { registry, scheduler } = this.parts;
    return [...registry.tasks.keys()].flatMap((id) => {
      const pause = scheduler.pauseOf(id);
      return pause ? [{ id, pause }] : [];
    });
  }

  /** When a task is due next; null for not at all. */
  nextOf(taskId: string): EpochMs | null {
    return this.parts.registry.tasks.has(taskId) ? this.parts.scheduler.next(taskId) : null;
  }

  ids(): string[] {
    return [...this.parts.registry.tasks.keys()];
  }

  /** How a task's trigger is; cheap, for counts over all tasks. */
  stateOf(id: string): "active" | "paused" | "by_hand" {
    const { scheduler, triggers } = this.parts;
    if (scheduler.isPaused(id)) return "paused";
    const trigger = triggers.of(id);
    return trigger && (trigger.onFiles || scheduler.next(id) !== null) ? "active" : "by_hand";
  }

  /** A task; undefined where there is none. */
  find(id: string): TaskFacts | undefined {
    const task = this.parts.registry.tasks.get(id);
    return task && this.#facts(task);
  }

  /** A task. @throws Refusal `unknown` */
  get(id: string): TaskFacts {
    const found = this.find(id);
    if (!found) throw new Refusal("unknown", "problem.no_task", { id });
    return found;
  }

  /** Files that are no tasks, and why; those of one task where its id is given. */
  broken(taskId?: string): readonly BrokenFile[] {
    const { broken, tasks } = this.parts.registry;
    return taskId === undefined ? broken : broken.filter(({ path }) => path === tasks.get(taskId)?.path);
  }

  /** Zone in which a task's times are shown, also of one that is gone. */
  zoneOf(taskId: string): string {
    return this.parts.triggers.zoneOf(taskId);
  }

  /** Name of a task for people; its id where there is no such task, or it has no other. */
  titleOf(taskId: string, locale: Locale): string {
    const title = this.parts.registry.tasks.get(taskId)?.description.title;
    return title === undefined ? taskId : localText(title, locale);
  }

  /** The next due instants of a task after a moment, at most `limit` of them; none while it is paused. */
  upcoming(taskId: string, after: EpochMs, limit: number, until?: EpochMs): EpochMs[] {
    if (!this.parts.registry.tasks.has(taskId) || this.parts.scheduler.isPaused(taskId)) return [];
    return this.parts.triggers.upcoming(taskId, after, limit, until);
  }

  /** What is odd about a task but does not keep it from running, in sentences. */
  warnings(taskId: string, locale: Locale): string[] {
    const { registry, reloader, selfPause, arrivals, hookWarning, notifyWarnings } = this.parts;
    const task = registry.tasks.get(taskId);
    const failures = selfPause.failuresOf(taskId);
    const hook = task && hookWarning(task);
    const reason = arrivals.troubleOf(taskId);
    const all: readonly TaskWarning[] = [
      ...(failures === undefined ? [] : [{ key: "warning.paused_itself", values: { n: failures } } as const]),
      ...(task?.description.warnings ?? []),
      ...calendarWarnings(task?.description.policies.calendar, this.#today(taskId)),
      ...reloader.warningsOf(taskId),
      ...(hook ? [hook] : []),
      ...(task ? notifyWarnings(task) : []),
      ...(reason === undefined ? [] : [{ key: "warning.watch", values: { reason } } as const]),
    ];
    return all.map(({ key, values }) => text(locale, key, values));
  }

  /** The parameters of a task with the defaults of this moment. @throws Refusal `unknown` */
  async params(taskId: string): Promise<ParamsDescription> {
    return await this.parts.checker.params(this.get(taskId).task);
  }

  /** The text of a task's file as it was loaded, without secrets. @throws Refusal `unknown` */
  source(taskId: string): string {
    const { task } = this.get(taskId);
    const code = this.parts.registry.textOf(task);
    if (code === undefined) throw new Refusal("unknown", "problem.no_file", { file: task.path });
    return this.parts.mask(code);
  }

  /** The text of a file that is no task, as it was read, without secrets; undefined where it is not shown. */
  brokenSource({ text: code }: BrokenFile): string | undefined {
    return code === undefined ? undefined : this.parts.mask(code);
  }

  #today(taskId: string): Temporal.PlainDate {
    const { clock, triggers } = this.parts;
    return instantOf(clock.now()).toZonedDateTimeISO(triggers.zoneOf(taskId)).toPlainDate();
  }

  #facts(task: Task): TaskFacts {
    const { triggers, scheduler, clock } = this.parts;
    const trigger = triggers.of(task.id);
    return {
      task,
      trigger,
      ended: trigger !== undefined && hasEnded(trigger, clock.now()),
      paused: scheduler.isPaused(task.id),
      pause: scheduler.pauseOf(task.id),
      timezone: triggers.zoneOf(task.id),
      next: scheduler.next(task.id),
    };
  }
}
