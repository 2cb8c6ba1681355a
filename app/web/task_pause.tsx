/** `POST /tasks/:id/pause` and `/resume`: stops a task's trigger and lets it go on; runs by hand are not affected. */
import type { Hono } from "hono";
import { Toast } from "../../templates/parts.tsx";
import { text } from "../locale/locale.ts";
import type { WebParts } from "./app.ts";
import { isFragmentRequest } from "./document.tsx";
import { RequestProblem } from "./problem.ts";
import { viewerOf } from "./viewer.ts";
import { taskOf, taskView } from "./views.ts";

export function serveTaskPause(app: Hono, { carillon }: WebParts): void {
  for (const [word, paused] of [["pause", true], ["resume", false]] as const) {
    app.post(`/tasks/:id/${word}`, async (context) => {
      const task = taskOf(carillon, context.req.param("id"));
      if (!carillon.triggerOf(task.id)) throw new RequestProblem(409, "problem.no_trigger", { id: task.id });
      carillon.scheduler.setPaused(task.id, paused);
      carillon.journal.info(`task ${task.id}: its trigger was ${paused ? "paused" : "resumed"}`);
      const address = `/tasks/${encodeURIComponent(task.id)}`;
      if (!isFragmentRequest(context)) return context.redirect(address, 303);
      const { locale } = viewerOf(context);
      context.header("hx-trigger", "carillon:changed");
      const { title } = taskView(carillon, task, locale);
      const message = text(locale, paused ? "task.was_paused" : "task.was_resumed", { task: title });
      return await context.html(
        <Toast message={message} address={address} link={text(locale, "task.look")} />,
      );
    });
  }
}
