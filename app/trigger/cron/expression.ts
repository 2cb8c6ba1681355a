/** What one cron field means: APScheduler's expressions, parsed into data. Which dates match is `days.ts`'s. */
import { TriggerError } from "../errors.ts";
import {
  CRON_FIELDS,
  type CronField,
  type CronFieldName,
  type CronFields,
  EVERY_VALUE,
  type Expression,
  FIELD_RANGE,
  steps,
  type ValuesForm,
} from "./field.ts";

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

export const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
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
): CronFields {
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
    return step === 1
      ? EVERY_VALUE[name]
      : { kind: "values", values: steps(min, max, step), form: { kind: "all", step } };
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
      throw fail(`runs backwards: write it as two ranges, "${twoRanges(names, first - min, last - min)}"`);
    }
    return rangeOf(first, last, 1);
  }
  if (name === "day") {
    if (word === "last") return { kind: "lastDay", before: 0 };
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

/** `fri-mon` as `fri-sun,mon`: a range that runs over the end of a list of names, as the two that are meant. */
export function twoRanges(names: readonly string[], first: number, last: number): string {
  const range = (from: number, to: number) => from === to ? names[from] : `${names[from]}-${names[to]}`;
  return `${range(first, names.length - 1)},${range(0, last)}`;
}

/** APScheduler refuses a step that is greater than the range it walks: it would never take a second step. */
function checkedStep(step: number, span: number, fail: (what: string) => TriggerError): number {
  if (step === 0) throw fail("has a step of 0; the least step is 1");
  // A range of one value takes a step of 1.
  if (step > Math.max(1, span)) throw fail(`has a step of ${step}, more than its range of ${span}`);
  return step;
}

export function rangeOf(first: number, last: number, step: number): Expression {
  const form: ValuesForm = first === last ? { kind: "single" } : { kind: "range", first, last, step };
  return { kind: "values", values: steps(first, last, step), form };
}
