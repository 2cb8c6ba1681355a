/** A cron field as data: what it is called, what it allows, and how that was written. */

/** APScheduler's eight cron fields, from the largest to the smallest. */
export const CRON_FIELDS = [
  "year",
  "month",
  "day",
  "week",
  "dayOfWeek",
  "hour",
  "minute",
  "second",
] as const;
export type CronFieldName = (typeof CRON_FIELDS)[number];

/** One part of a comma list. */
export type Expression =
  | { readonly kind: "values"; readonly values: readonly number[]; readonly form: ValuesForm }
  /** `last`, and `L-3` of a crontab line: so many days before the last day of the month. */
  | { readonly kind: "lastDay"; readonly before: number }
  /** `LW` of a crontab line: the last day of the month from Monday to Friday. */
  | { readonly kind: "lastWorkday" }
  /** `15W` of a crontab line: the day from Monday to Friday nearest to a day of the month. */
  | { readonly kind: "nearestWorkday"; readonly day: number }
  /** `2nd fri`: `nth` 1 to 5, or -1 for the last; `weekday` 0 = Monday. */
  | { readonly kind: "nthWeekday"; readonly nth: number; readonly weekday: number };

/** How the values were written, for people to read: `*`, `*` with a step, `8-18`, `8-18/2`, `8`. */
export type ValuesForm =
  | { readonly kind: "all"; readonly step: number }
  | { readonly kind: "range"; readonly first: number; readonly last: number; readonly step: number }
  | { readonly kind: "single" };

/** All expressions of one field: a date matches when one of them does. */
export interface CronField {
  readonly name: CronFieldName;
  readonly text: string;
  readonly expressions: readonly Expression[];
}

export type CronFields = Readonly<Record<CronFieldName, CronField>>;

/** Least and greatest value of a field (APScheduler 3, `triggers/cron/fields.py`). */
export const FIELD_RANGE: Readonly<Record<CronFieldName, readonly [number, number]>> = {
  year: [1970, 9999],
  month: [1, 12],
  day: [1, 31],
  week: [1, 53],
  dayOfWeek: [0, 6],
  hour: [0, 23],
  minute: [0, 59],
  second: [0, 59],
};

/** `*` of each field: made once, because there are 8,000 years. */
export const EVERY_VALUE: Readonly<Record<CronFieldName, Expression>> = {
  year: everyOf("year"),
  month: everyOf("month"),
  day: everyOf("day"),
  week: everyOf("week"),
  dayOfWeek: everyOf("dayOfWeek"),
  hour: everyOf("hour"),
  minute: everyOf("minute"),
  second: everyOf("second"),
};

function everyOf(name: CronFieldName): Expression {
  return { kind: "values", values: steps(...FIELD_RANGE[name], 1), form: { kind: "all", step: 1 } };
}

/** A field that lets every value through. */
export function everyValue(name: CronFieldName): CronField {
  return { name, text: "*", expressions: [EVERY_VALUE[name]] };
}

/** `first`, `first + step`, … up to `last`. */
export function steps(first: number, last: number, step: number): number[] {
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}

/** All plain numbers a field allows, in order and once each; undefined where it also has `last` or `2nd fri`. */
export function plainValues(field: CronField): readonly number[] | undefined {
  const values = new Set<number>();
  for (const expression of field.expressions) {
    if (expression.kind !== "values") return undefined;
    for (const value of expression.values) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}

/** True where a field lets every value through. */
export function coversAll(field: CronField): boolean {
  const [only] = field.expressions;
  if (field.expressions.length === 1 && only?.kind === "values" && only.form.kind === "all") {
    return only.form.step === 1;
  }
  const [min, max] = FIELD_RANGE[field.name];
  return plainValues(field)?.length === max - min + 1;
}

/** True where a field has `*`, with or without a step: its values are a rhythm and not a list. */
export function hasStar(field: CronField): boolean {
  return field.expressions.some((each) => each.kind === "values" && each.form.kind === "all");
}
