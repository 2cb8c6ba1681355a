/** `GET /tasks/:id/year`: the days of a year of one task. */
import type { Hono } from "hono";
import { type YearDay, YearPage } from "../../templates/year_page.tsx";
import type { Carillon } from "../carillon.ts";
import { isBad } from "../history/run.ts";
import { text } from "../locale/locale.ts";
import { instantOf } from "../time.ts";
import type { WebParts } from "./app.ts";
import { answerPage, answerUnchanged, frameOf } from "./document.tsx";
import { RequestProblem } from "./problem.ts";
import { taskOf, taskView, titleOf } from "./views.ts";

/** Runs of one task in a year that are looked at, the newest. */
const MAX_YEAR_RUNS = 100_000;

export function serveYearPage(app: Hono, parts: WebParts): void {
  const { carillon } = parts;
  app.get("/tasks/:id/year", async (context) => {
    const task = taskOf(carillon, context.req.param("id"));
    const frame = frameOf(context, parts);
    const unchanged = answerUnchanged(context, frame, carillon.revision);
    if (unchanged) return unchanged;
    const { locale } = frame.viewer;
    const zone = carillon.zoneOf(task.id);
    const thisYear = instantOf(carillon.clock.now()).toZonedDateTimeISO(zone).year;
    const year = Number(context.req.query("year") ?? thisYear);
    if (!Number.isInteger(year) || year < 1970 || year > 9_998) {
      throw new RequestProblem(400, "problem.request", { reason: `year: "${context.req.query("year")}"` });
    }
    const content = (
      <YearPage
        locale={locale}
        task={taskView(carillon, task, locale)}
        year={year}
        isLast={year >= thisYear}
        days={daysOf(carillon, task.id, year, zone)}
        firstWeekday={Temporal.PlainDate.from({ year, month: 1, day: 1 }).dayOfWeek - 1}
      />
    );
    return await answerPage(context, frame, {
      title: text(locale, "year.title", { task: titleOf(task, locale), year }),
      content,
    });
  });
}

function daysOf(carillon: Carillon, taskId: string, year: number, zone: string): YearDay[] {
  const first = Temporal.PlainDate.from({ year, month: 1, day: 1 });
  const midnight = (day: Temporal.PlainDate) => day.toZonedDateTime(zone).epochMilliseconds;
  const outcomes = carillon.history.outcomes({
    taskId,
    from: midnight(first),
    to: midnight(first.add({ years: 1 })),
    limit: MAX_YEAR_RUNS,
  });
  const starts = Array.from({ length: first.daysInYear + 1 }, (_, i) => midnight(first.add({ days: i })));
  const days = starts.slice(0, -1).map((_, i) => ({
    date: String(first.add({ days: i })),
    runs: 0,
    failures: 0,
  }));
  // Newest first, so the day only ever goes back.
  let day = days.length - 1;
  for (const { queuedAt, status } of outcomes) {
    while (day > 0 && queuedAt < (starts[day] ?? 0)) day--;
    const found = days[day];
    if (!found) break;
    found.runs++;
    if (isBad(status)) found.failures++;
  }
  return days;
}
