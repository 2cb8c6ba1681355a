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

/** Column types that turn a text of digits into a number (SQLite, "Datatypes", 3.1). */
export function takesNumbers(declared: string): boolean {
  const type = declared.toUpperCase();
  if (type.includes("INT")) return true;
  return !/CHAR|CLOB|TEXT|BLOB/.test(type) && type !== "";
}

/**
 * A text of digits in a column of numbers becomes one of 64 bits, or of 15 digits and a point.
 *
 * @throws TypeError where that is not the same value
 */
export function checkExact(value: SqliteValue): void {
  if (typeof value !== "string") return;
  const digits = /^\s*([+-]?)0*(\d*)\.?(\d*?)0*\s*$/.exec(value);
  if (!digits) return;
  const [, , whole = "", fraction = ""] = digits;
  if (fraction === "" && whole.length <= 18) return;
  if (
    fraction === "" &&
    BigInt(value.trim().replace(/\..*$/, "")) === BigInt.asIntN(64, BigInt(value.trim().replace(/\..*$/, "")))
  ) {
    return;
  }
  const significant = (whole + fraction).replace(/^0+/, "").replace(/0+$/, "");
  if (significant.length <= 15) return;
  throw new TypeError(
    `"${value}" has more digits than SQLite keeps in a column of numbers; give the column the type TEXT`,
  );
}
