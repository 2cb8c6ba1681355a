/** The last 53 weeks of a task, day by day. */
import { instantOf } from "../base/time.ts";
import { LANGUAGE_TAG } from "../locale/locale.ts";
import type { Locale } from "../model/locale.ts";
import type { Queries } from "../service/queries.ts";
import type { YearStripView } from "../../templates/components/year_strip.tsx";
import type { ViewerView } from "../../templates/views.ts";
import { windowQuery } from "./time_window.ts";
import { path, withQuery } from "./paths.ts";

const WEEKS = 53;
/** Calendars that are kept: one for each zone and language in use, and the day before at midnight. */
const MAX_CALENDARS = 16;

interface Calendar {
  readonly dates: readonly string[];
  /** Where each day begins, and at last where today ends. */
  readonly starts: readonly number[];
  readonly months: YearStripView["months"];
}

const calendars = new Map<string, Calendar>();

export async function yearStrip(
  queries: Queries,
  taskId: string,
  { zone, now, locale }: ViewerView,
): Promise<YearStripView> {
  const today = instantOf(now).toZonedDateTimeISO(zone).toPlainDate();
  const { dates, starts, months } = calendarOf(today, zone, locale);
  const counts = await queries.runs.days(taskId, starts);
  const days = counts.map(({ runs, failures }, i) => ({
    date: dates[i] ?? "",
    runs,
    failures,
    // A day without runs leads nowhere.
    address: runs === 0 ? "" : withQuery(path.runs, {
      task: taskId,
      ...windowQuery({ from: starts[i] ?? 0, to: starts[i + 1] ?? 0 }),
    }),
  }));
  return {
    days,
    months,
    runs: counts.reduce((sum, { runs }) => sum + runs, 0),
    failures: counts.reduce((sum, { failures }) => sum + failures, 0),
    address: `${path.task(taskId)}/year`,
  };
}

function calendarOf(today: Temporal.PlainDate, zone: string, locale: Locale): Calendar {
  const key = `${today} ${zone} ${locale}`;
  const found = calendars.get(key);
  if (found) return found;
  if (calendars.size >= MAX_CALENDARS) calendars.clear();
  const made = makeCalendar(today, zone, locale);
  calendars.set(key, made);
  return made;
}

function makeCalendar(today: Temporal.PlainDate, zone: string, locale: Locale): Calendar {
  const monday = today.subtract({ days: today.dayOfWeek - 1 }).subtract({ weeks: WEEKS - 1 });
  const count = monday.until(today, { largestUnit: "day" }).days + 1;
  const days = Array.from({ length: count + 1 }, (_, i) => monday.add({ days: i }));
  const month = new Intl.DateTimeFormat(LANGUAGE_TAG[locale], { month: "short", timeZone: "UTC" });
  return {
    dates: days.slice(0, count).map(String),
    starts: days.map((day) => day.toZonedDateTime(zone).epochMilliseconds),
    months: days.slice(0, count).flatMap((day, i) =>
      day.day === 1
        ? [{
          week: Math.floor(i / 7),
          label: month.format(day.toZonedDateTime("UTC").epochMilliseconds),
        }]
        : []
    ),
  };
}
