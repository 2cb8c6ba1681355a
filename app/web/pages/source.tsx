/** `GET /tasks/:id/source`: the task's file as it was loaded, line by line. */
import type { Hono } from "hono";
import { SourcePage } from "../../../templates/pages/source.tsx";
import { text } from "../../locale/locale.ts";
import type { WebContext } from "../context.ts";
import { answerPage, frameOf, revalidated } from "../document.tsx";
import { brokenViews } from "../broken_views.ts";
import { colouredLines } from "../source_code.ts";
import { taskView } from "../views.ts";

export function serveSource(app: Hono, web: WebContext): void {
  const { queries } = web;
  app.get("/tasks/:id/source", revalidated, async (context) => {
    const facts = queries.tasks.get(context.req.param("id"));
    const { task } = facts;
    const frame = frameOf(context, web);
    const { locale } = frame.viewer;
    const code = queries.tasks.source(task.id);
    const view = taskView(queries, facts, frame.viewer);
    const content = (
      <SourcePage
        locale={locale}
        task={view}
        lines={colouredLines(code)}
        broken={brokenViews(queries, queries.tasks.broken(task.id), frame.viewer)}
      />
    );
    return await answerPage(context, frame, {
      title: text(locale, "page.source", { file: task.path }),
      content,
    });
  });
}
