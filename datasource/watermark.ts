/** How far a task has come with the rows that it copies. */
import { toSent } from "./values.ts";

/**
 * A value that is kept between the runs of a task. What a run sets counts for the next one once the run has succeeded:
 * after a failure the same rows are looked at again.
 */
export interface Watermark {
  /** What the last run that succeeded has left; undefined before the first. */
  readonly value: string | number | undefined;
  /** For the next run: a number, a text, a moment or a date; null and undefined change nothing. */
  set(value: unknown): void;
}

/** How a value is kept: numbers that are exact as such, everything else as the text that is sent to a database. */
export function watermarkValue(value: unknown): string | number {
  const plain = toSent(value);
  if (typeof plain === "string" || typeof plain === "number") return plain;
  if (typeof plain === "bigint") return String(plain);
  throw new TypeError(`a watermark is a number, a text, a moment or a date, not ${String(value)}`);
}

/** The greater of two values of a column; null and undefined are less than all others. */
export function later(first: unknown, second: unknown): unknown {
  if (second === null || second === undefined) return first;
  if (first === null || first === undefined) return second;
  return order(second, first) > 0 ? second : first;
}

function order(a: unknown, b: unknown): number {
  if (a instanceof Temporal.Instant && b instanceof Temporal.Instant) return Temporal.Instant.compare(a, b);
  if (a instanceof Temporal.PlainDateTime && b instanceof Temporal.PlainDateTime) {
    return Temporal.PlainDateTime.compare(a, b);
  }
  if (a instanceof Temporal.PlainDate && b instanceof Temporal.PlainDate) {
    return Temporal.PlainDate.compare(a, b);
  }
  // Decimals are texts: those of digits are compared as numbers.
  const one = decimalOf(a);
  const other = decimalOf(b);
  if (one && other) return compareDecimals(one, other);
  if (typeof a === "string" && typeof b === "string") return a > b ? 1 : a < b ? -1 : 0;
  throw new TypeError(`a watermark's column holds values that cannot be compared: ${a} and ${b}`);
}

interface Decimal {
  readonly digits: bigint;
  /** How many of the digits stand behind the point. */
  readonly scale: number;
}

function decimalOf(value: unknown): Decimal | undefined {
  if (typeof value === "bigint") return { digits: value, scale: 0 };
  if (typeof value !== "number" && typeof value !== "string") return undefined;
  const found = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,4}))?$/.exec(String(value).trim());
  if (!found) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = found;
  if (whole + fraction === "") return undefined;
  const digits = BigInt(whole + fraction);
  const scale = fraction.length - Number(exponent);
  const positive = scale < 0 ? { digits: digits * 10n ** BigInt(-scale), scale: 0 } : { digits, scale };
  return sign === "-" ? { ...positive, digits: -positive.digits } : positive;
}

function compareDecimals(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const left = a.digits * 10n ** BigInt(scale - a.scale);
  const right = b.digits * 10n ** BigInt(scale - b.scale);
  return left > right ? 1 : left < right ? -1 : 0;
}
