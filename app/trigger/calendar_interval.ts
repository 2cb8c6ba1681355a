/** Kind `calendar`: every so many days, weeks or months at a time of day, counted from a date. */
import type { Sentence } from "../base/sentence.ts";
import { sentence, wrongWith } from "../locale/sentence.ts";
import { shown } from "../base/shown.ts";
import { text } from "../locale/locale.ts";
import type { Locale } from "../model/locale.ts";
import {
  BOUND_KEYS,
  boundsMs,
  readBounds,
  type TriggerBounds,
  withBoundsWords,
  withinBounds,
  zoneOf,
} from "./bounds.ts";
import { DAY_MS } from "./cron/calendar.ts";
import { parseCronFields } from "./cron/expression.ts";
import { type CronField } from "./cron/field.ts";
import { everyNthDay, everyNthMonth, everyNthWeek } from "./cron/periods.ts";
import { listedTimes } from "./cron/time_of_day.ts";
import { WallFires } from "./cron/wall.ts";
import { daysInWords, timesInWords, weekdaysInWords } from "./cron/words.ts";
import { TriggerError } from "./errors.ts";
import type { TriggerKind } from "./kind.ts";
import { checkKeys, isObject, objectAt } from "./options.ts";

const UNITS = ["days", "weeks", "months"] as const;
type Unit = (typeof UNITS)[number];

export interface CalendarSpec extends TriggerBounds {
  readonly kind: "calendar";
  readonly unit: Unit;
  readonly n: number;
  /** Weekdays such as `"mon,thu"` for weeks; days such as `"15"`, `"last"` or `"2nd fri"` for months. */
  readonly on?: string | undefined;
  /** Times of day, such as `"09:00"`. */
  readonly at: readonly string[];
  readonly startDate: string;
}

const MAX_LISTED = 100;

/** What {@link every} takes for a time of day every so many days, weeks or months. */
export type CalendarInterval =
  & TriggerBounds
  & {
    /** The date from which days, weeks (from Monday on) or months are counted; nothing fires before it. */
    readonly startDate: string;
    /** Times of day on the wall clock, such as `"09:00"`. */
    readonly at: string | readonly string[];
  }
  & (
    | { readonly days: number }
    /** `on`: weekdays such as `"mon"` or `"mon-fri"`; that of the start date when left out. */
    | { readonly weeks: number; readonly on?: string | readonly string[] | undefined }
    /** `on`: days such as `15`, `"last"` or `"2nd fri"`; that of the start date when left out. */
    | { readonly months: number; readonly on?: string | number | readonly (string | number)[] | undefined }
  );

/** True for options that only {@link CalendarInterval} has. */
export function isCalendarInterval(given: object): given is CalendarInterval {
  return isObject(given) && ["months", "on", "at"].some((key) => given[key] !== undefined);
}

export function calendarSpec(given: object): CalendarSpec {
  checkKeys("every", given, [...UNITS, "on", "at", ...BOUND_KEYS]);
  const units = UNITS.filter((unit) => Reflect.get(given, unit) !== undefined);
  const [unit] = units;
  if (unit === undefined || units.length > 1) {
    throw wrong(sentence("mistake.every.unit"));
  }
  return checkedSpec(unit, Reflect.get(given, unit), given);
}

function checkedSpec(unit: Unit, n: unknown, given: object): CalendarSpec {
  if (typeof n !== "number" || !Number.isInteger(n) || n < 1 || n > 1_000) {
    const values = { value: shown(n), least: 1, greatest: 1_000 };
    throw wrong(wrongWith(unit, sentence("mistake.whole_number", values)));
  }
  const { startDate, ...bounds } = readBounds(given);
  if (startDate === undefined) {
    throw wrong(sentence("mistake.every.start_missing", { unit }));
  }
  const [on, at] = [listAt(given, "on"), listAt(given, "at")];
  if (at === undefined) throw wrong(sentence("mistake.every.at_missing"));
  if (on !== undefined && unit === "days") {
    throw wrong(sentence("mistake.every.on_days"));
  }
  return {
    kind: "calendar",
    unit,
    n,
    on: on?.join(","),
    at,
    startDate,
    ...bounds,
  };
}

