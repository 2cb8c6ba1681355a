/** `GET /timeline`: a day, or some hours of it, a lane for each task by folder; `?view=week` the starts of the week to come. */
import type { Hono } from "hono";
import { Timeline } from "../../../templates/pages/timeline.tsx";
import { Week } from "../../../templates/pages/week.tsx";
import { text } from "../../locale/locale.ts";
import type { WebContext } from "../context.ts";
import { answerPage, answerUnchanged, frameOf } from "../document.tsx";
import { readTimeline, timelineView } from "../timeline_view.ts";
import { weekView } from "../week_view.ts";

const MINUTE_MS = 60_000;

export function serveTimeline(app: Hono, web: WebContext): void {
  const { queries } = web;
  app.get("/timeline", async (context) => {
    const frame = frameOf(context, web);
    const { viewer } = frame;
    const minute = Math.floor(viewer.now / MINUTE_MS);
    const same = answerUnchanged(context, frame, `${queries.system.revision} ${minute}`);
    if (same) return same;
    const title = text(viewer.locale, "page.timeline");
    const params = new URL(context.req.url).searchParams;
    const content = params.get("view") === "week"
      ? <Week {...weekView(queries, viewer)} />
      : <Timeline {...await timelineView(queries, readTimeline(params, viewer), viewer)} />;
    return await answerPage(context, frame, { title, content, live: true });
  });
}
