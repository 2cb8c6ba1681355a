/** What one cron field means: APScheduler's expressions, parsed into data. Which dates match is `days.ts`'s. */
import type { Sentence, SentenceValue } from "../../base/sentence.ts";
import { sentence, wrongWith } from "../../locale/sentence.ts";
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

/** What a field takes, as the end of a sentence. */
function allowedIn(name: CronFieldName): Sentence {
  return sentence(`mistake.cron.allowed.${name}`);
}

/**
 * Parses the fields of `cron({...})`. All eight come back: those left out are `*` above the smallest one given and
 * their minimum below it; `week` and `dayOfWeek` are `*` (APScheduler's rule).
 */
export function parseCronFields(
  given: Readonly<Partial<Record<CronFieldName, string>>>,
): CronFields {
  const smallest = CRON_FIELDS.findLastIndex((name) => given[name] !== undefined);
  if (smallest === -1) {
    const fields = CRON_FIELDS.join(", ");
    throw new TriggerError(wrongWith("cron", sentence("mistake.cron.none", { fields })));
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
    throw new TriggerError(wrongWith(name, sentence("mistake.cron.empty", { allowed: allowedIn(name) })));
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

function whereIn(text: string, part: string, position: number): SentenceValue {
  return part === text ? "" : sentence("mistake.cron.where", { position, text });
}

function parseExpression(name: CronFieldName, part: string, where: SentenceValue): Expression {
  const word = part.toLowerCase();
  const fail = (what: Sentence) =>
    new TriggerError(wrongWith(name, sentence("mistake.cron.part", { part, where, what })));
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
        String(outside) === word
          ? sentence("mistake.cron.outside", { min, max })
          : sentence("mistake.cron.outside_at", { min, max, value: outside }),
      );
    }
    const open = range[2] === undefined && range[3] !== undefined;
    const last = open ? max : Number(range[2] ?? first);
    if (first > last) throw fail(sentence("mistake.cron.backwards", { first, last }));
    const step = range[3] === undefined ? 1 : checkedStep(Number(range[3]), last - first, fail);
    return rangeOf(first, last, step);
  }
  const names = name === "month" ? MONTHS : name === "dayOfWeek" ? WEEKDAYS : undefined;
  const named = NAMES.exec(word);
  if (names && named) {
    const [first, last] = [named[1], named[2] ?? named[1]].map((each) => {
      const index = names.indexOf(each ?? "");
      if (index === -1) throw fail(noName(each, names));
      return index + min;
    }) as [number, number];
    if (first > last) {
      const ranges = twoRanges(names, first - min, last - min);
      throw fail(sentence("mistake.cron.backwards_names", { ranges }));
    }
    return rangeOf(first, last, 1);
  }
  if (name === "day") {
    if (word === "last") return { kind: "lastDay", before: 0 };
    const nth = NTH_WEEKDAY.exec(word);
    if (nth) {
      const index = WEEKDAYS.indexOf(nth[2] ?? "");
      if (index === -1) throw fail(noName(nth[2], WEEKDAYS));
      const ordinal = ORDINALS.indexOf(nth[1] ?? "");
      return { kind: "nthWeekday", nth: ordinal === 5 ? -1 : ordinal + 1, weekday: index };
    }
  }
  throw fail(sentence("mistake.cron.not_allowed", { allowed: allowedIn(name) }));
}

function noName(name = "", known: readonly string[]): Sentence {
  return sentence("mistake.cron.name", { name, known: known.join(", ") });
}

/** `fri-mon` as `fri-sun,mon`: a range that runs over the end of a list of names, as the two that are meant. */
export function twoRanges(names: readonly string[], first: number, last: number): string {
  const range = (from: number, to: number) => from === to ? names[from] : `${names[from]}-${names[to]}`;
  return `${range(first, names.length - 1)},${range(0, last)}`;
}

/** APScheduler refuses a step that is greater than the range it walks: it would never take a second step. */
function checkedStep(step: number, span: number, fail: (what: Sentence) => TriggerError): number {
  if (step === 0) throw fail(sentence("mistake.cron.step_zero"));
  // A range of one value takes a step of 1.
  if (step > Math.max(1, span)) throw fail(sentence("mistake.cron.step_span", { step, span }));
  return step;
}

export function rangeOf(first: number, last: number, step: number): Expression {
  const form: ValuesForm = first === last ? { kind: "single" } : { kind: "range", first, last, step };
  return { kind: "values", values: steps(first, last, step), form };
}
