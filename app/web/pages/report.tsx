/** `GET /report`: what became of each due instant of a span, task by task; of one task with `task=`. */
import type { Hono } from "hono";
import { ReportPage } from "../../../templates/pages/report.tsx";
import { localDateTime } from "../../base/time_zone.ts";
import { text } from "../../locale/locale.ts";
import type { WebContext } from "../context.ts";
import { answerPage, answerUnchanged, frameOf } from "../document.tsx";
import { path, withQuery } from "../paths.ts";
import { wordIn } from "../query_words.ts";
import { windowQuery } from "../time_window.ts";

const MINUTE_MS = 60_000;

export function serveReport(app: Hono, web: WebContext): void {
  const { queries } = web;
  app.get(path.report, async (context) => {
    const frame = frameOf(context, web);
    const { viewer } = frame;
    const { locale } = viewer;
    const params = new URL(context.req.url).searchParams;
    const [from, to, task] = ["from", "to", "task"].map((name) => wordIn(params, name) || undefined);
    const minute = Math.floor(viewer.now / MINUTE_MS);
    const same = answerUnchanged(context, frame, `${queries.system.revision} ${minute}`);
    if (same) return same;
    const report = await queries.report.report({ from, to }, task);
    const [first = "", last = ""] = [report.from, report.to - 1].map((at) =>
      localDateTime(at, report.timezone).slice(0, 16)
    );
    const content = (
      <ReportPage
        locale={locale}
        task={task === undefined
          ? undefined
          : { title: queries.tasks.titleOf(task, locale), address: path.task(task) }}
        all={withQuery(path.report, { from: from ?? "", to: to ?? "" })}
        action={path.report}
        taskId={task}
        from={first.replace(" ", "T")}
        to={last.replace(" ", "T")}
        zone={report.timezone}
        rows={report.tasks.map((each) => ({
          ...each,
          title: queries.tasks.titleOf(each.taskId, locale),
          address: path.task(each.taskId),
          runsAddress: withQuery(path.runs, { task: each.taskId, ...windowQuery(report) }),
        }))}
      />
    );
    return await answerPage(context, frame, { title: text(locale, "report.title"), content });
  });
}
