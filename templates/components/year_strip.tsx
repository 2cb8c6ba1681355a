/** A year as a strip of days, shaded by the share of failures; each day leads to its runs. */
import { text } from "../../app/locale/locale.ts";
import type { ViewerView } from "../views.ts";

export interface StripDay {
  readonly date: string;
  readonly runs: number;
  readonly failures: number;
  readonly address: string;
}

export interface YearStripView {
  /** Oldest first; the first is a Monday. */
  readonly days: readonly StripDay[];
  readonly months: readonly { readonly week: number; readonly label: string }[];
  readonly runs: number;
  readonly failures: number;
  /** Address of the calendar. */
  readonly address: string;
}

const ROW = 12;

export function YearStrip({ year, viewer: { locale } }: { year: YearStripView; viewer: ViewerView }) {
  const { days, months, runs, failures } = year;
  if (runs === 0) return null;
  const weeks = Math.ceil(days.length / 7);
  const step = 100 / weeks;
  const percent = (value: number) => `${Math.round(value * 100) / 100}%`;
  return (
    <section>
      <div class="bar sub yr">
        <h2>
          <a href={year.address}>{text(locale, "page.year")}</a>{" "}
          <span class="quiet">{text(locale, "year.failed_of", { failures, runs })}</span>
        </h2>
      </div>
      <div class="year-box">
        <svg class="chart year" height={7 * ROW + 20} role="group" aria-label={text(locale, "year.calendar")}>
          {days.map((day, i) => {
            const x = percent(Math.floor(i / 7) * step);
            const y = (i % 7) * ROW;
            const width = percent(step * 0.82);
            if (day.runs === 0) return null;
            const bad = Math.round((day.failures / day.runs) * (ROW - 2));
            return (
              <a href={day.address}>
                <title>
                  {text(locale, "year.day", { date: day.date, runs: day.runs, failures: day.failures })}
                </title>
                <rect
                  class={day.failures === 0 ? "yo" : "yf"}
                  x={x}
                  y={y}
                  width={width}
                  height={ROW - 2}
                  rx="2"
                />
                {day.failures === 0 ? null : (
                  <rect
                    class="f"
                    x={x}
                    y={y + ROW - 2 - Math.max(3, bad)}
                    width={width}
                    height={Math.max(3, bad)}
                    rx="1"
                  />
                )}
              </a>
            );
          })}
          {months.map(({ week, label }) => <text x={percent(week * step)} y={7 * ROW + 14}>{label}</text>)}
        </svg>
      </div>
    </section>
  );
}
