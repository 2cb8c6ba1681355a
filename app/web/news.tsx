/** `GET /news`: what has failed lately, for pages whose viewer wants to be notified; `/keys`: what the keyboard does. */
import type { Hono } from "hono";
import { Keys } from "../../templates/page.tsx";
import { BAD_STATUSES } from "../history/run.ts";
import { text } from "../locale/locale.ts";
import type { WebParts } from "./app.ts";
import { answerPage, frameOf, isFragmentRequest } from "./document.tsx";
import { viewerOf } from "./viewer.ts";
import { titleOf } from "./views.ts";

const NEWS_RUNS = 20;

export function serveNews(app: Hono, parts: WebParts): void {
  const { carillon } = parts;
  // The newest runs that did not go well, newest first.
  app.get("/news", (context) => {
    const { locale } = viewerOf(context);
    const failed = carillon.history.find({
      statuses: BAD_STATUSES,
      limit: NEWS_RUNS,
    });
    return context.json(
      failed.map((run) => {
        const task = carillon.registry.tasks.get(run.taskId);
        return {
          id: run.id,
          title: task ? titleOf(task, locale) : run.taskId,
          message: run.error?.message ?? run.message ?? "",
        };
      }),
      200,
      { "cache-control": "private, no-cache" },
    );
  });

  app.get("/keys", async (context) => {
    const frame = frameOf(context, parts);
    const content = <Keys locale={frame.viewer.locale} inDialog={isFragmentRequest(context)} />;
    return await answerPage(context, frame, { title: text(frame.viewer.locale, "page.keys"), content });
  });
}
