/** `GET /tasks/:id`: one task, how it has done, and its runs, filtered and page by page. */
import type { Hono } from "hono";
import { RunFilterForm, TaskHeading, TaskPage } from "../../templates/task_page.tsx";
import type { Carillon } from "../carillon.ts";
import { isBad, RUN_STATUSES, type RunStatus } from "../history/run.ts";
import { percentile } from "../percentile.ts";
import type { ParamDescription } from "../task/description.ts";
import type { Task } from "../task/registry.ts";
import { withQuery } from "./address.ts";
import type { WebParts } from "./app.ts";
import { answerPage, answerUnchanged, frameOf, isFragmentRequest } from "./document.tsx";
import { RequestProblem } from "./problem.ts";
import { runView, taskOf, taskView } from "./views.ts";

/** Runs of a page. */
const PAGE_RUNS = 50;
/** Runs that the rate of success and the durations are taken from, the newest. */
const MEASURED_RUNS = 100;
const UPCOMING = 10;

interface RunFilter {
  readonly q: string;
  readonly status: RunStatus | "";
  readonly before: string;
}

export function serveTaskPage(app: Hono, parts: WebParts): void {
  const { carillon } = parts;
  app.get("/tasks/:id", async (context) => {
    const task = taskOf(carillon, context.req.param("id"));
    const frame = frameOf(context, parts);
    const filter = readFilter(new URL(context.req.url).searchParams);
    // A text is looked for in logs too, which may grow without anything else changing.
    const unchanged = filter.q === "" ? answerUnchanged(context, frame, carillon.revision) : undefined;
    if (unchanged) return unchanged;
    const { locale } = frame.viewer;
    const page = `/tasks/${encodeURIComponent(task.id)}`;
    const address = withQuery(page, { ...filter });
    if (isFragmentRequest(context)) context.header("hx-replace-url", address);
    const view = taskView(carillon, task, locale);
    const runs = carillon.history.find({
      taskId: task.id,
      limit: PAGE_RUNS + 1,
      ...(filter.status === "" ? {} : { statuses: [filter.status] }),
      ...(filter.q === "" ? {} : { text: filter.q }),
      ...(filter.before === "" ? {} : { before: filter.before }),
    });
    const shown = runs.slice(0, PAGE_RUNS);
    const last = shown.at(-1);
    const content = (
      <TaskPage
        viewer={frame.viewer}
        task={view}
        address={address}
        runs={shown.map((run) => runView(carillon, run, locale))}
        {...(runs.length > PAGE_RUNS && last
          ? { older: withQuery(page, { ...filter, before: last.id }) }
          : {})}
        {...(filter.before === "" ? {} : { newest: withQuery(page, { ...filter, before: "" }) })}
        busy={carillon.runner.live(task.id).length > 0}
        upcoming={carillon.upcoming(task.id, carillon.clock.now(), UPCOMING)}
        {...measured(carillon, task)}
        params={task.description.params.fields.map((field) => ({ name: field.name, about: aboutOf(field) }))}
        broken={carillon.registry.broken.filter(({ taskId }) => taskId === task.id)}
      />
    );
    const before = (
      <>
        <TaskHeading task={view} />
        <RunFilterForm locale={locale} action={page} {...filter} />
      </>
    );
    return await answerPage(context, frame, { title: view.title, content, before });
  });
}

function readFilter(params: URLSearchParams): RunFilter {
  const status = params.get("status") ?? "";
  const known = RUN_STATUSES.find((each) => each === status);
  const before = params.get("before") ?? "";
  if (status !== "" && !known) {
    throw new RequestProblem(400, "problem.request", { reason: `status: there is no "${status}"` });
  }
  if (!/^[\da-f-]{0,36}$/.test(before)) {
    throw new RequestProblem(400, "problem.request", {
      reason: `before: "${before}" is not the id of a run`,
    });
  }
  return { q: (params.get("q") ?? "").trim(), status: known ?? "", before };
}

/** How the newest runs have done; nothing where none has ended. */
function measured(carillon: Carillon, { id }: Task) {
  const durations = carillon.history.durations(id, MEASURED_RUNS).reverse();
  const ended = carillon.history.recent(id, MEASURED_RUNS).filter(({ status }) =>
    status === "succeeded" || isBad(status)
  );
  const good = ended.filter(({ status }) => status === "succeeded").length;
  return {
    ...(durations.length === 0
      ? {}
      : { durations: { durations, p50: percentile(durations, 0.5), p95: percentile(durations, 0.95) } }),
    ...(ended.length === 0 ? {} : { success: { good, of: ended.length } }),
  };
}

/** What kind of value a parameter is, in a few words. */
function aboutOf({ schema, required }: ParamDescription): string {
  const { type, format, enum: choices, description } = schema;
  const kind = Array.isArray(choices)
    ? choices.map(String).join(" | ")
    : typeof format === "string"
    ? format
    : typeof type === "string"
    ? type
    : "";
  const fallback = "default" in schema ? ` = ${JSON.stringify(schema.default)}` : required ? "" : "?";
  return [kind + fallback, typeof description === "string" ? description : ""].filter((each) => each !== "")
    .join(" – ");
}
