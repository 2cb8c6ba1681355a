/** What the pages show of tasks and runs, put together from Carillon's rooms. */
import type { RunView, TaskView } from "../../templates/views.ts";
import type { Carillon } from "../carillon.ts";
import { durationOf, isTerminal, type Run } from "../history/run.ts";
import { reasonText } from "../history/reason.ts";
import { type Locale, localText, text } from "../locale/locale.ts";
import { localDateTime } from "../trigger/zone.ts";
import { policyFacts } from "./policy_facts.ts";
import type { Task } from "../task/registry.ts";
import { RequestProblem } from "./problem.ts";

/** Refuses to start anything once Carillon is stopping. */
export function expectStarting(carillon: Carillon): void {
  if (carillon.isStopping) throw new RequestProblem(503, "problem.stopping");
}

/** The task of an address, or a 404. */
export function taskOf(carillon: Carillon, id: string): Task {
  const task = carillon.registry.tasks.get(id);
  if (!task) throw new RequestProblem(404, "problem.no_task", { id });
  return task;
}

/** The run of an address, or a 404. */
export function runOf(carillon: Carillon, id: string): Run {
  const run = carillon.history.get(id);
  if (!run) throw new RequestProblem(404, "problem.no_run", { id });
  return run;
}

/** Name of a task for people. */
export function titleOf({ id, description: { title } }: Task, locale: Locale): string {
  return title === undefined ? id : localText(title, locale);
}

/** @param last its newest run, where whoever asks knows it already */
export function taskView(
  carillon: Carillon,
  task: Task,
  locale: Locale,
  last: Run | undefined = carillon.history.lastRuns([task.id]).get(task.id),
): TaskView {
  const found = carillon.triggerOf(task.id);
  const { description, params, tags } = task.description;
  return {
    id: task.id,
    title: titleOf(task, locale),
    tags,
    folder: task.path.includes("/") ? task.path.slice(0, task.path.lastIndexOf("/")) : "",
    ...(description === undefined ? {} : { description: localText(description, locale) }),
    file: task.path,
    trigger: found ? found.trigger.describe(locale) : text(locale, "trigger.none"),
    rule: found?.trigger.rule ?? "",
    ended: found?.ended ?? false,
    paused: carillon.scheduler.isPaused(task.id),
    timezone: carillon.zoneOf(task.id),
    next: carillon.scheduler.next(task.id),
    hasParams: params.fields.length > 0,
    ...(last ? { last: runView(carillon, last, locale) } : {}),
    warnings: carillon.warnings(task.id, locale),
    policies: policyFacts(task.description.policies, locale),
  };
}

export function runView(carillon: Carillon, run: Run, locale: Locale): RunView {
  const durationMs = durationOf(run, carillon.clock.now());
  const waitingFor = run.status === "queued" ? waitText(carillon, run, locale) : undefined;
  return {
    ...run,
    isOver: isTerminal(run.status),
    timezone: carillon.zoneOf(run.taskId),
    ...(durationMs === undefined ? {} : { durationMs }),
    said: saidText(carillon, run, locale),
    ...(waitingFor === undefined ? {} : { waitingFor }),
  };
}

function saidText(carillon: Carillon, run: Run, locale: Locale): string {
  if (!run.reason) return run.message ?? "";
  const reason = reasonText(run.reason, locale);
  if (run.instants === 1 || run.status !== "skipped" || !run.finishedAt) return reason;
  const zone = carillon.zoneOf(run.taskId);
  return text(locale, "reason.repeated", {
    reason,
    n: run.instants,
    last: localDateTime(run.finishedAt, zone),
  });
}

function waitText(carillon: Carillon, run: Run, locale: Locale): string | undefined {
  const reason = carillon.runner.waitReason(run.id);
  switch (reason?.kind) {
    case "lock":
      return text(locale, "wait.lock", { lock: reason.lock, task: reason.holder });
    case "concurrency":
      return text(locale, "wait.concurrency");
    case "workers":
      return text(locale, "wait.workers", { n: carillon.config.scheduler.workers });
    case undefined:
      return undefined;
  }
}
