/** `cron`, `every`, `at`, `atStart`, `everyNth`, `allOf`, `anyOf`: how a task file declares its triggers. Each call checks what it is given. */
import type { TriggerBounds } from "./bounds.ts";
import { type CronFields, type CronSpec, cronSpec } from "./cron.ts";
import { type CrontabSpec, crontabSpec } from "./crontab.ts";
import { type DateSpec, dateSpec } from "./date.ts";
import { allSpec, anySpec } from "./combined.ts";
import {
  type CalendarInterval,
  type CalendarSpec,
  calendarSpec,
  isCalendarInterval,
} from "./calendar_interval.ts";
import { type IntervalLength, type IntervalSpec, intervalSpec } from "./interval.ts";
import { compileSpec, type TriggerSpec } from "./kinds.ts";
import { type NthSpec, nthSpec } from "./nth.ts";
import type { StartSpec } from "./start.ts";

export type { CalendarInterval } from "./calendar_interval.ts";
export type { CronFields } from "./cron.ts";

/**
 * Fires when the wall clock matches.
 *
 * With an object: all given fields must match; fields left out are `*` above the smallest one given and their minimum
 * below it, so `{ hour: 10 }` is ten o'clock sharp; `dayOfWeek` 0 is Monday (APScheduler's cron trigger).
 * With a text: a crontab line of 5 to 7 fields (0 is Sunday there), or a nickname such as `@daily` or `@reboot`;
 * `CRON_TZ=Europe/Stockholm` may stand before it.
 *
 * @example cron({ dayOfWeek: "mon-fri", hour: 10, minute: 30, timezone: "Asia/Shanghai" })
 * @example cron("0 9 * * MON", { timezone: "Europe/Stockholm" })
 * @throws TriggerError that names the field, the expression and what is allowed
 */
export function cron(fields: CronFields & TriggerBounds): CronSpec;
export function cron(line: string, bounds?: TriggerBounds): CrontabSpec;
export function cron(
  what: string | CronFields & TriggerBounds,
  bounds: TriggerBounds = {},
): CronSpec | CrontabSpec {
  return checked(typeof what === "string" ? crontabSpec(what, bounds) : cronSpec(what));
}

/**
 * Fires again and again after the same length of time, down to 100 ms. `startDate` is the first fire and the anchor;
 * without it the first fire is one interval after the task was first seen. Days are 24 hours, weeks 7 such days.
 *
 * With `at` it fires every so many days, weeks or months at a time of day on the wall clock instead, counted from
 * `startDate`.
 *
 * @example every("10m")
 * @example every({ hours: 2, startDate: "2026-01-01T00:30:00", timezone: "Europe/Stockholm" })
 * @example every({ weeks: 2, on: "mon", at: "09:00", startDate: "2026-01-05", timezone: "Europe/Stockholm" })
 * @example every({ months: 3, on: "last", at: ["08:00", "20:00"], startDate: "2026-01-01" })
 * @throws TriggerError that names the option and what is allowed
 */
export function every(interval: string, bounds?: TriggerBounds): IntervalSpec;
export function every(interval: IntervalLength & TriggerBounds): IntervalSpec;
export function every(interval: CalendarInterval): CalendarSpec;
export function every(
  interval: string | IntervalLength & TriggerBounds | CalendarInterval,
  bounds: TriggerBounds = {},
): IntervalSpec | CalendarSpec {
  return checked(
    typeof interval !== "string" && isCalendarInterval(interval)
      ? calendarSpec(interval)
      : intervalSpec(interval, bounds),
  );
}

/**
 * Fires once.
 *
 * @param date local to `timezone` unless it carries an offset
 * @example at("2026-12-24T18:00", { timezone: "Europe/Stockholm" })
 */
export function at(date: string, options: Pick<TriggerBounds, "timezone"> = {}): DateSpec {
  return checked(dateSpec(String(date), options));
}

/**
 * Fires each time Carillon starts, besides other triggers in a list or in {@link anyOf}; a crontab line says `@reboot`.
 *
 * @example [atStart(), cron({ hour: 3 })]
 */
export function atStart(): StartSpec {
  return { kind: "start" };
}

/**
 * Fires on one in `n` fires of another trigger: its first one, and then every n-th. They are counted from its
 * `startDate`, or else from when the task was first seen.
 *
 * @example everyNth(3, cron({ dayOfWeek: "mon", hour: 9, startDate: "2026-01-05" }))
 */
export function everyNth(n: number, trigger: TriggerSpec): NthSpec<TriggerSpec> {
  return checked(nthSpec(n, trigger));
}

/** Fires on the instants on which all of the triggers fire. */
export function allOf(...triggers: TriggerSpec[]): TriggerSpec {
  return checked(allSpec(triggers));
}

/** Fires on every instant on which one of the triggers fires, once where several coincide. A list means the same. */
export function anyOf(...triggers: TriggerSpec[]): TriggerSpec {
  return checked(anySpec(triggers));
}

/** Compiles the spec once for its errors, so that they point at the line of the task file that made it. */
function checked<S extends TriggerSpec>(spec: S): S {
  compileSpec(spec, { timezone: "UTC", anchor: 0 });
  return spec;
}
