/** What one cron field means: APScheduler's expressions, parsed into data. Which dates match is `cron_days.ts`'s. */
import { CRON_FIELDS, type CronFieldName, TriggerError } from "./trigger.ts";

/** One part of a comma list. */
export type Expression =
  | { readonly kind: "values"; readonly values: readonly number[]; readonly form: ValuesForm }
  /** `last`: the last day of the month. */
  | { readonly kind: "lastDay" }
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

/** What a field that is left out below the smallest one given means. */
const FIELD_DEFAULT: Readonly<Record<CronFieldName, string>> = {
  year: "*",
  month: "1",
  day: "1",
  week: "*",
  dayOfWeek: "*",
  hour: "0",
  minute: "0",
  second: "0",
};

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const ORDINALS = ["1st", "2nd", "3rd", "4th", "5th", "last"];

const ALL = /^\*(?:\/(\d+))?$/;
const RANGE = /^(\d+)(?:-(\d+))?(?:\/(\d+))?$/;
const NAMES = /^([a-z]+)(?:-([a-z]+))?$/;
const NTH_WEEKDAY = /^(1st|2nd|3rd|4th|5th|last)\s+([a-z]+|\d+)$/;

const ALLOWED: Readonly<Record<CronFieldName, string>> = {
  year: "a year from 1970 to 9999",
  month: "1 to 12 or jan to dec",
  day: `1 to 31, "last", or "1st mon" to "5th sun" and "last fri"`,
  week: "an ISO week from 1 to 53",
  dayOfWeek: "0 (Monday) to 6 (Sunday) or mon to sun",
  hour: "0 to 23",
  minute: "0 to 59",
  second: "0 to 59",
};

/**
 * Parses the fields of `cron({...})`. All eight come back: those left out are `*` above the smallest one given and
 * their minimum below it; `week` and `dayOfWeek` are `*` (APScheduler's rule).
 */
export function parseCronFields(
  given: Readonly<Partial<Record<CronFieldName, string>>>,
): Record<CronFieldName, CronField> {
  const smallest = CRON_FIELDS.findLastIndex((name) => given[name] !== undefined);
  if (smallest === -1) {
    throw new TriggerError(`cron: give at least one of ${CRON_FIELDS.join(", ")}`);
  }
  const texts = CRON_FIELDS.map((name, index) =>
    [name, given[name] ?? (index > smallest ? FIELD_DEFAULT[name] : "*")] as const
  );
  return Object.fromEntries(texts.map(([name, text]) => [name, parseField(name, text)])) as Record<
    CronFieldName,
    CronField
  >;
}

function parseField(name: CronFieldName, text: string): CronField {
  if (text.trim() === "") {
    throw new TriggerError(`${name}: the expression is empty; allowed is ${ALLOWED[name]}, or *`);
  }
  const expressions: Expression[] = [];
  let position = 1;
  for (const part of text.split(",")) {
    const lead = part.length - part.trimStart().length;
    expressions.push(parseExpression(name, part.trim(), whereIn(text, part, position + lead)));
    position += part.length + 1;
  }
  return { name, text, expressions };
}

function whereIn(text: string, part: string, position: number): string {
  return part === text ? "" : ` (position ${position} of "${text}")`;
}

function parseExpression(name: CronFieldName, part: string, where: string): Expression {
  const word = part.toLowerCase();
  const fail = (what: string) => new TriggerError(`${name}: "${part}"${where} ${what}`);
  const [min, max] = FIELD_RANGE[name];

  const all = ALL.exec(word);
  if (all) {
    const step = all[1] === undefined ? 1 : checkedStep(Number(all[1]), max - min, fail);
    return { kind: "values", values: steps(min, max, step), form: { kind: "all", step } };
  }
  const range = RANGE.exec(word);
  if (range) {
    const first = Number(range[1]);
    const outside = [first, Number(range[2] ?? first)].find((value) => value < min || value > max);
    if (outside !== undefined) {
      throw fail(
        `is not between ${min} and ${max}` + (String(outside) === word ? "" : `: ${outside} is outside`),
      );
    }
    const open = range[2] === undefined && range[3] !== undefined;
    const last = open ? max : Number(range[2] ?? first);
    if (first > last) throw fail(`runs backwards: ${first} is greater than ${last}`);
    const step = range[3] === undefined ? 1 : checkedStep(Number(range[3]), last - first, fail);
    return rangeOf(first, last, step);
  }
  const names = name === "month" ? MONTHS : name === "dayOfWeek" ? WEEKDAYS : undefined;
  const named = NAMES.exec(word);
  if (names && named) {
    const [first, last] = [named[1], named[2] ?? named[1]].map((each) => {
      const index = names.indexOf(each ?? "");
      if (index === -1) throw fail(`is not allowed: "${each}" is none of ${names.join(", ")}`);
      return index + min;
    }) as [number, number];
    if (first > last) {
      throw fail(
        `runs backwards: write it as two ranges, such as "${names.at(-2)}-${names.at(-1)},${names[0]}"`,
      );
    }
    return rangeOf(first, last, 1);
  }
  if (name === "day") {
    if (word === "last") return { kind: "lastDay" };
    const nth = NTH_WEEKDAY.exec(word);
    if (nth) {
      const index = WEEKDAYS.indexOf(nth[2] ?? "");
      if (index === -1) throw fail(`is not allowed: "${nth[2]}" is none of ${WEEKDAYS.join(", ")}`);
      const ordinal = ORDINALS.indexOf(nth[1] ?? "");
      return { kind: "nthWeekday", nth: ordinal === 5 ? -1 : ordinal + 1, weekday: index };
    }
  }
  throw fail(`is not allowed; allowed is ${ALLOWED[name]}, with *, */a, a-b, a-b/c and comma lists`);
}

/** APScheduler refuses a step that is greater than the range it walks: it would never take a second step. */
function checkedStep(step: number, span: number, fail: (what: string) => TriggerError): number {
  if (step === 0) throw fail("has a step of 0; the least step is 1");
  if (step > span) throw fail(`has a step of ${step}, more than its range of ${span}`);
  return step;
}

function rangeOf(first: number, last: number, step: number): Expression {
  const form: ValuesForm = first === last ? { kind: "single" } : { kind: "range", first, last, step };
  return { kind: "values", values: steps(first, last, step), form };
}

function steps(first: number, last: number, step: number): number[] {
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
