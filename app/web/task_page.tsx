/** `GET /tasks/:id`: one task and its history. */
import type { Hono } from "hono";
import { TaskPage } from "../../templates/task_page.tsx";
import type { WebParts } from "./app.ts";
import { answerPage, frameOf, revalidated } from "./document.tsx";
import { runView, taskOf, taskView } from "./views.ts";

export function serveTaskPage(app: Hono, parts: WebParts): void {
  const { carillon } = parts;
  app.get("/tasks/:id", revalidated, async (context) => {
    const task = taskOf(carillon, context.req.param("id"));
    const frame = frameOf(context, parts);
    const view = taskView(carillon, task, frame.viewer.locale);
    const runs = carillon.history.recent(task.id).map((run) => runView(carillon, run, frame.viewer.locale));
    const broken = carillon.registry.broken.filter(({ taskId }) => taskId === task.id);
    const content = <TaskPage viewer={frame.viewer} task={view} runs={runs} broken={broken} />;
    return await answerPage(context, frame, { title: view.title, content });
  });
}
