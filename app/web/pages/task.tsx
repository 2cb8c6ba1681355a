/** `GET /tasks/:id`: one task, how it has done, and its runs, filtered and page by page; `/tasks/:id/more` the rest of its row. */
import type { Hono } from "hono";
import { TaskHeading, TaskPage } from "../../../templates/pages/task.tsx";
import { TaskMore } from "../../../templates/pages/task_more.tsx";
import { text } from "../../locale/locale.ts";
import { isBad } from "../../model/run.ts";
import { brokenViews } from "../broken_views.ts";
import { path, withQuery } from "../paths.ts";
import type { WebContext } from "../context.ts";
import { answerPage, answerUnchanged, frameOf, isFragmentRequest } from "../document.tsx";
import { readRunFilter, statusesOf } from "../run_filter.ts";
import { aboutOf, measured } from "../task_page_view.ts";
import { yearStrip } from "../year_strip_view.ts";
import { runView, taskView } from "../views.ts";

/** Runs of a page. */
const PAGE_RUNS = 50;
const UPCOMING = 10;
/** Characters of a planned run's parameters. */
const MAX_PARAMS_SHOWN = 200;

export function serveTask(app: Hono, web: WebContext): void {
  const { queries } = web;

  app.get("/tasks/:id", async (context) => {
    const facts = queries.tasks.get(context.req.param("id"));
    const { task: { id, description } } = facts;
    const frame = frameOf(context, web);
    const { viewer } = frame;
    const { locale } = viewer;
    const { q, status, before } = readRunFilter(new URL(context.req.url).searchParams);
    const filter = { q, status, before };
    // A text is looked for in logs too, which may grow without anything else changing.
    const same = q === "" ? answerUnchanged(context, frame, queries.system.revision) : undefined;
    if (same) return same;
    await queries.activity.ready();
    const page = path.task(id);
    const address = withQuery(page, filter);
    if (isFragmentRequest(context)) context.header("hx-replace-url", address);
    const task = taskView(queries, facts, viewer);
    const { outcome, verdict, failing, lastGood, active } = queries.activity.of(id);
    const found = await queries.runs.search({
      taskId: id,
      limit: PAGE_RUNS + 1,
      statuses: statusesOf(status),
      text: q || undefined,
      before: before || undefined,
    });
    const runs = found.slice(0, PAGE_RUNS);
    const last = runs.at(-1);
    const chip = (name: "" | "failed" | "not_run", label: string) => ({
      label,
      address: withQuery(page, { q, status: name }),
      current: status === name,
    });
    const content = (
      <TaskPage
        viewer={viewer}
        task={task}
        address={address}
        outcome={outcome && runView(queries, outcome, locale)}
        failing={failing && verdict && isBad(verdict.status)
          ? { since: failing.first.queuedAt, runs: failing.runs }
          : undefined}
        lastGood={lastGood && runView(queries, lastGood, locale)}
        active={active.map((run) => runView(queries, run, locale))}
        runs={runs.map((run) => runView(queries, run, locale))}
        filter={{ q, status }}
        hasRuns={outcome !== undefined || active.length > 0}
        chips={[
          chip("", text(locale, "filter.all")),
          { ...chip("failed", text(locale, "outcomes.failed")), sign: "s-bad", tone: "bad" },
          { ...chip("not_run", text(locale, "outcomes.not_run")), sign: "s-skip" },
        ]}
        older={found.length > PAGE_RUNS && last ? withQuery(page, { ...filter, before: last.id }) : undefined}
        newest={before === "" ? undefined : withQuery(page, { ...filter, before: "" })}
        planned={queries.tasks.planned(id).map((plan) => ({
          ...plan,
          params: JSON.stringify(plan.params).slice(0, MAX_PARAMS_SHOWN),
        }))}
        upcoming={queries.tasks.upcoming(id, viewer.now, UPCOMING)}
        {...await measured(queries, facts, viewer)}
        year={await yearStrip(queries, id, viewer)}
        params={description.params.fields.map((field) => ({ name: field.name, about: aboutOf(field) }))}
        broken={brokenViews(queries, queries.tasks.broken(id), frame.viewer)}
      />
    );
    const title = task.title;
    const heading = <TaskHeading task={task} locale={locale} />;
    return await answerPage(context, frame, { title, content, before: heading, live: true });
  });

  app.get("/tasks/:id/more", async (context) => {
    const facts = queries.tasks.get(context.req.param("id"));
    const frame = frameOf(context, web);
    const task = taskView(queries, facts, frame.viewer);
    const content = <TaskMore task={task} viewer={frame.viewer} inDialog={isFragmentRequest(context)} />;
    return await answerPage(context, frame, { title: task.title, content });
  });
}
