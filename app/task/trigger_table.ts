/** The triggers of the tasks there are, ready to be asked. */
import type { EpochMs } from "../base/time.ts";
import type { Trigger } from "../contracts.ts";
import type { TimeWindow } from "../model/order.ts";
import { onWorkingDays } from "../policy/moved_trigger.ts";
import { windowBefore } from "../policy/window.ts";
import { compileTrigger } from "../trigger/compile.ts";
import type { TriggerSpec } from "../trigger/trigger.ts";
import type { TaskDescription } from "./description.ts";
import type { Task } from "./task.ts";

export class TriggerTable {
  readonly #triggers = new Map<string, Trigger>();
  /** When each task was first seen. */
  readonly #anchors = new Map<string, EpochMs>();

  /** @param timezone zone of triggers that name none */
  constructor(readonly timezone: string) {}

  /**
   * Compiles the trigger of a task; undefined for one that is only started by hand.
   *
   * @param anchor when the task was first seen
   */
  set({ id, description }: Task, anchor: EpochMs): Trigger | undefined {
    this.#anchors.set(id, anchor);
    const spec = oneTrigger(description);
    if (!spec) {
      this.#triggers.delete(id);
      return undefined;
    }
    const plain = compileTrigger(spec, { timezone: this.timezone, anchor });
    const trigger = onWorkingDays(plain, description.policies.calendar);
    this.#triggers.set(id, trigger);
    return trigger;
  }

  delete(taskId: string): void {
    this.#triggers.delete(taskId);
    this.#anchors.delete(taskId);
  }

  /** The trigger of a task; undefined for one that is only started by hand. */
  of(taskId: string): Trigger | undefined {
    return this.#triggers.get(taskId);
  }

  /** When a task was first seen; undefined for one that is not there. */
  firstSeen(taskId: string): EpochMs | undefined {
    return this.#anchors.get(taskId);
  }

  /** Zone in which a task's times are shown. */
  zoneOf(taskId: string): string {
    return this.#triggers.get(taskId)?.timezone ?? this.timezone;
  }

  /** The span that a run at a moment stands for; undefined for a task that has no windows. */
  windowOf(task: Task, at: EpochMs): TimeWindow | undefined {
    return task.description.policies.window && this.spanTo(task, at);
  }

  /** The span from the instant before to a moment; undefined for a task without a trigger. */
  spanTo({ id, description: { policies } }: Task, at: EpochMs): TimeWindow | undefined {
    const trigger = this.#triggers.get(id);
    return trigger && windowBefore(trigger, policies, at, this.#anchors.get(id) ?? at);
  }

  /** The due instants of a task after a moment and before another, at most `limit` of them. */
  upcoming(taskId: string, after: EpochMs, limit: number, until = Infinity): EpochMs[] {
    const trigger = this.#triggers.get(taskId);
    const found: EpochMs[] = [];
    if (!trigger) return found;
    for (let at = trigger.nextMs(after); at !== null && at < until; at = trigger.nextMs(at)) {
      found.push(at);
      if (found.length >= limit) break;
    }
    return found;
  }
}

/** What a description says of when its task fires. */
type TriggeredBy = Pick<TaskDescription, "triggers"> & {
  readonly policies: Pick<TaskDescription["policies"], "watch">;
};

/** A list of triggers fires when any of them does; new files are one of them. */
export function oneTrigger({ triggers, policies: { watch } }: TriggeredBy): TriggerSpec | undefined {
  const specs: readonly TriggerSpec[] = watch
    ? [...triggers, { kind: "files", files: watch.files }]
    : triggers;
  return specs.length > 1 ? { kind: "any", of: specs } : specs[0];
}

/** True for a trigger that does not fire any more, whatever happens. */
export function hasEnded(trigger: Trigger, now: EpochMs): boolean {
  return !trigger.atStart && !trigger.onFiles && trigger.nextMs(now) === null;
}
