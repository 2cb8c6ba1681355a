/** The addresses and JSON that scripts written for PyScheduler use. */
import type { Hono } from "hono";
import { localText } from "../locale/locale.ts";
import { problemText } from "../task/params.ts";
import { localDateTime } from "../trigger/zone.ts";
import type { WebParts } from "./app.ts";
import { expectStarting, taskOf } from "./views.ts";

export function servePyScheduler(app: Hono, { carillon }: WebParts): void {
  app.get("/jobs", (context) => {
    const jobs = [...carillon.registry.tasks.values()].map(({ id, description: { title } }) => {
      const next = carillon.scheduler.next(id);
      return {
        id,
        name: title === undefined ? id : localText(title, "en"),
        next_run_time: next ? localDateTime(next, carillon.config.scheduler.timezone) : "N/A",
        trigger: carillon.triggerOf(id)?.trigger.rule ?? "",
      };
    });
    return context.json(jobs);
  });

  app.post("/trigger/:id", async (context) => {
    const task = taskOf(carillon, context.req.param("id"));
    expectStarting(carillon);
    const params = [...new URL(context.req.url).searchParams];
    const answer = await carillon.request(task, params, { cause: "api" });
    if (!answer.ok) return context.json({ status: "error", message: problemText(answer.problems) }, 422);
    return context.json({ status: "success", message: `task ${task.id} was started`, run_id: answer.run.id });
  });

  app.get("/history/:id", (context) => {
    const { id } = taskOf(carillon, context.req.param("id"));
    return context.redirect(`/tasks/${encodeURIComponent(id)}`, 302);
  });
}
