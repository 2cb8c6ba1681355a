/** What the pages show of tasks and runs, put together from Carillon's rooms. */
import type { RunView, TaskView } from "../../templates/views.ts";
import type { Carillon } from "../carillon.ts";
import { durationOf, isTerminal, type Run } from "../history/run.ts";
import { type Locale, localText, text } from "../locale/locale.ts";
import type { Task } from "../task/registry.ts";
import { RequestProblem } from "./problem.ts";

/** The task of an address, or a 404. */
export function taskOf(carillon: Carillon, id: string): Task {
  const task = carillon.registry.tasks.get(id);
  if (!task) throw new RequestProblem(404, "problem.no_task", { id });
  return task;
}

export function taskView(carillon: Carillon, task: Task, locale: Locale): TaskView {
  const found = carillon.triggerOf(task.id);
  const { title, description, params } = task.description;
  const [last] = carillon.history.recent(task.id, 1);
  return {
    id: task.id,
    title: title === undefined ? task.id : localText(title, locale),
    ...(description === undefined ? {} : { description: localText(description, locale) }),
    file: task.path,
    trigger: found ? found.trigger.describe(locale) : text(locale, "trigger.none"),
    rule: found?.trigger.rule ?? "",
    ended: found?.ended ?? false,
    timezone: found?.trigger.timezone ?? carillon.config.scheduler.timezone,
    next: carillon.scheduler.next(task.id),
    hasParams: params.fields.length > 0,
    ...(last ? { last: runView(carillon, last) } : {}),
  };
}

export function runView(carillon: Carillon, run: Run): RunView {
  const durationMs = durationOf(run, carillon.clock.now());
  return {
    ...run,
    isOver: isTerminal(run.status),
    timezone: carillon.triggerOf(run.taskId)?.trigger.timezone ?? carillon.config.scheduler.timezone,
    ...(durationMs === undefined ? {} : { durationMs }),
  };
}
