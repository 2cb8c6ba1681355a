/** The starts of the week to come, by the hour: where it gets crowded. */
import { instantOf } from "../base/time.ts";
import { text } from "../locale/locale.ts";
import { clockTime, shortDay } from "../locale/moments.ts";
import type { Queries } from "../service/queries.ts";
import type { WeekProps } from "../../templates/pages/week.tsx";
import type { ViewerView } from "../../templates/views.ts";
import { withQuery } from "./paths.ts";
import { hourOf } from "./timeline_view.ts";

const MINUTE_MS = 60_000;
const DAYS = 7;
/** Due instants of one task in the week that are looked at: one that has more is no matter of a calendar. */
const MAX_INSTANTS = 2_100;
/** Minutes of a day that are named, and how many tasks make one crowded. */
const NAMED = 3;
const CROWD = 3;

export function weekView(queries: Queries, viewer: ViewerView): WeekProps {
  const { zone, now, locale } = viewer;
  const today = instantOf(now).toZonedDateTimeISO(zone).toPlainDate();
  const starts = Array.from(
    { length: DAYS + 1 },
    (_, i) => today.add({ days: i }).toZonedDateTime(zone).epochMilliseconds,
  );
  const end = starts[DAYS] ?? now;
  const minutes = new Map<number, number>();
  let frequent = 0;
  for (const id of queries.tasks.ids()) {
    const instants = queries.tasks.upcoming(id, now, MAX_INSTANTS, end);
    if (instants.length === MAX_INSTANTS) {
      frequent++;
      continue;
    }
    for (const minute of new Set(instants.map((at) => Math.floor(at / MINUTE_MS)))) {
      minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
    }
  }
  const days = starts.slice(0, DAYS).map((from, i) => {
    const to = starts[i + 1] ?? end;
    const own = [...minutes].filter(([minute]) => minute * MINUTE_MS >= from && minute * MINUTE_MS < to);
    const cells = Array.from({ length: 24 }, () => ({ starts: 0, hours: new Set<number>() }));
    for (const [minute, n] of own) {
      const cell = cells[instantOf(minute * MINUTE_MS).toZonedDateTimeISO(zone).hour];
      if (!cell) continue;
      cell.starts += n;
      cell.hours.add(hourOf(minute * MINUTE_MS, from));
    }
    const hours = cells.map(({ starts: n, hours: passed }, hour) => ({
      hour,
      starts: n,
      address: withQuery("/timeline", {
        day: String(today.add({ days: i })),
        // An hour that the clock shows twice is more than one.
        span: passed.size > 1 ? "4h" : "1h",
        hour: String(passed.size === 0 ? hour : Math.min(...passed)),
      }),
    }));
    return {
      label: shortDay(from, now, zone, locale) || text(locale, "moment.today"),
      date: String(today.add({ days: i })),
      address: withQuery("/timeline", { day: String(today.add({ days: i })) }),
      hours,
      total: own.reduce((sum, [, n]) => sum + n, 0),
      crowded: own.filter(([, n]) => n >= CROWD).sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, NAMED)
        .map((
          [minute, n],
        ) => text(locale, "timeline.minute", { time: clockTime(minute * MINUTE_MS, zone), n })),
    };
  });
  return {
    viewer,
    days,
    frequent,
    most: Math.max(1, ...days.flatMap(({ hours }) => hours.map(({ starts: n }) => n))),
  };
}
