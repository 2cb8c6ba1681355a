/** Failures that somebody says they know of. */
import type { Clock } from "../../contracts.ts";
import type { EventBus } from "../../events/bus.ts";
import type { Actor } from "../../model/actor.ts";
import type { Acknowledgements } from "../acknowledgements.ts";
import type { Expected } from "./expected.ts";

export interface AcknowledgeOperationsParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly expected: Expected;
  readonly acknowledgements: Acknowledgements;
}

export class AcknowledgeOperations {
  constructor(readonly parts: AcknowledgeOperationsParts) {}

  acknowledge(actor: Actor, cause: string, taskIds: readonly string[], note: string): void {
    const { clock, events, expected, acknowledgements } = this.parts;
    for (const id of taskIds) expected.task(id);
    acknowledgements.set(taskIds, { cause, note, by: actor.name, at: clock.now() });
    for (const taskId of taskIds) events.emit("task.acknowledged", { taskId, cause, note, actor });
  }
}
