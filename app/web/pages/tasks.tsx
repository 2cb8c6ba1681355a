/** `GET /tasks`: all tasks, or those that pass the filter in the address. */
import type { Hono } from "hono";
import { TaskListSection } from "../../../templates/pages/tasks.tsx";
import { text } from "../../locale/locale.ts";
import type { WebContext } from "../context.ts";
import { answerPage, answerUnchanged, askedOf, frameOf, isFragmentRequest, unchanged } from "../document.tsx";
import type { KeptPages } from "../kept_pages.ts";
import { path } from "../paths.ts";
import { readTaskFilter } from "../task_filter.ts";
import { showAddress, TaskLists } from "../task_list.tsx";

export function serveTasks(app: Hono, web: WebContext, lists: TaskLists, kept: KeptPages): void {
  const { queries } = web;
  app.get(path.tasks, async (context) => {
    await queries.activity.ready();
    const frame = frameOf(context, web);
    const { viewer } = frame;
    const params = new URL(context.req.url).searchParams;
    const request = { viewer, filter: readTaskFilter(params), page: path.tasks, extra: {} };
    const title = text(viewer.locale, "page.tasks");
    const since = params.get("since");
    if (since === lists.revision(viewer)) return unchanged(context);
    const revision = `${queries.system.revision} ${lists.revision(viewer)}`;
    const same = since === null ? answerUnchanged(context, frame, revision) : undefined;
    if (same) return same;
    if (isFragmentRequest(context)) {
      const changes = since === null ? undefined : await lists.changes(request, since);
      if (!changes) showAddress(context, request);
      const content = changes ?? TaskLists.whole(await lists.list(request));
      return await answerPage(context, frame, { title, content, live: true });
    }
    return await kept.answer(context, askedOf(context, frame), revision, async () => {
      const content = (
        <>
          <h1 class="sr">{title}</h1>
          <TaskListSection {...await lists.list(request)} />
        </>
      );
      return await answerPage(context, frame, { title, content });
    });
  });
}
