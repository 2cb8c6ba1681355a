/** `GET /`: all tasks. */
import type { Hono } from "hono";
import { TaskList } from "../../templates/task_list.tsx";
import { text } from "../locale/locale.ts";
import type { WebParts } from "./app.ts";
import { answerPage, frameOf, revalidated } from "./document.tsx";
import { taskView } from "./views.ts";

export function serveTaskList(app: Hono, parts: WebParts): void {
  const { carillon } = parts;
  app.get("/", revalidated, async (context) => {
    const frame = frameOf(context, parts);
    const { viewer } = frame;
    const all = [...carillon.registry.tasks.values()];
    const last = carillon.history.lastRuns(all.map(({ id }) => id));
    const tasks = all.map((task) => taskView(carillon, task, viewer.locale, last.get(task.id)));
    const content = (
      <TaskList
        viewer={viewer}
        tasks={tasks}
        broken={carillon.registry.broken}
        folder={carillon.config.scheduler.tasks}
        busy={carillon.runner.active.length > 0}
      />
    );
    return await answerPage(context, frame, { title: text(viewer.locale, "page.tasks"), content });
  });
}
