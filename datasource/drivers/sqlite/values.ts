/** Values of SQLite: what is bound, and how a row is read. */
import type { Row } from "../../database.ts";
import { toSent } from "../../values.ts";

export type SqliteValue = string | number | bigint | null | Uint8Array;

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;

/** Whole numbers go as such: a number with a point in it would be stored as "12345.0" in a column of texts. */
export function sent(value: unknown): SqliteValue {
  if (value === Infinity || value === -Infinity) return value;
  const plain = toSent(value);
  if (typeof plain === "boolean") return BigInt(plain);
  if (typeof plain === "number") {
    return Number.isSafeInteger(plain) && !Object.is(plain, -0) ? BigInt(plain) : plain;
  }
  if (typeof plain === "bigint" && (plain < LEAST || plain > MOST)) {
    throw new TypeError(
      `${plain} is a whole number of more than 64 bits, which SQLite does not have; send it as text`,
    );
  }
  return plain;
}

/** A whole number, as a text where it has more than 64 bits. */
export function plainWhole(value: bigint): bigint | string {
  return value < LEAST || value > MOST ? String(value) : value;
}

/** Whole numbers come back as numbers while they are exact, as bigint beyond 2^53. */
export function readRow(names: readonly string[], values: readonly unknown[]): Row {
  const row: Row = {};
  for (let i = 0; i < names.length; i++) {
    const value = values[i];
    row[names[i] ?? ""] = typeof value === "bigint" && Number.isSafeInteger(Number(value))
      ? Number(value)
      : value;
  }
  return row;
}

/** What a column makes of a text of digits (SQLite, "Datatypes", 3.1): in `numbers` whole numbers of 64 bits stay such. */
export type Affinity = "numbers" | "floats" | "none";

export function affinityOf(declared: string): Affinity {
  const type = declared.toUpperCase();
  if (type.includes("INT")) return "numbers";
  if (/CHAR|CLOB|TEXT|BLOB/.test(type) || type === "") return "none";
  return /REAL|FLOA|DOUB/.test(type) ? "floats" : "numbers";
}

/** A number of eight bytes says so many decimal digits, whichever they are. */
const EXACT_DIGITS = 15;
/** Digits of the largest whole number of 64 bits. */
const LONGEST_WHOLE = 19;
const DECIMAL = /^\s*[+-]?(\d*)(?:(\.)(\d*))?(e[+-]?\d+)?\s*$/i;

/**
 * A text of digits in a column of numbers, and a whole number in one of floating point numbers, becomes one of 64 bits or of
 * 15 digits and a point.
 *
 * @throws TypeError where that is not the same value
 */
export function checkExact(value: SqliteValue, affinity: Affinity): void {
  if (affinity === "none" || (typeof value === "bigint" && affinity === "numbers")) return;
  if (typeof value !== "string" && typeof value !== "bigint") return;
  if (typeof value === "bigint" && Number.isSafeInteger(Number(value))) return;
  if (keepsDigits(String(value).trim(), affinity)) return;
  const numbers = affinity === "floats" ? "floating point numbers" : "numbers";
  throw new TypeError(
    `"${value}" has more digits than SQLite keeps in a column of ${numbers}; give the column the type TEXT`,
  );
}

function keepsDigits(text: string, affinity: Affinity): boolean {
  const [, whole = "", point, fraction = "", exponent] = DECIMAL.exec(text) ?? [];
  // No number: it stays a text.
  if (whole + fraction === "") return true;
  const significant = (whole + fraction).replace(/^0+/, "").replace(/0+$/, "");
  if (significant === "") return true;
  if (point === undefined && exponent === undefined && whole.replace(/^0+/, "").length <= LONGEST_WHOLE) {
    const number = BigInt(text.replace(/^\+/, ""));
    const isWhole = number >= LEAST && number <= MOST;
    if (isWhole && (affinity === "numbers" || BigInt(Number(number)) === number)) return true;
  }
  if (significant.length > EXACT_DIGITS) return false;
  // Neither too large nor too close to nought.
  const [digits = ""] = Math.abs(Number(text)).toExponential(significant.length - 1).split("e");
  return digits.replace(".", "") === significant;
}
