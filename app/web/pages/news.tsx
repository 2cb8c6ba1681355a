/** `GET /news`: what has failed lately, for pages whose viewer wants to be notified; `/keys`: what the keyboard does. */
import { recordText } from "../../locale/reason.ts";
import type { Hono } from "hono";
import { Keys } from "../../../templates/components/frame_menu.tsx";
import { BAD_STATUSES } from "../../model/run.ts";
import { text } from "../../locale/locale.ts";
import type { WebContext } from "../context.ts";
import { answerPage, frameOf, isFragmentRequest } from "../document.tsx";

const NEWS_RUNS = 20;

export function serveNews(app: Hono, web: WebContext): void {
  const { queries } = web;
  // The newest runs that did not go well, newest first.
  app.get("/news", async (context) => {
    const { locale, zone } = frameOf(context, web).viewer;
    const failed = await queries.runs.search({ statuses: BAD_STATUSES, limit: NEWS_RUNS });
    return context.json(
      failed.map((run) => ({
        id: run.id,
        title: queries.tasks.titleOf(run.taskId, locale),
        message: run.error?.message ?? recordText(run, locale, zone),
      })),
      200,
      { "cache-control": "private, no-cache" },
    );
  });

  app.get("/keys", async (context) => {
    const frame = frameOf(context, web);
    const content = <Keys locale={frame.viewer.locale} inDialog={isFragmentRequest(context)} />;
    return await answerPage(context, frame, { title: text(frame.viewer.locale, "page.keys"), content });
  });
}