function listAt(given: object, key: "on" | "at"): readonly string[] | undefined {
  const value: unknown = Reflect.get(given, key);
  if (value === undefined) return undefined;
  const all: unknown[] = Array.isArray(value) ? value : [value];
  if (
    all.length > 0 && all.length <= MAX_LISTED &&
    all.every((each) => typeof each === "string" || Number.isInteger(each))
  ) {
    return all.map(String);
  }
  throw wrong(wrongWith(key, sentence("mistake.every.list", { value: shown(value), most: MAX_LISTED })));
}

export const calendarKind: TriggerKind<CalendarSpec> = {
  read(given) {
    if (given.fields !== undefined) {
      checkKeys("", given, ["kind", "fields", ...BOUND_KEYS]);
      return calendarSpec({ ...objectAt(given, "fields"), ...readBounds(given) });
    }
    checkKeys("", given, ["kind", "unit", "n", "on", "at", ...BOUND_KEYS]);
    const unit = UNITS.find((each) => each === given.unit);
    if (unit === undefined) {
      const values = { value: shown(given.unit), known: UNITS.join(", ") };
      throw new TriggerError(wrongWith("unit", sentence("mistake.none_of", values)));
    }
    return checkedSpec(unit, given.n, given);
  },
  compile(spec, context) {
    const zone = zoneOf(spec, context);
    const { start } = boundsMs(spec, zone);
    const anchor = Math.floor((start + zone.stretchAt(start).offset) / DAY_MS);
    const on = spec.on === undefined ? undefined : parseOn(spec.unit, spec.on);
    const times = listedTimes(spec.at.map(secondsOf));
    const days = spec.unit === "days"
      ? everyNthDay(spec.n, anchor)
      : spec.unit === "weeks"
      ? everyNthWeek(spec.n, anchor, on)
      : everyNthMonth(spec.n, anchor, on);
    const rule = [`${spec.unit}='${spec.n}'`, ...(spec.on === undefined ? [] : [`on='${spec.on}'`])];
    return {
      ...withinBounds(new WallFires({ times, days, rhythm: false }, zone), spec, zone),
      words: (locale) =>
        withBoundsWords(inWords(spec, on, times.marks, locale), spec, locale, context.timezone),
      rule: `calendarinterval[${rule.join(", ")}, at='${spec.at.join(",")}']`,
      timezone: zone.name,
      usesDefaultZone: spec.timezone === undefined,
      isRhythm: false,
    };
  },
};

function parseOn(unit: Unit, on: string): CronField {
  try {
    return unit === "weeks" ? parseCronFields({ dayOfWeek: on }).dayOfWeek : parseCronFields({ day: on }).day;
  } catch (cause) {
    if (!(cause instanceof TriggerError)) throw cause;
    // Without the name of the field, which is cron's.
    const said = cause.sentence;
    const why = said?.key === "mistake.of" ? said.values.why : said;
    throw wrong(wrongWith("on", why ?? cause.message), cause);
  }
}

function secondsOf(time: string): number {
  const [, hour, minute, second = "0"] = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(time.trim()) ?? [];
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  if (h <= 23 && m <= 59 && s <= 59) return h * 3_600 + m * 60 + s;
  throw wrong(wrongWith("at", sentence("mistake.every.time", { time })));
}

function wrong(what: Sentence, cause?: unknown): TriggerError {
  return new TriggerError(wrongWith("every", what), { cause });
}

function inWords(
  { unit, n }: CalendarSpec,
  on: CronField | undefined,
  marks: readonly number[],
  locale: Locale,
): string {
  const each = n === 1
    ? text(locale, `every.${unit}.1`)
    : text(locale, "every", { duration: text(locale, `unit.${unit}`, { n }) });
  const time = timesInWords(marks, locale);
  if (on === undefined) return text(locale, "trigger.calendar", { every: each, time });
  const days = unit === "weeks" ? weekdaysInWords(on, locale) : daysInWords(on, locale);
  return text(locale, "trigger.calendar_on", { every: each, days, time });
}
