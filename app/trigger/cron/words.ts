/** Cron fields in words: one correct sentence in each language. */
import { list, text, type TextKey } from "../../locale/locale.ts";
import type { Locale } from "../../model/locale.ts";
import {
  coversAll,
  type CronField,
  type CronFieldName,
  type CronFields,
  type Expression,
  FIELD_RANGE,
  plainValues,
} from "./field.ts";

type TimeUnit = "second" | "minute" | "hour";

/** Up to so many times of day are listed one by one. */
const MAX_LISTED_TIMES = 6;

/** `every 2 hours at minute 0` */
export function fieldsInWords(fields: CronFields, locale: Locale): string {
  const date = describeDate(fields, locale);
  const clock = clockTimes(fields);
  if (clock) {
    const times = text(locale, "trigger.at", { times: list(locale, clock) });
    return date === ""
      ? text(locale, "trigger.daily", { time: times })
      : text(locale, "trigger.date_time", { date, time: times });
  }
  const rhythm = describeRhythm(fields, locale);
  return date === "" ? rhythm : text(locale, "trigger.date_rhythm", { date, time: rhythm });
}

/** `10:30`, `14:30:15`, where there are few of them; undefined otherwise. */
function clockTimes(fields: CronFields): string[] | undefined {
  const [hours, minutes, seconds] = [fields.hour, fields.minute, fields.second].map(plainValues);
  if (!hours || !minutes || !seconds || isStepped(fields.hour)) return undefined;
  if (hours.length * minutes.length * seconds.length > MAX_LISTED_TIMES) return undefined;
  const withSeconds = seconds.length > 1 || seconds[0] !== 0;
  return hours.flatMap((hour) =>
    minutes.flatMap((minute) => seconds.map((second) => clockText(hour, minute, second, withSeconds)))
  );
}

/** `at 09:00 and 18:00`, of seconds after midnight. */
export function timesInWords(times: readonly number[], locale: Locale): string {
  const withSeconds = times.some((time) => time % 60 !== 0);
  const texts = times.map((time) =>
    clockText(Math.floor(time / 3_600), Math.floor(time / 60) % 60, time % 60, withSeconds)
  );
  return text(locale, "trigger.at", { times: list(locale, texts) });
}

