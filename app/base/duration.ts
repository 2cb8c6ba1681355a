/** Durations as people write them: `"10s"`, `"1h30m"`, `"500ms"`, or an object of units. */

import { ValueError } from "./sentence.ts";
import { shown } from "./shown.ts";

/** Parts of a duration; each may be a fraction. Days are 24 hours and weeks 7 such days. */
export interface DurationParts {
  readonly weeks?: number;
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly milliseconds?: number;
}

/** A duration as text (`"1h30m"`, `"90s"`, `"2 weeks"`), or as an object of units. */
export type DurationLike = string | DurationParts;

const UNIT_MS = {
  weeks: 604_800_000,
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1_000,
  milliseconds: 1,
} as const;

export type DurationUnit = keyof typeof UNIT_MS;

/** Units from the largest to the smallest. */
export const DURATION_UNITS = Object.keys(UNIT_MS) as DurationUnit[];

const WORDS: Readonly<Record<string, DurationUnit>> = {
  w: "weeks",
  week: "weeks",
  weeks: "weeks",
  d: "days",
  day: "days",
  days: "days",
  h: "hours",
  hour: "hours",
  hours: "hours",
  m: "minutes",
  min: "minutes",
  minute: "minutes",
  minutes: "minutes",
  s: "seconds",
  sec: "seconds",
  second: "seconds",
  seconds: "seconds",
  ms: "milliseconds",
  millisecond: "milliseconds",
  milliseconds: "milliseconds",
};

const ALLOWED = `write a number and a unit, as in "500ms", "10s", "5m", "1h30m", "2d" or "1w"`;

/** Whole milliseconds of a duration. Throws a ValueError with a sentence that says what is allowed. */
export function durationMs(duration: DurationLike): number {
  const ms = typeof duration === "string" ? parseText(duration) : sumParts(duration);
  if (!Number.isSafeInteger(ms) || ms < 0) {
    throw new ValueError("the duration is out of range", "duration.range");
  }
  return ms;
}

function parseText(text: string): number {
  const compact = text.trim().toLowerCase();
  const pieces = [...compact.matchAll(/\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*/gy)];
  const read = pieces.reduce((length, piece) => length + piece[0].length, 0);
  if (pieces.length === 0 || read !== compact.length) {
    throw new ValueError(`"${text}" is not a duration; ${ALLOWED}`, "duration.text", { text });
  }
  let ms = 0;
  for (const [, amount, word] of pieces) {
    const unit = Object.hasOwn(WORDS, word ?? "") ? WORDS[word ?? ""] : undefined;
    if (!unit) {
      const values = { word: word ?? "", text };
      throw new ValueError(`"${word}" in "${text}" is not a unit; ${ALLOWED}`, "duration.word", values);
    }
    ms += Number(amount) * UNIT_MS[unit];
  }
  return Math.round(ms);
}

function sumParts(parts: DurationParts): number {
  let ms = 0;
  for (const [unit, amount] of Object.entries(parts)) {
    if (amount === undefined) continue;
    if (!Object.hasOwn(UNIT_MS, unit)) {
      const known = DURATION_UNITS.join(", ");
      throw new ValueError(`"${unit}" is not a unit; allowed are ${known}`, "duration.unit", { unit, known });
    }
    if (typeof amount !== "number" || !Number.isFinite(amount) || amount < 0) {
      const value = shown(amount);
      throw new ValueError(`${unit}: ${value} is not a number of at least 0`, "duration.amount", {
        unit,
        value,
      });
    }
    ms += amount * UNIT_MS[unit as DurationUnit];
  }
  return Math.round(ms);
}

/** Splits milliseconds into the largest whole units: 5,400,000 → `[["hours", 1], ["minutes", 30]]`. */
export function splitDuration(ms: number): [DurationUnit, number][] {
  const parts: [DurationUnit, number][] = [];
  let rest = ms;
  for (const unit of DURATION_UNITS) {
    const count = Math.floor(rest / UNIT_MS[unit]);
    if (count > 0) parts.push([unit, count]);
    rest -= count * UNIT_MS[unit];
  }
  return parts;
}
