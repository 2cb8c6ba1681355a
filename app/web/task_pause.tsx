/** Pausing and resuming, one task or all: a trigger is stopped and goes on; runs by hand are not affected. */
import type { Context, Hono } from "hono";
import { text } from "../locale/locale.ts";
import type { Task } from "../task/registry.ts";
import type { WebParts } from "./app.ts";
import { RequestProblem } from "./problem.ts";
import { serveAction } from "./question.tsx";
import { taskOf, titleOf } from "./views.ts";

export function serveTaskPause(app: Hono, parts: WebParts): void {
  const { carillon } = parts;

  function triggeredTask(context: Context): Task {
    const task = taskOf(carillon, context.req.param("id") ?? "");
    if (!carillon.triggerOf(task.id)) throw new RequestProblem(409, "problem.no_trigger", { id: task.id });
    return task;
  }

  for (const [word, paused] of [["pause", true], ["resume", false]] as const) {
    serveAction(app, parts, {
      path: `/tasks/:id/${word}`,
      ask(context, locale) {
        const task = triggeredTask(context);
        return {
          title: text(locale, `task.${word}_title`, { task: titleOf(task, locale) }),
          sentence: text(locale, `task.${word}_question`),
          confirm: text(locale, `task.${word}`),
          back: `/tasks/${encodeURIComponent(task.id)}`,
        };
      },
      act(context, locale) {
        const task = triggeredTask(context);
        carillon.setPaused(task.id, paused);
        return {
          message: text(locale, paused ? "task.was_paused" : "task.was_resumed", {
            task: titleOf(task, locale),
          }),
          address: `/tasks/${encodeURIComponent(task.id)}`,
          link: text(locale, "task.look"),
        };
      },
    });

    serveAction(app, parts, {
      path: `/${word}`,
      ask: (_context, locale) => ({
        title: text(locale, `tasks.${word}_all_title`, { n: concerned(paused).length }),
        sentence: text(locale, `tasks.${word}_all_question`),
        confirm: text(locale, `tasks.${word}_all`),
        back: "/",
      }),
      act(_context, locale) {
        const ids = concerned(paused);
        for (const id of ids) carillon.setPaused(id, paused);
        return {
          message: text(locale, paused ? "tasks.were_paused" : "tasks.were_resumed", { n: ids.length }),
          address: "/",
          link: text(locale, "page.tasks"),
        };
      },
    });
  }

  /** Tasks with a trigger that is not yet as it is wanted. */
  function concerned(paused: boolean): string[] {
    return [...carillon.registry.tasks.keys()].filter((id) =>
      carillon.triggerOf(id) && carillon.scheduler.isPaused(id) !== paused
    );
  }
}
