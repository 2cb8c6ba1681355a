/** The week to come as a calendar of hours: the more starts, the darker; each hour leads to the timeline. */
import { text } from "../../app/locale/locale.ts";
import type { ViewerView } from "../views.ts";

export interface WeekProps {
  readonly viewer: ViewerView;
  readonly days: readonly {
    readonly label: string;
    readonly date: string;
    readonly address: string;
    readonly hours: readonly { readonly hour: number; readonly starts: number; readonly address: string }[];
    readonly total: number;
    /** Minutes in which most tasks begin, in words. */
    readonly crowded: readonly string[];
  }[];
  /** Starts of the busiest hour. */
  readonly most: number;
  /** Tasks that are left out because they run all the time. */
  readonly frequent: number;
}

/** Shades of an hour, by its share of the busiest one. */
const SHADES = 4;

export function Week({ viewer: { locale }, days, most, frequent }: WeekProps) {
  return (
    <>
      <div class="bar head">
        <h1>{text(locale, "week.title")}</h1>
        <span class="grow"></span>
        <a class="btn" href="/timeline">{text(locale, "timeline.today")}</a>
      </div>
      {frequent === 0 ? null : <p class="quiet">{text(locale, "week.frequent", { n: frequent })}</p>}
      <div class="sheet week-box" tabindex={0} role="group" aria-label={text(locale, "week.title")}>
        <table class="week">
          <thead>
            <tr>
              <td></td>
              {Array.from({ length: 24 }, (_, hour) => <th scope="col">{String(hour).padStart(2, "0")}</th>)}
              <th scope="col">{text(locale, "week.crowded")}</th>
            </tr>
          </thead>
          <tbody>
            {days.map((day) => (
              <tr>
                <th scope="row">
                  <a href={day.address} title={day.date}>{day.label}</a>{" "}
                  <span class="quiet">{day.total}</span>
                </th>
                {day.hours.map(({ starts, address }) => (
                  <td class={`h${starts === 0 ? 0 : Math.ceil((starts / most) * SHADES)}`}>
                    {starts === 0 ? null : <a href={address}>{starts}</a>}
                  </td>
                ))}
                <td class="crowded">{day.crowded.join(text(locale, "list.comma"))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
