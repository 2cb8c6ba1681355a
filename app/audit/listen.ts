/** What goes through no operation and an audit should have: sign-ins, and what Carillon does by itself. */
import type { AuditLog } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";

const CARILLON = { channel: "carillon" } as const;
/** Tasks that are named in one line. */
const MAX_NAMED = 50;

/** @param isActive false until Carillon has started: what is loaded at the start is told with the settings */
export function listen(events: EventBus, audit: AuditLog, isActive: () => boolean): void {
  let loaded: string[] = [];
  let removed: string[] = [];
  events.on("task.loaded", ({ taskId }) => {
    if (isActive()) loaded.push(taskId);
  });
  events.on("task.removed", ({ taskId }) => {
    if (isActive()) removed.push(taskId);
  });
  events.on("folder.read", ({ broken }) => {
    const [changed, gone] = [loaded, removed];
    loaded = [];
    removed = [];
    if (changed.length + gone.length === 0) return;
    audit.record({
      actor: CARILLON,
      action: "tasks.changed",
      params: { loaded: changed.slice(0, MAX_NAMED), removed: gone.slice(0, MAX_NAMED), broken },
      outcome: "done",
      message: `the task folder was read: ${changed.length} loaded, ${gone.length} removed`,
    });
  });
  events.on("auth.happened", (happened) => audit.record(happened));
  events.on("task.paused", ({ taskId, failures }) => {
    if (failures === undefined) return;
    audit.record({
      actor: CARILLON,
      action: "task.pause",
      target: `task/${taskId}`,
      outcome: "done",
      message: `its trigger was paused after ${failures} failed runs in a row`,
    });
  });
  events.on("backfill.ended", ({ progress: { plan, state, total, ended } }) => {
    audit.record({
      actor: CARILLON,
      action: "backfill.end",
      target: `backfill/${plan.id}`,
      params: { task: plan.taskId, ended },
      outcome: "done",
      message: `it is ${state}: ${ended.succeeded ?? 0} of ${total} runs succeeded`,
    });
  });
  events.on("run.ended", ({ run: { id, taskId, reason, message } }) => {
    if (reason?.key !== "reason.approval_expired") return;
    audit.record({
      actor: CARILLON,
      action: "run.expire",
      target: `run/${id}`,
      params: { task: taskId },
      outcome: "done",
      message,
    });
  });
}