function clockText(hour: number, minute: number, second: number, withSeconds: boolean): string {
  const parts = withSeconds ? [hour, minute, second] : [hour, minute];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

/** A rhythm (`every 5 minutes`) or a mark inside the next larger unit (`minute 15`). */
type Beat = { readonly every: string } | { readonly mark: string };

function describeRhythm(fields: CronFields, locale: Locale): string {
  let beat: Beat | undefined;
  for (const unit of ["second", "minute", "hour"] as const) {
    const field = fields[unit];
    const repeat = repeatText(field, unit, locale);
    if (beat === undefined) {
      if (unit === "second" && field.text === "0") continue;
      beat = repeat === undefined ? { mark: markText(field, unit, locale) } : { every: repeat };
    } else if ("mark" in beat) {
      beat = repeat === undefined
        ? { mark: text(locale, "trigger.mark_of", { mark: beat.mark, outer: markText(field, unit, locale) }) }
        : { every: text(locale, "trigger.repeat_at", { every: repeat, mark: beat.mark }) };
    } else if (!coversAll(field)) {
      beat = {
        every: text(locale, "trigger.within", { inner: beat.every, outer: markText(field, unit, locale) }),
      };
    }
  }
  if (beat === undefined) return "";
  return "every" in beat ? beat.every : text(locale, "trigger.at_mark", { mark: beat.mark });
}

/** `every minute`, `every 5 minutes`; undefined where the values are no even rhythm over the whole unit. */
function repeatText(field: CronField, unit: TimeUnit, locale: Locale): string | undefined {
  if (coversAll(field)) return text(locale, `every.${unit}s.1`);
  if (!isStepped(field)) return undefined;
  return text(locale, "every", { duration: text(locale, `unit.${unit}s`, { n: stepOf(field) }) });
}

/** `*` with a step that divides the unit: 0, 15, 30, 45 is a rhythm, 0, 7, … 56 is none. */
function isStepped(field: CronField): boolean {
  const step = stepOf(field);
  const [, max] = FIELD_RANGE[field.name];
  return step > 1 && (max + 1) % step === 0;
}

function stepOf(field: CronField): number {
  const [only] = field.expressions;
  return field.expressions.length === 1 && only?.kind === "values" && only.form.kind === "all"
    ? only.form.step
    : 0;
}

function markText(field: CronField, unit: TimeUnit, locale: Locale): string {
  const several = (plainValues(field)?.length ?? 0) > 1;
  return text(locale, several ? `mark.${unit}s` : `mark.${unit}`, {
    values: valuesText(field, locale, String),
  });
}

function describeDate(fields: CronFields, locale: Locale): string {
  const parts: Partial<Record<CronFieldName, string>> = {};
  if (!coversAll(fields.year)) parts.year = fieldText("date.year", fields.year, locale, String);
  if (!coversAll(fields.month)) {
    parts.month = fieldText(
      "date.month",
      fields.month,
      locale,
      (month) => text(locale, `month.${month}` as TextKey),
    );
  }
  if (!coversAll(fields.week)) parts.week = fieldText("date.week", fields.week, locale, String);
  if (!coversAll(fields.day)) parts.day = daysInWords(fields.day, locale);
  if (!coversAll(fields.dayOfWeek)) {
    const key = parts.day === undefined ? "date.weekday" : "date.weekday_too";
    parts.dayOfWeek = fieldText(key, fields.dayOfWeek, locale, (day) => weekdayText(day, locale));
  }
  const order = text(locale, "date.order").split(" ") as CronFieldName[];
  return order.flatMap((name) => parts[name] ?? []).join(text(locale, "date.join"));
}

function fieldText(key: TextKey, field: CronField, locale: Locale, name: (value: number) => string): string {
  return text(locale, key, { values: valuesText(field, locale, name) });
}

/** `on day 15 and the last day of the month` */
export function daysInWords(field: CronField, locale: Locale): string {
  const items = field.expressions.map((expression) => {
    switch (expression.kind) {
      case "lastDay":
        if (expression.before === 0) return text(locale, "date.last_day");
        return text(locale, expression.before === 1 ? "date.before_last_day.1" : "date.before_last_day", {
          n: expression.before,
        });
      case "lastWorkday":
        return text(locale, "date.last_workday");
      case "nearestWorkday":
        return text(locale, "date.nearest_workday", { day: expression.day });
      case "nthWeekday":
        return text(locale, "date.nth_weekday", {
          nth: text(locale, `nth.${expression.nth === -1 ? "last" : expression.nth}` as TextKey),
          weekday: weekdayText(expression.weekday, locale),
        });
      case "values":
        return text(locale, expression.form.kind === "single" ? "date.day" : "date.days", {
          values: expressionText(expression, locale, String),
        });
    }
  });
  return text(locale, "date.on", { days: list(locale, items) });
}

/** `on Monday and Thursday` */
export function weekdaysInWords(field: CronField, locale: Locale): string {
  return fieldText("date.weekday", field, locale, (day) => weekdayText(day, locale));
}

function weekdayText(day: number, locale: Locale): string {
  return text(locale, `weekday.${day}` as TextKey);
}

function valuesText(field: CronField, locale: Locale, name: (value: number) => string): string {
  return list(
    locale,
    field.expressions.flatMap((each) => each.kind === "values" ? [expressionText(each, locale, name)] : []),
  );
}

function expressionText(
  expression: Extract<Expression, { kind: "values" }>,
  locale: Locale,
  name: (value: number) => string,
): string {
  const { form, values } = expression;
  const first = name(values[0] ?? 0);
  if (form.kind === "single") return first;
  const last = name(values.at(-1) ?? 0);
  return form.step === 1
    ? text(locale, "values.range", { first, last })
    : text(locale, "values.steps", { first, last, step: form.step });
}
