/** Triggers that people stop, and let go on. */
import type { Clock } from "../../contracts.ts";
import type { EventBus } from "../../events/bus.ts";
import type { Actor } from "../../model/actor.ts";
import {
  isPauseOver,
  isSamePause,
  LATEST_PAUSE,
  MAX_PAUSE_NOTE,
  type PauseTerms,
} from "../../model/pause.ts";
import type { Scheduler } from "../../scheduler/scheduler.ts";
import type { TriggerTable } from "../../task/trigger_table.ts";
import { Refusal } from "../refusal.ts";
import type { Expected } from "./expected.ts";

export interface PauseOperationsParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly expected: Expected;
  readonly triggers: TriggerTable;
  readonly scheduler: Scheduler;
}

export class PauseOperations {
  constructor(readonly parts: PauseOperationsParts) {}

  async pause(
    actor: Actor,
    taskIds: readonly string[],
    { until, note = "" }: Pick<PauseTerms, "until" | "note"> = {},
  ): Promise<number> {
    const { scheduler, events, clock } = this.parts;
    const terms = {
      until,
      note: note.replace(/\s+/g, " ").trim().slice(0, MAX_PAUSE_NOTE) || undefined,
      by: actor.name,
    };
    if (isPauseOver(terms, clock.now()) || (until ?? 0) >= LATEST_PAUSE) {
      throw new Refusal("invalid", "problem.pause_until");
    }
    const concerned = this.#triggered(taskIds).filter((id) => {
      const before = scheduler.pauseOf(id);
      return !before || !isSamePause(before, terms);
    });
    for (const taskId of concerned) {
      await scheduler.setPaused(taskId, true, terms);
      events.emit("task.paused", { taskId, actor, until, note: terms.note });
    }
    return concerned.length;
  }

  async resume(actor: Actor, taskIds: readonly string[]): Promise<number> {
    const { scheduler, events } = this.parts;
    const concerned = this.#triggered(taskIds).filter((id) => scheduler.isPaused(id));
    for (const taskId of concerned) {
      await scheduler.setPaused(taskId, false);
      events.emit("task.resumed", { taskId, actor });
    }
    return concerned.length;
  }

  /** The tasks, each of which must have a trigger. */
  #triggered(taskIds: readonly string[]): readonly string[] {
    for (const taskId of taskIds) {
      const { id } = this.parts.expected.task(taskId);
      if (!this.parts.triggers.of(id)) throw new Refusal("conflict", "problem.no_trigger", { id });
    }
    return taskIds;
  }
}
