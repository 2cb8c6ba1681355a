/** `GET /runs/:id`: one run; `/runs/:id/log` its log alone, as it is filtered; `/runs/:id/log.txt` the whole of it. */
import type { Hono, MiddlewareHandler } from "hono";
import { Part } from "../../../templates/components/basics.tsx";
import { RunPage } from "../../../templates/pages/run.tsx";
import { LogLines, LogPoll, LogTools, RunLog } from "../../../templates/pages/run_log.tsx";
import { bodyOf } from "../../api/streams.ts";
import { text } from "../../locale/locale.ts";
import { path, withQuery } from "../paths.ts";
import { actorOf, type WebContext } from "../context.ts";
import { answerPage, frameOf, isFragmentRequest, revalidated } from "../document.tsx";
import { readLogFilter, runLogView } from "../run_log_view.ts";
import { runPageView } from "../run_page_view.ts";
import { answerWholeLog, logFile } from "../whole_log.tsx";

/** A whole log is written as it is read: no mark of it is known before. */
const revalidatedUnlessWhole: MiddlewareHandler = async (context, next) =>
  context.req.query("lines") === "all" ? await next() : await revalidated(context, next);

export function serveRun(app: Hono, web: WebContext): void {
  const { queries } = web;

  app.get("/runs/:id", revalidatedUnlessWhole, async (context) => {
    const run = await queries.runs.get(context.req.param("id"));
    const frame = frameOf(context, web);
    const { viewer } = frame;
    const params = new URL(context.req.url).searchParams;
    const filter = readLogFilter(params);
    const view = await runPageView(queries, run, viewer, actorOf(context, "page"));
    const title = text(viewer.locale, "page.run", { task: view.run.title });
    const content = <RunPage {...view} />;
    if (isFragmentRequest(context)) return await answerPage(context, frame, { title, content, live: true });
    const log = await runLogView(queries, run, filter, viewer, context.req.raw.signal);
    if (params.get("lines") === "all") {
      const line = Number(params.get("line") ?? "1");
      const asked = { run, wanted: Number.isSafeInteger(line) ? line : 1 };
      return await answerWholeLog(context, frame, queries, asked, { title, content, log });
    }
    const after = (
      <section class="log-box">
        <LogTools {...log} />
        <RunLog {...log} />
      </section>
    );
    return await answerPage(context, frame, { title, content, after });
  });

  app.get("/runs/:id/log", revalidated, async (context) => {
    const run = await queries.runs.get(context.req.param("id"));
    const params = new URL(context.req.url).searchParams;
    const filter = readLogFilter(params);
    const address = withQuery(path.run(run.id), { ...filter });
    if (!isFragmentRequest(context)) return context.redirect(address, 303);
    const frame = frameOf(context, web);
    const after = Number(params.get("after") ?? "0");
    if (params.has("after") && Number.isInteger(after) && after >= 0) {
      const log = await runLogView(queries, run, filter, frame.viewer, context.req.raw.signal, after);
      const content = (
        <>
          <LogPoll {...log} />
          {log.lines.length === 0 ? null : (
            <>
              <Part target="#lines" swap="beforeend">
                <LogLines lines={log.lines} timezone={log.run.timezone} locale={frame.viewer.locale} />
              </Part>
              <Part target="#no-lines" swap="delete">
                <span></span>
              </Part>
            </>
          )}
        </>
      );
      return await answerPage(context, frame, { title: "", content });
    }
    context.header("hx-replace-url", address);
    const content = (
      <RunLog {...await runLogView(queries, run, filter, frame.viewer, context.req.raw.signal)} />
    );
    return await answerPage(context, frame, { title: "", content });
  });

  app.get("/runs/:id/log.txt", async (context) => {
    const run = await queries.runs.get(context.req.param("id"));
    // Who has gone reads no further; nothing is to be ended for it.
    return context.body(bodyOf(logFile(queries, run.id), () => {}), 200, {
      "content-type": "text/plain; charset=utf-8",
      "content-disposition": `attachment; filename="run-${encodeURIComponent(run.id)}.txt"`,
    });
  });
}
