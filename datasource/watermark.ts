/** How far a task has come with the rows that it copies. */
import { toSent } from "./sql.ts";

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
  if (isNumber(a) && isNumber(b)) return a > b ? 1 : a < b ? -1 : 0;
  if (typeof a === "string" && typeof b === "string") return a > b ? 1 : a < b ? -1 : 0;
  throw new TypeError(`a watermark's column holds values that cannot be compared: ${a} and ${b}`);
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}
