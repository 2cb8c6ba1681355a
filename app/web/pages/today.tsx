/** `GET /`: whether all is well and what needs a person, in a window of time; below it the table of all tasks. */
import { createHash } from "node:crypto";
import type { Hono } from "hono";
import type { Child } from "hono/jsx";
import { Part } from "../../../templates/components/basics.tsx";
import { Rail } from "../../../templates/components/today_rail.tsx";
import { Answer, Today } from "../../../templates/pages/today.tsx";
import { TaskListSection } from "../../../templates/pages/tasks.tsx";
import { text } from "../../locale/locale.ts";
import { actorOf, type WebContext } from "../context.ts";
import { answerPage, answerUnchanged, askedOf, frameOf, isFragmentRequest, unchanged } from "../document.tsx";
import type { KeptPages } from "../kept_pages.ts";
import { path } from "../paths.ts";
import { readTaskFilter } from "../task_filter.ts";
import { showAddress, TaskLists } from "../task_list.tsx";
import { readWindow } from "../time_window.ts";
import { todayView } from "../today_view.ts";

const MINUTE_MS = 60_000;

export function serveToday(app: Hono, web: WebContext, lists: TaskLists, kept: KeptPages): void {
  const { queries } = web;
  app.get(path.today, async (context) => {
    await queries.activity.ready();
    const frame = frameOf(context, web);
    const { viewer } = frame;
    const params = new URL(context.req.url).searchParams;
    const window = readWindow(params, viewer.now, viewer.zone);
    const filter = readTaskFilter(params);
    const own = { ...window.query };
    const title = text(viewer.locale, "page.today");
    // What a page knows: the rows it has, and what its two sections show.
    const [since, have = ""] = params.get("since")?.split("_") ?? [];
    const minute = Math.floor(viewer.now / MINUTE_MS);
    const revision = `${queries.system.revision} ${lists.revision(viewer)} ${minute}`;
    const same = since === undefined ? answerUnchanged(context, frame, revision) : undefined;
    if (same) return same;
    const props = async () =>
      await todayView(queries, window, viewer, {
        q: filter.q,
        status: filter.status,
        tag: filter.tag,
        group: filter.group,
      }, actorOf(context, "page"));
    if (isFragmentRequest(context)) {
      if (since === lists.revision(viewer) && have.endsWith(`.${minute}`)) return unchanged(context);
      const request = { viewer, filter, page: path.today, extra: own };
      const today = await props();
      const sections: readonly (readonly [string, Child])[] = [
        ["#answer", <Answer {...today} />],
        ["#rail", <Rail {...today} />],
      ];
      const marks = sections.map(([, content]) => markOf(String(content)));
      const known = have.split(".");
      const parts = (
        <>
          {sections.map(([target, content], i) =>
            marks[i] === known[i] ? null : <Part target={target}>{content}</Part>
          )}
        </>
      );
      const now = `${marks.join(".")}.${minute}`;
      const changes = since === undefined ? undefined : await lists.changes(request, since, now);
      if (!changes) showAddress(context, request);
      const content = changes ?? TaskLists.whole(await lists.list(request, now));
      return await answerPage(context, frame, { title, content, parts, live: true });
    }
    return await kept.answer(context, askedOf(context, frame), revision, async () => {
      const today = await props();
      const have = [<Answer {...today} />, <Rail {...today} />].map((each) => markOf(String(each)));
      const request = { viewer, filter, page: path.today, extra: own };
      const list = await lists.list(request, `${have.join(".")}.${minute}`);
      const content = (
        <>
          {list.total === 0 ? <h1>{text(viewer.locale, "page.today")}</h1> : <Today {...today} />}
          <TaskListSection {...list} />
        </>
      );
      return await answerPage(context, frame, { title, content });
    });
  });
}

/** A few letters that are others where the text is another. */
function markOf(content: string): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 8);
}
