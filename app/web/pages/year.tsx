/** `GET /tasks/:id/year`: the days of a year of one task. */
import type { Hono } from "hono";
import { type YearDay, YearPage } from "../../../templates/pages/year.tsx";
import type { Queries } from "../../service/queries.ts";
import { text } from "../../locale/locale.ts";
import { instantOf } from "../../base/time.ts";
import type { WebContext } from "../context.ts";
import { answerPage, answerUnchanged, frameOf } from "../document.tsx";
import { RequestProblem } from "../request_problem.ts";
import { path, withQuery } from "../paths.ts";
import { windowQuery } from "../time_window.ts";
import { taskView } from "../views.ts";

export function serveYear(app: Hono, web: WebContext): void {
  const { queries } = web;
  app.get("/tasks/:id/year", async (context) => {
    const facts = queries.tasks.get(context.req.param("id"));
    const { task, timezone: zone } = facts;
    const frame = frameOf(context, web);
    const unchanged = answerUnchanged(context, frame, queries.system.revision);
    if (unchanged) return unchanged;
    const { locale } = frame.viewer;
    const thisYear = instantOf(queries.system.now()).toZonedDateTimeISO(zone).year;
    const year = Number(context.req.query("year") ?? thisYear);
    if (!Number.isInteger(year) || year < 1970 || year > 9_998) {
      throw new RequestProblem(400, "problem.request", { reason: `year: "${context.req.query("year")}"` });
    }
    const content = (
      <YearPage
        locale={locale}
        task={taskView(queries, facts, frame.viewer)}
        year={year}
        isLast={year >= thisYear}
        days={await daysOf(queries, task.id, year, zone)}
        firstWeekday={Temporal.PlainDate.from({ year, month: 1, day: 1 }).dayOfWeek - 1}
      />
    );
    return await answerPage(context, frame, {
      title: text(locale, "year.title", { task: queries.tasks.titleOf(task.id, locale), year }),
      content,
    });
  });
}

async function daysOf(
  queries: Queries,
  taskId: string,
  year: number,
  zone: string,
): Promise<YearDay[]> {
  const first = Temporal.PlainDate.from({ year, month: 1, day: 1 });
  const dates = Array.from({ length: first.daysInYear + 1 }, (_, i) => first.add({ days: i }));
  const starts = dates.map((day) => day.toZonedDateTime(zone).epochMilliseconds);
  return (await queries.runs.days(taskId, starts)).map((counts, i) => ({
    date: String(dates[i]),
    ...counts,
    address: withQuery(path.runs, {
      task: taskId,
      ...windowQuery({ from: starts[i] ?? 0, to: starts[i + 1] ?? 0 }),
    }),
  }));
}
