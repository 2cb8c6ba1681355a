/** Triggers in words: one correct sentence in each language. */
import { splitDuration } from "../duration.ts";
import { list, type Locale, text, type TextKey } from "../locale/locale.ts";
import { coversAll } from "./cron_days.ts";
import { fieldsOfCrontab } from "./crontab_fields.ts";
import { type CronField, type Expression, FIELD_RANGE, parseCronFields, plainValues } from "./expression.ts";
import type { CronFieldName, TriggerBounds, TriggerSpec } from "./trigger.ts";

type Fields = Readonly<Record<CronFieldName, CronField>>;
type TimeUnit = "second" | "minute" | "hour";

/** Up to so many times of day are listed one by one. */
const MAX_LISTED_TIMES = 6;

/** `every 2 hours at minute 0, Asia/Shanghai` */
export function describeTrigger(spec: TriggerSpec, locale: Locale, timezone: string): string {
  const words = sentence(spec, locale, timezone);
  return locale === "zh" ? spaceHan(words) : words;
}

/** Chinese is set with a space between a character and a number, and with none between two characters. */
function spaceHan(words: string): string {
  return words
    .replace(/(?<=\p{Script=Han}) (?=\p{Script=Han})/gu, "")
    .replace(/(?<=\p{Script=Han})(?=\d)|(?<=\d)(?=\p{Script=Han})/gu, " ");
}

function sentence(spec: TriggerSpec, locale: Locale, timezone: string): string {
  switch (spec.kind) {
    case "cron":
      return withBounds(describeFields(parseCronFields(spec.fields), locale), spec, locale, timezone);
    case "crontab": {
      const fields = fieldsOfCrontab(spec.line);
      const words = fields
        ? describeFields(parseCronFields(fields), locale)
        : text(locale, "trigger.crontab", { line: spec.line });
      return withBounds(words, spec, locale, timezone);
    }
    case "interval":
      return withBounds(
        describeInterval(spec.every, locale),
        spec,
        locale,
        spec.startDate === undefined && spec.endDate === undefined ? undefined : timezone,
      );
    case "date":
      return withBounds(
        text(locale, "trigger.once", { date: spec.date.replace("T", " ") }),
        { timezone: spec.timezone },
        locale,
        /[T ].*(?:Z|[+-]\d\d:?\d\d)/i.test(spec.date) ? undefined : timezone,
      );
    case "any":
    case "all": {
      const parts = spec.of.map((each) => sentence(each, locale, timezone));
      if (parts.length === 1) return parts[0] ?? "";
      return parts.join(text(locale, spec.kind === "any" ? "trigger.or" : "trigger.and"));
    }
  }
}

function withBounds(
  words: string,
  bounds: TriggerBounds,
  locale: Locale,
  timezone: string | undefined,
): string {
  const parts = [words];
  if (bounds.startDate !== undefined) {
    parts.push(text(locale, "trigger.from", { date: bounds.startDate.replace("T", " ") }));
  }
  if (bounds.endDate !== undefined) {
    parts.push(text(locale, "trigger.until", { date: bounds.endDate.replace("T", " ") }));
  }
  const zone = bounds.timezone ?? timezone;
  if (zone !== undefined) parts.push(zone);
  return parts.join(text(locale, "trigger.comma"));
}

function describeInterval(ms: number, locale: Locale): string {
  const parts = splitDuration(ms);
  const [only] = parts;
  if (parts.length === 1 && only && only[1] === 1) return text(locale, `every.${only[0]}.1`);
  const words = parts.map(([unit, count]) =>
    text(locale, count === 1 ? `unit.${unit}.1` : `unit.${unit}`, { n: count })
  );
  return text(locale, "every", { duration: words.join(" ") });
}

function describeFields(fields: Fields, locale: Locale): string {
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
function clockTimes(fields: Fields): string[] | undefined {
  const [hours, minutes, seconds] = [fields.hour, fields.minute, fields.second].map(plainValues);
  if (!hours || !minutes || !seconds || isStepped(fields.hour)) return undefined;
  if (hours.length * minutes.length * seconds.length > MAX_LISTED_TIMES) return undefined;
  const two = (value: number) => String(value).padStart(2, "0");
  return hours.flatMap((hour) =>
    minutes.flatMap((minute) =>
      seconds.map((second) =>
        `${two(hour)}:${two(minute)}` + (seconds.length === 1 && second === 0 ? "" : `:${two(second)}`)
      )
    )
  );
}

/** A rhythm (`every 5 minutes`) or a mark inside the next larger unit (`minute 15`). */
type Beat = { readonly every: string } | { readonly mark: string };

function describeRhythm(fields: Fields, locale: Locale): string {
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

function describeDate(fields: Fields, locale: Locale): string {
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
  if (!coversAll(fields.day)) parts.day = describeDays(fields.day, locale);
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

function describeDays(field: CronField, locale: Locale): string {
  const items = field.expressions.map((expression) => {
    switch (expression.kind) {
      case "lastDay":
        return text(locale, "date.last_day");
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
