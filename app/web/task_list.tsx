/** `GET /`: all tasks, or those that pass the filter in the address. */
import type { Hono } from "hono";
import { STRIP_RUNS, TaskFilterForm, TaskList, type TaskRowView } from "../../templates/task_list.tsx";
import { durationOf } from "../history/run.ts";
import { text } from "../locale/locale.ts";
import { withQuery } from "./address.ts";
import type { WebParts } from "./app.ts";
import { answerPage, answerUnchanged, frameOf, isFragmentRequest } from "./document.tsx";
import { RowCache } from "./row_cache.tsx";
import { countStates, passesFilter, readTaskFilter, taskStateChoices } from "./task_filter.ts";
import { taskView } from "./views.ts";

export function serveTaskList(app: Hono, parts: WebParts): void {
  const { carillon } = parts;
  const rows = new RowCache();
  app.get("/", async (context) => {
    const frame = frameOf(context, parts);
    const unchanged = answerUnchanged(context, frame, carillon.revision);
    if (unchanged) return unchanged;
    const { viewer } = frame;
    const { locale } = viewer;
    const filter = readTaskFilter(new URL(context.req.url).searchParams);
    const address = withQuery("/", { ...filter });
    if (isFragmentRequest(context)) context.header("hx-replace-url", address);
    const all = [...carillon.registry.tasks.values()];
    const views = all.map((task): TaskRowView => {
      const strip = carillon.history.recent(task.id, STRIP_RUNS).reverse();
      return {
        ...taskView(carillon, task, locale, strip.at(-1)),
        strip: strip.map((run) => {
          const durationMs = run.finishedAt === undefined ? undefined : durationOf(run, run.finishedAt);
          return { status: run.status, ...(durationMs === undefined ? {} : { durationMs }) };
        }),
      };
    });
    rows.keepOnly(new Set(carillon.registry.tasks.keys()));
    const content = (
      <TaskList
        viewer={viewer}
        address={address}
        tasks={views.filter((task) => passesFilter(task, filter))}
        row={(task) => rows.row(task, viewer)}
        total={views.length}
        byTag={filter.group === "tag"}
        states={countStates(views).map((each) => ({ ...each, label: text(locale, `filter.${each.state}`) }))}
        broken={carillon.registry.broken}
        folder={carillon.config.scheduler.tasks}
        busy={carillon.runner.active.length > 0}
        active={views.filter(({ rule, paused }) => rule !== "" && !paused).length}
        paused={views.filter(({ paused }) => paused).length}
      />
    );
    const before = (
      <>
        <h1>{text(locale, "page.tasks")}</h1>
        {all.length === 0 ? null : (
          <TaskFilterForm
            locale={locale}
            {...filter}
            states={taskStateChoices(locale)}
            tags={[...new Set(views.flatMap(({ tags }) => tags))].toSorted()}
          />
        )}
      </>
    );
    return await answerPage(context, frame, { title: text(locale, "page.tasks"), content, before });
  });
}
