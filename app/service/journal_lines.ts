/** What happens, as lines of the journal. */
import type { Journal, LineFacts } from "../base/journal.ts";
import { instantOf } from "../base/time.ts";
import type { EventBus } from "../events/bus.ts";
import type { Run } from "../model/run.ts";

/** Writes a line for each event that an operator wants to read of. */
export function writeJournal(events: EventBus, journal: Journal): void {
  events.on("run.awaiting_approval", ({ run }) => {
    const who = run.by === undefined ? "somebody" : run.by;
    journal.info(
      `task ${run.taskId}: run ${run.id}, asked for by ${who}, waits for the approval of another person`,
      factsOf("run.awaiting_approval", run),
    );
  });
  events.on("run.ended", ({ run }) => {
    const line = `task ${run.taskId}: run ${run.id} ${run.status}${saidBy(run)}`;
    if (run.status === "succeeded") journal.info(line, factsOf("run.ended", run));
    else journal.warn(line, factsOf("run.ended", run));
  });
  events.on(
    "run.missed",
    ({ run }) => {
      // None is left of what a clock that was ahead had thought missed: nothing was.
      if (run.instants === 0) return;
      journal.warn(`task ${run.taskId}: missed: ${run.message}`, factsOf("run.missed", run));
    },
  );
  events.on("task.loaded", ({ taskId, path, rule, ended }) => {
    const note = rule === undefined
      ? "started by hand only"
      : `${rule}${ended ? "; it has ended and will not fire" : ""}`;
    journal.info(`task ${taskId}: loaded from ${path}, ${note}`, { task: taskId, event: "task.loaded" });
  });
  events.on(
    "task.removed",
    ({ taskId }) =>
      journal.info(`task ${taskId}: its file is gone; it will not fire any more`, {
        task: taskId,
        event: "task.removed",
      }),
  );
  events.on("task.broken", ({ file, place, message, taskId }) => {
    const where = place ? `${file}:${place.line}:${place.column}` : file;
    const kept = taskId === undefined ? "" : ` (task ${taskId} goes on with its last good version)`;
    journal.error(`task file ${where}: ${message}${kept}`, undefined, { task: taskId, event: "task.broken" });
  });
  events.on(
    "task.warned",
    ({ taskId, message }) =>
      journal.warn(`task ${taskId}: ${message}`, { task: taskId, event: "task.warned" }),
  );
  events.on("task.paused", ({ taskId, failures, until, note }) => {
    const facts = { task: taskId, event: "task.paused" };
    const terms = (until === undefined ? "" : ` until ${instantOf(until)}`) +
      (note === undefined ? "" : `: ${note}`);
    if (failures === undefined) journal.info(`task ${taskId}: its trigger was paused${terms}`, facts);
    else journal.warn(`task ${taskId}: its trigger was paused after ${failures} failed runs in a row`, facts);
  });
  events.on(
    "task.resumed",
    ({ taskId }) =>
      journal.info(`task ${taskId}: its trigger was resumed`, { task: taskId, event: "task.resumed" }),
  );
  events.on("backfill.started", ({ plan: { id, taskId, from, to, by }, total }) =>
    journal.info(
      `task ${taskId}: backfill ${id} of ${total} instants from ${instantOf(from)} to ${
        instantOf(to)
      } was started${by === undefined ? "" : ` by ${by}`}`,
      { task: taskId, event: "backfill.started" },
    ));
  events.on("backfill.ended", ({ progress: { plan, state, total, ended } }) => {
    const line = `task ${plan.taskId}: backfill ${plan.id} is ${state}: ${
      ended.succeeded ?? 0
    } of ${total} succeeded`;
    const facts = { task: plan.taskId, event: "backfill.ended" };
    if (ended.succeeded === total) journal.info(line, facts);
    else journal.warn(line, facts);
  });
  events.on("folder.failed", ({ message }) =>
    journal.error(
      `reading the task folder failed: ${message}; the tasks stay as they are, and it is tried again`,
      undefined,
      { event: "folder.failed" },
    ));
  events.on(
    "folder.recovered",
    () => journal.info("the task folder is read again", { event: "folder.recovered" }),
  );
  events.on("history.failed", ({ message }) => journal.error(message));
  events.on("history.recovered", ({ message }) => journal.info(message));
  events.on("audit.failed", ({ message }) => journal.error(message));
  events.on("audit.recovered", ({ message }) => journal.info(message));
  events.on("audit.damaged", ({ message }) => journal.error(message));
  events.on("clock.set_back", ({ ms, until }) =>
    journal.warn(
      `the system clock went back by ${ms / 1_000} s; rhythms go on at once, other instants until ${
        instantOf(until)
      } that have a record do not come again`,
    ));
  events.on("clock.stalled", ({ ms, running }) => {
    const who = running.length === 0
      ? "no run was going on"
      : `runs of ${running.slice(0, 10).join(", ")} were going on`;
    journal.warn(`the clock stood still for ${ms / 1_000} s; ${who}`, { event: "clock.stalled" });
  });
  events.on(
    "disk.low",
    ({ folder, free }) =>
      journal.error(`the disk of ${folder} is nearly full: ${free} bytes are left`, undefined, {
        event: "disk.low",
      }),
  );
  events.on(
    "disk.recovered",
    ({ folder }) => journal.debug(`the disk of ${folder} has room`, { event: "disk.recovered" }),
  );
  events.on(
    "run.slow",
    ({ run, limitMs }) =>
      journal.warn(
        `task ${run.taskId}: run ${run.id} takes longer than ${limitMs / 1_000} s`,
        factsOf("run.slow", run),
      ),
  );
  events.on(
    "task.undone",
    ({ taskId, day, doneBy }) =>
      journal.warn(`task ${taskId}: it was not done by ${doneBy} on ${day}`, {
        task: taskId,
        event: "task.undone",
      }),
  );
  events.on("notify.undelivered", ({ target, id, reason, next }) =>
    journal.warn(
      `message ${id} could not be delivered to [notify:${target}]: ${reason}; ${
        next === undefined ? "nobody has it" : `[notify:${next}] has it now`
      }`,
      { event: "notify.undelivered" },
    ));
  events.on("clock.failed", ({ taskId, error }) =>
    journal.error(
      taskId === undefined
        ? "handing on due instants failed"
        : `task ${taskId}: handing on a due instant failed`,
      error,
    ));
}

function factsOf(event: string, { id, taskId }: Run): LineFacts {
  return { task: taskId, run: id, event };
}

function saidBy({ error, message }: Run): string {
  const said = error ? error.message : message;
  return said === undefined ? "" : `: ${said}`;
}
