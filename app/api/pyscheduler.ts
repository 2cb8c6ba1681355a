/** The addresses and JSON that scripts written for PyScheduler use. */
import type { Hono } from "hono";
import { localDateTime } from "../base/time_zone.ts";
import { problemText } from "../task/params.ts";
import { actorOf, type WebContext } from "../web/context.ts";
import { path } from "../web/paths.ts";
import { saysSomething } from "./reading.ts";

const BODY = "parameters stand in the address, as in /trigger/report?day=2026-01-31; this request has a body";

export function servePyScheduler(app: Hono, { operations, queries }: WebContext): void {
  app.get("/jobs", (context) => {
    const { timezone } = queries.system.settings;
    const jobs = queries.tasks.all().map(({ task: { id }, trigger, next }) => ({
      id,
      name: queries.tasks.titleOf(id, "en"),
      next_run_time: next ? localDateTime(next, timezone) : "N/A",
      trigger: trigger?.rule ?? "",
    }));
    return context.json(jobs);
  });

  app.post("/trigger/:id", async (context) => {
    const id = context.req.param("id");
    if (await saysSomething(context)) return context.json({ status: "error", message: BODY }, 422);
    const params = new URL(context.req.url).searchParams;
    // A task that asks for its id gets it here; where it does not, the word is a parameter like any other.
    const asks = queries.tasks.find(id)?.task.description.policies.confirm !== undefined;
    const confirm = asks ? params.get("confirm") ?? undefined : undefined;
    if (asks) params.delete("confirm");
    const answer = await operations.run(actorOf(context, "pyscheduler"), id, params, undefined, { confirm });
    if (!answer.ok) return context.json({ status: "error", message: problemText(answer.problems) }, 422);
    return context.json({ status: "success", message: `task ${id} was started`, run_id: answer.run.id });
  });

  app.get("/history/:id", (context) => {
    const { task } = queries.tasks.get(context.req.param("id"));
    return context.redirect(path.task(task.id), 302);
  });
}
