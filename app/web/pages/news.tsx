/** `GET /news`: what has failed lately, for pages whose viewer wants to be notified; `/keys`: what the keyboard does. */
import { recordText } from "../../locale/reason.ts";
import type { Hono } from "hono";
import { Keys } from "../../../templates/components/frame_menu.tsx";
import { text } from "../../locale/locale.ts";
import type { WebContext } from "../context.ts";
import { answerPage, frameOf, isFragmentRequest } from "../document.tsx";

const NEWS_RUNS = 20;

export function serveNews(app: Hono, web: WebContext): void {
  const { queries } = web;
  // The last runs that did not go well, the last to end first.
  app.get("/news", async (context) => {
    const { locale, zone } = frameOf(context, web).viewer;
    const failures = (await queries.activity.lastFailures()).slice(0, NEWS_RUNS);
    const failed = await Promise.all(failures.map(({ id }) => queries.runs.find(id)));
    return context.json(
      failed.filter((run) => run !== undefined).map((run) => ({
        id: run.id,
        endedAt: run.finishedAt ?? run.queuedAt,
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
