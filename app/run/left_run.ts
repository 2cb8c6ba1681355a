/** A run that was cut off and that, though it might be expected, no other one follows. */
import type { EventBus } from "../events/bus.ts";
import type { Run } from "../model/run.ts";

/** Says so in the log, and to whoever is told of failures. @param why as the end of a sentence */
export function leaveRun(events: EventBus, run: Run, why: string): void {
  events.emit("task.warned", { taskId: run.taskId, message: `run ${run.id} is not started again: ${why}` });
  events.emit("run.left", { run });
}
