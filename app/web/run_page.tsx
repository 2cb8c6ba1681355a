/** `GET /runs/:id`: one run; `/runs/:id/log` its log alone, as it is filtered; `/runs/:id/log.txt` the whole of it. */
import type { Context, Hono } from "hono";
import { type LogFilter, LogTools, RunLog, RunPage } from "../../templates/run_page.tsx";
import { LOG_LEVELS, type Run } from "../history/run.ts";
import { text } from "../locale/locale.ts";
import { instantOf } from "../time.ts";
import { withQuery } from "./address.ts";
import type { WebParts } from "./app.ts";
import { answerPage, frameOf, isFragmentRequest, revalidated } from "./document.tsx";
import { RequestProblem } from "./problem.ts";
import { viewerOf } from "./viewer.ts";
import { runOf, runView, titleOf } from "./views.ts";

/** Lines that a page shows, the newest; all of them are in the file that can be downloaded. */
const MAX_SHOWN = 1_000;

export function serveRunPage(app: Hono, parts: WebParts): void {
  const { carillon } = parts;

  app.get("/runs/:id", revalidated, async (context) => {
    const run = runOf(carillon, context.req.param("id") ?? "");
    const frame = frameOf(context, parts);
    const { viewer } = frame;
    const task = carillon.registry.tasks.get(run.taskId);
    const taskTitle = task ? titleOf(task, viewer.locale) : run.taskId;
    const view = runView(carillon, run, viewer.locale);
    const filter = readFilter(context);
    const content = (
      <RunPage
        viewer={viewer}
        run={view}
        taskTitle={taskTitle}
        taskExists={task !== undefined}
        attempts={task?.description.policies.retry?.attempts ?? 1}
      />
    );
    const after = (
      <>
        <LogTools run={view} filter={filter} viewer={viewer} />
        {logOf(context, run, filter)}
      </>
    );
    return await answerPage(context, frame, {
      title: text(viewer.locale, "page.run", { task: taskTitle }),
      content,
      after,
    });
  });

  app.get("/runs/:id/log", revalidated, async (context) => {
    const run = runOf(carillon, context.req.param("id") ?? "");
    const filter = readFilter(context);
    const address = withQuery(`/runs/${run.id}`, { ...filter });
    if (!isFragmentRequest(context)) return context.redirect(address, 303);
    context.header("hx-replace-url", address);
    const frame = frameOf(context, parts);
    return await answerPage(context, frame, { title: "", content: logOf(context, run, filter) });
  });

  app.get("/runs/:id/log.txt", (context) => {
    const run = runOf(carillon, context.req.param("id") ?? "");
    const lines = carillon.history.lines(run.id).map(({ at, level, text: line }) =>
      `${instantOf(at).toString({ smallestUnit: "millisecond" })} ${level.toUpperCase().padEnd(5)} ${line}\n`
    );
    return context.body(lines.join(""), 200, {
      "content-type": "text/plain; charset=utf-8",
      "content-disposition": `attachment; filename="run-${encodeURIComponent(run.id)}.txt"`,
    });
  });

  function logOf(context: Context, run: Run, filter: LogFilter) {
    const viewer = viewerOf(context);
    const all = carillon.history.lines(run.id);
    const wanted = filter.q.toLowerCase();
    const least = LOG_LEVELS.findIndex((level) => level === filter.level);
    const passing = all.filter(({ level, text: line }) =>
      LOG_LEVELS.indexOf(level) >= least && (wanted === "" || line.toLowerCase().includes(wanted))
    );
    return (
      <RunLog
        viewer={viewer}
        run={runView(carillon, run, viewer.locale)}
        address={withQuery(`/runs/${run.id}/log`, { ...filter })}
        lines={passing.slice(-MAX_SHOWN)}
        left={Math.max(0, passing.length - MAX_SHOWN)}
        total={all.length}
      />
    );
  }
}

function readFilter(context: Context): LogFilter {
  const params = new URL(context.req.url).searchParams;
  const level = params.get("level") ?? "";
  const known = LOG_LEVELS.find((each) => each === level);
  if (level !== "" && !known) {
    throw new RequestProblem(400, "problem.request", {
      reason: `level: "${level}" is not one of ${LOG_LEVELS.join(", ")}`,
    });
  }
  return { q: (params.get("q") ?? "").trim(), level: known ?? "" };
}
