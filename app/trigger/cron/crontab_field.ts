/** One field of a crontab line: comma lists of `*`, `*&#47;n`, `a`, `a-b`, `a-b/n`, `a/n`, names, and `L`, `W`, `#`. */
import type { Sentence } from "../../base/sentence.ts";
import { sentence } from "../../locale/sentence.ts";
import type { TriggerError } from "../errors.ts";
import { MONTHS, rangeOf, twoRanges } from "./expression.ts";
import {
  type CronField,
  type CronFieldName,
  everyValue,
  type Expression,
  FIELD_RANGE,
  steps,
} from "./field.ts";

/** Makes the error about a part of the field that begins at a position, counted from 0. */
export type Fail = (part: string, position: number, what: Sentence) => TriggerError;

/** Crontab counts weekdays from Sunday, and knows it as 7, too. */
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const MONTH_NAMES = MONTHS.map((name) => name.toUpperCase());

/** What a field takes, as the end of a sentence. */
function allowedIn(name: CronFieldName): Sentence {
  return sentence(`mistake.crontab.allowed.${name}`);
}

export function parseCrontabField(name: CronFieldName, text: string, fail: Fail): CronField {
  // `+` before the weekday says how it goes together with the day; the line looks at it.
  const lead = name === "dayOfWeek" && text.startsWith("+") ? 1 : 0;
  const whole = text.slice(lead).replaceAll("?", "*");
  const expressions: Expression[] = [];
  let position = lead;
  for (const part of whole.split(",")) {
    expressions.push(...parsePart(name, part, (what) => fail(part, position, what)));
    position += part.length + 1;
  }
  return { name, text: whole, expressions };
}

function parsePart(name: CronFieldName, part: string, fail: (what: Sentence) => TriggerError): Expression[] {
  const word = part.toUpperCase();
  if (word === "") throw fail(sentence("mistake.crontab.empty", { allowed: allowedIn(name) }));
  if (name === "day") {
    const special = parseDay(word, fail);
    if (special) return [special];
  }
  if (name === "dayOfWeek") return parseWeekday(word, fail);
  if (word === "*") return [...everyValue(name).expressions];
  const { first, last, step, all } = parseRange(name, word, fail);
  if (!all) return [rangeOf(first, last, step)];
  return [{ kind: "values", values: steps(first, last, step), form: { kind: "all", step } }];
}

function parseDay(word: string, fail: (what: Sentence) => TriggerError): Expression | undefined {
  if (word === "LW" || word === "WL") return { kind: "lastWorkday" };
  const before = /^L(?:-(\d+))?$/.exec(word);
  if (before) {
    const days = Number(before[1] ?? 0);
    if (days > 30) throw fail(sentence("mistake.crontab.before_month"));
    return { kind: "lastDay", before: days };
  }
  const nearest = /^(\d+)W$/.exec(word);
  if (!nearest) return undefined;
  const day = Number(nearest[1]);
  if (day < 1 || day > 31) throw fail(sentence("mistake.crontab.workday"));
  return { kind: "nearestWorkday", day };
}

/** `5#2`, `FRI#2`, `5#L`, `5L`, and plain weekdays, which become Monday-first. */
function parseWeekday(word: string, fail: (what: Sentence) => TriggerError): Expression[] {
  const nth = /^(.+?)(?:#(\d+|L)|(?<=\d|[A-Z]{3})(L))$/.exec(word);
  const { first, last, step, all } = parseRange("dayOfWeek", nth?.[1] ?? word, fail);
  const days = steps(first, last, step).map((day) => (day + 6) % 7);
  if (nth) {
    const which = nth[2] === undefined || nth[2] === "L" ? -1 : Number(nth[2]);
    if (which === 0 || which > 5) {
      throw fail(sentence("mistake.crontab.nth"));
    }
    return days.map((weekday) => ({ kind: "nthWeekday", nth: which, weekday }));
  }
  // Steps are counted from Sunday: from Monday they are none, and are said day by day.
  if (all && step === 1) return [...everyValue("dayOfWeek").expressions];
  return [...new Set(days)].sort((a, b) => a - b).reduce<Expression[]>(intoRanges, []);
}

/** Neighbours as one range, so that people read `Monday to Friday`. */
function intoRanges(ranges: readonly Expression[], day: number): Expression[] {
  const before = ranges.at(-1);
  const [least, greatest] = before?.kind === "values" ? [before.values[0], before.values.at(-1)] : [];
  if (least === undefined || greatest !== day - 1) return [...ranges, rangeOf(day, day, 1)];
  return [...ranges.slice(0, -1), rangeOf(least, day, 1)];
}

interface Range {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  readonly all: boolean;
}

function parseRange(name: CronFieldName, word: string, fail: (what: Sentence) => TriggerError): Range {
  const [, min, max] = limitsOf(name);
  const parts = /^(\*|[^-/*]+)(?:-([^-/*]+))?(?:\/(\d+))?$/.exec(word);
  if (!parts || (parts[1] === "*" && parts[2] !== undefined)) throw notAllowed(name, fail);
  const step = Number(parts[3] ?? 1);
  if (step === 0) throw fail(sentence("mistake.cron.step_zero"));
  if (step > max - min + 1) {
    throw fail(sentence("mistake.crontab.step_many", { step, n: max - min + 1 }));
  }
  if (parts[1] === "*") return { first: min, last: name === "dayOfWeek" ? 6 : max, step, all: true };
  const first = valueOf(name, parts[1] ?? "", fail);
  const open = parts[2] === undefined && parts[3] !== undefined;
  const given = open ? (name === "dayOfWeek" ? 6 : max) : valueOf(name, parts[2] ?? parts[1] ?? "", fail);
  // A range that ends on Sunday, such as FRI-SUN.
  const last = name === "dayOfWeek" && given === 0 && first > 0 ? 7 : given;
  if (first > last) {
    const ranges = backwards(name, word, first, last);
    throw fail(sentence("mistake.crontab.backwards", { ranges }));
  }
  return { first, last, step, all: false };
}

function valueOf(name: CronFieldName, word: string, fail: (what: Sentence) => TriggerError): number {
  const [names, min, max] = limitsOf(name);
  const named = names.indexOf(word);
  if (named !== -1) return named + min;
  if (!/^\d+$/.test(word)) throw notAllowed(name, fail);
  const value = Number(word);
  if (value < min || value > max) {
    throw fail(sentence("mistake.crontab.between", { min, max, allowed: allowedIn(name) }));
  }
  return value;
}

function limitsOf(name: CronFieldName): readonly [names: readonly string[], min: number, max: number] {
  if (name === "dayOfWeek") return [WEEKDAYS, 0, 7];
  return [name === "month" ? MONTH_NAMES : [], ...FIELD_RANGE[name]];
}

/** The two ranges that are meant, in names where names were written. */
function backwards(name: CronFieldName, word: string, first: number, last: number): string {
  const [names, min, max] = limitsOf(name);
  if (/^[A-Z]/.test(word) && name === "dayOfWeek") {
    return twoRanges([...WEEKDAYS.slice(1), "SUN"], (first + 6) % 7, (last + 6) % 7);
  }
  if (/^[A-Z]/.test(word)) return twoRanges(names, first - min, last - min);
  const range = (from: number, to: number) => from === to ? `${from}` : `${from}-${to}`;
  return `${range(first, name === "dayOfWeek" ? 6 : max)},${range(min, last)}`;
}

function notAllowed(name: CronFieldName, fail: (what: Sentence) => TriggerError): TriggerError {
  return fail(sentence("mistake.crontab.not_allowed", { allowed: allowedIn(name) }));
}
