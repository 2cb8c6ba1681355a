/** Values of SQL Server, as they are sent and as every database gives them; see docs/databases.md. */
import { Buffer } from "node:buffer";
import { TYPES } from "tedious";
import type { CallOptions, Row } from "../../database.ts";
import {
  checkFloat,
  instantOf,
  instantText,
  isInstant,
  shortestFloat,
  toSent,
  wholeNumber,
} from "../../values.ts";

/** What the driver says about a column of an answer. */
export interface ColumnFacts {
  readonly colName: string;
  readonly type: { readonly name: string };
  /** Bytes of a value, where there are several for its type. */
  readonly dataLength?: number | undefined;
}

type TediousType = (typeof TYPES)[keyof typeof TYPES];

export interface TypedValue {
  readonly type: TediousType;
  readonly value: unknown;
  readonly options?: { readonly length?: number; readonly scale?: number };
}

/** The finest there is: a tenth of a microsecond. */
const SCALE = { scale: 7 };

/**
 * A value with the type that it is sent as. Times go as times, which the server turns into each of its own kinds; texts are
 * converted by the server, which knows best what it wants.
 */
export function typed(value: unknown, zone: string): TypedValue {
  if (isInstant(value)) {
    return { type: TYPES.DateTimeOffset, value: withOffset(instantOf(value), zone), options: SCALE };
  }
  if (value instanceof Temporal.PlainDateTime) {
    return { type: TYPES.DateTime2, value: asDate(value.toZonedDateTime("UTC").toInstant()), options: SCALE };
  }
  const plain = toSent(value);
  switch (typeof plain) {
    case "boolean":
      return { type: TYPES.Bit, value: plain };
    case "number":
      if (!Number.isSafeInteger(plain)) return { type: TYPES.Float, value: plain };
      return Math.abs(plain) < 2 ** 31
        ? { type: TYPES.Int, value: plain }
        : { type: TYPES.BigInt, value: String(plain) };
    case "bigint":
      return plain === BigInt.asIntN(64, plain)
        ? { type: TYPES.BigInt, value: String(plain) }
        : { type: TYPES.NVarChar, value: String(plain), options: { length: 40 } };
    case "string":
      return {
        type: TYPES.NVarChar,
        value: plain,
        options: { length: plain.length > 4_000 ? Infinity : 4_000 },
      };
    default:
      return plain === null
        ? { type: TYPES.NVarChar, value: null, options: { length: 1 } }
        : { type: TYPES.VarBinary, value: Buffer.from(plain), options: { length: Infinity } };
  }
}

/** A `Date` with what is finer than milliseconds, as the driver takes it: in seconds. */
function asDate(instant: Temporal.Instant): Date {
  const nanoseconds = Number(instant.epochNanoseconds - BigInt(instant.epochMilliseconds) * 1_000_000n);
  return Object.assign(new Date(instant.epochMilliseconds), { nanosecondDelta: nanoseconds / 1e9 });
}

/** The driver asks a `Date` for the offset: here it is that of the section's zone. */
function withOffset(instant: Temporal.Instant, zone: string): Date {
  const minutes = instant.toZonedDateTimeISO(zone).offsetNanoseconds / 60e9;
  return Object.assign(asDate(instant), { getTimezoneOffset: () => -Math.trunc(minutes) });
}

/** Types of columns that take bytes. */
const BINARY = /^(?:var)?binary$|^image$/;

export function isBinary(type: string): boolean {
  return BINARY.test(type);
}

/** A value as text, on its way through a table of the session into a column of a type. */
export function staged(value: unknown, type: string, zone: string): string | Buffer | null {
  if (isInstant(value)) {
    return instantText(value, zone, type === "datetimeoffset" ? "offset" : "nothing").replace(" ", "T");
  }
  // With a T between date and time: with a space, DATETIME reads them as the session's language has them.
  if (value instanceof Temporal.PlainDateTime) return value.toString();
  const plain = toSent(value);
  if (plain === null) return null;
  if (type === "float" || type === "real") checkFloat(plain, type === "real" ? 4 : 8);
  if (plain instanceof Uint8Array) return isBinary(type) ? Buffer.from(plain) : `0x${plain.toHex()}`;
  if (typeof plain === "number") return plainDecimal(plain);
  return typeof plain === "boolean" ? String(Number(plain)) : String(plain);
}

/** A number without an exponent, which DECIMAL does not read. */
function plainDecimal(value: number): string {
  const text = String(value);
  const found = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!found) return text;
  const [, sign = "", first = "", rest = "", exponent = ""] = found;
  const digits = first + rest;
  const point = 1 + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, "0").slice(0, point)}${
    digits.length > point ? `.${digits.slice(point)}` : ""
  }`;
}

/** Columns that the server reads from a text by way of another type: microseconds do not fit into DATETIME. */
export function fromStage(name: string, type: string): string {
  return type === "datetime" || type === "smalldatetime"
    ? `CONVERT(${type}, CONVERT(datetime2(7), s.${name}))`
    : `s.${name}`;
}

export function readRow(
  values: readonly unknown[],
  columns: readonly ColumnFacts[],
  { strings = false }: CallOptions,
): Row {
  const row: Row = {};
  columns.forEach((column, i) => {
    row[column.colName] = readValue(values[i], column, strings);
  });
  return row;
}

function readValue(
  value: unknown,
  { type: { name: type }, dataLength }: ColumnFacts,
  strings: boolean,
): unknown {
  if (value === undefined) return null;
  if (value instanceof Date) {
    const read = momentOf(value, type);
    return strings ? String(read).replace("T", " ") : read;
  }
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (typeof value === "number" && (type === "Real" || (type === "FloatN" && dataLength === 4))) {
    return shortestFloat(value);
  }
  return typeof value === "string" && /^(?:BigInt|IntN)$/.test(type) ? wholeNumber(value) : value;
}

/** The driver gives a `Date` to the millisecond, and what is finer besides, in seconds. */
function momentOf(date: Date & { readonly nanosecondsDelta?: number }, type: string): unknown {
  const finer = Math.round((date.nanosecondsDelta ?? 0) * 1e9);
  const instant = Temporal.Instant.fromEpochMilliseconds(date.getTime()).add({ nanoseconds: finer });
  if (type.startsWith("DateTimeOffset")) return instant;
  const local = instant.toZonedDateTimeISO("UTC").toPlainDateTime();
  if (type === "Date") return local.toPlainDate();
  return type === "Time" ? local.toPlainTime() : local;
}
