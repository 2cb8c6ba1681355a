/** `GET /runs/:id`: one run and its log. */
import type { Hono } from "hono";
import { RunPage } from "../../templates/run_page.tsx";
import { localText, text } from "../locale/locale.ts";
import type { WebParts } from "./app.ts";
import { answerPage, frameOf, revalidated } from "./document.tsx";
import { RequestProblem } from "./problem.ts";
import { runView } from "./views.ts";

export function serveRunPage(app: Hono, parts: WebParts): void {
  const { carillon } = parts;
  app.get("/runs/:id", revalidated, async (context) => {
    const id = context.req.param("id");
    const run = carillon.history.get(id);
    if (!run) throw new RequestProblem(404, "problem.no_run", { id });
    const frame = frameOf(context, parts);
    const { locale } = frame.viewer;
    const title = carillon.registry.tasks.get(run.taskId)?.description.title;
    const taskTitle = title === undefined ? run.taskId : localText(title, locale);
    const content = (
      <RunPage
        viewer={frame.viewer}
        run={runView(carillon, run, frame.viewer.locale)}
        taskTitle={taskTitle}
        taskExists={carillon.registry.tasks.has(run.taskId)}
        lines={carillon.history.lines(id)}
      />
    );
    return await answerPage(context, frame, {
      title: text(locale, "page.run", { task: taskTitle }),
      content,
    });
  });
}
