/** The days of a year as a calendar: how many runs a task had on each, and whether any failed. */
import { LANGUAGE_TAG, text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import type { TaskView } from "../views.ts";

export interface YearDay {
  readonly date: string;
  readonly runs: number;
  readonly failures: number;
  /** Address of its runs. */
  readonly address: string;
}

const CELL = 18;
/** Above the days stand the names of the months. */
const MONTHS = 18;
/** Shades of a day, by its share of the busiest one. */
const SHADES = 4;

export function YearPage(
  { locale, task, year, isLast, days, firstWeekday }: {
    locale: Locale;
    task: TaskView;
    year: number;
    isLast: boolean;
    days: readonly YearDay[];
    /** 0 for a year that begins on a Monday. */
    firstWeekday: number;
  },
) {
  const page = `/tasks/${encodeURIComponent(task.id)}`;
  const most = Math.max(1, ...days.map(({ runs }) => runs));
  const runs = days.reduce((sum, day) => sum + day.runs, 0);
  const failures = days.reduce((sum, day) => sum + day.failures, 0);
  const weeks = Math.ceil((days.length + firstWeekday) / 7);
  const bad = days.filter((day) => day.failures > 0);
  return (
    <>
      <h1>
        <a href={page}>{task.title}</a>
      </h1>
      <div class="heading">
        <h2>{String(year)}</h2>
        <nav class="days" aria-label={text(locale, "year.years")}>
          <a href={`${page}/year?year=${year - 1}`}>{String(year - 1)}</a>
          {isLast ? null : <a href={`${page}/year?year=${year + 1}`}>{String(year + 1)}</a>}
        </nav>
        <span class="quiet">{task.timezone}</span>
      </div>
      <p>{text(locale, "year.summary", { runs, failures, days: bad.length })}</p>
      <div class="scroll" tabindex={0} role="group" aria-label={text(locale, "year.calendar")}>
        <svg
          class="year"
          role="group"
          aria-label={text(locale, "year.summary", { runs, failures, days: bad.length })}
          width={weeks * CELL}
          height={7 * CELL + MONTHS}
        >
          {days.map(({ date }, i) =>
            date.endsWith("-01")
              ? (
                <text x={Math.floor((i + firstWeekday) / 7) * CELL + 1} y={MONTHS - 5} aria-hidden="true">
                  {monthName(date, locale)}
                </text>
              )
              : null
          )}
          {days.map((day, i) => {
            const at = i + firstWeekday;
            const x = Math.floor(at / 7) * CELL;
            const y = (at % 7) * CELL + MONTHS;
            const words = text(locale, "year.day", {
              date: day.date,
              runs: day.runs,
              failures: day.failures,
            });
            return (
              <a href={day.address} tabindex={day.failures === 0 ? -1 : 0}>
                <title>{words}</title>
                <rect
                  class={shadeOf(day, most)}
                  x={x + 1}
                  y={y + 1}
                  width={CELL - 2}
                  height={CELL - 2}
                  rx="2"
                />
                {day.failures === 0 ? null : (
                  <path
                    class="day-mark"
                    d={`M${x + 4} ${y + 4}l${CELL - 8} ${CELL - 8}m0 ${8 - CELL}l${8 - CELL} ${CELL - 8}`}
                  />
                )}
              </a>
            );
          })}
        </svg>
      </div>
      {bad.length === 0 ? null : (
        <details>
          <summary>{text(locale, "year.bad_days", { n: bad.length })}</summary>
          <ul class="bare">
            {bad.map((day) => (
              <li>
                <a href={day.address}>
                  {text(locale, "year.day", { date: day.date, runs: day.runs, failures: day.failures })}
                </a>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** `Mar`, `3月` */
function monthName(date: string, locale: Locale): string {
  const format = new Intl.DateTimeFormat(LANGUAGE_TAG[locale], { month: "short", timeZone: "UTC" });
  return format.format(Temporal.PlainDate.from(date).toZonedDateTime("UTC").epochMilliseconds);
}

function shadeOf({ runs, failures }: YearDay, most: number): string {
  if (failures > 0) return "day day-bad";
  return runs === 0 ? "day day-0" : `day day-${Math.max(1, Math.ceil((runs / most) * SHADES))}`;
}
