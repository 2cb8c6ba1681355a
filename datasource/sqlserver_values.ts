/** Values of SQL Server, as they are sent and as every database gives them. */
import { Buffer } from "node:buffer";
// @ts-types="npm:@types/mssql@12.3.0"
import type * as Mssql from "mssql";
import type { CallOptions, Row } from "./database.ts";
import { toSent } from "./sql.ts";

/** What the driver tells about a column of an answer. */
export interface Column {
  readonly name: string;
  readonly type: unknown;
}

/** A value with the type it is sent as; texts are converted by the server, which knows best what it wants. */
export function typed(sql: typeof Mssql, value: unknown): [Mssql.ISqlType, unknown] {
  const plain = asText(value);
  switch (typeof plain) {
    case "boolean":
      return [sql.Bit(), plain];
    case "number":
      if (!Number.isSafeInteger(plain)) return [sql.Float(), plain];
      return Math.abs(plain) < 2 ** 31 ? [sql.Int(), plain] : [sql.BigInt(), String(plain)];
    case "bigint":
      return plain === BigInt.asIntN(64, plain) ? [sql.BigInt(), String(plain)] : [
        sql.NVarChar(40),
        String(plain),
      ];
    case "string":
      return [sql.NVarChar(plain.length > 4_000 ? sql.MAX : 4_000), plain];
    default:
      return plain === null ? [sql.NVarChar(1), null] : [sql.VarBinary(sql.MAX), Buffer.from(plain)];
  }
}

/** With a `T` between date and time: with a space, DATETIME reads them as the session's language has them. */
export function asText(value: unknown): ReturnType<typeof toSent> {
  return value instanceof Temporal.PlainDateTime ? value.toString() : toSent(value);
}

/** Values as every database gives them; see docs/databases.md. */
export function readRow(
  sql: typeof Mssql,
  row: readonly unknown[] | Row,
  columns: readonly Column[],
  { strings = false }: CallOptions,
): Row {
  // What `FOR JSON` gives is put together by the driver, as one value.
  const values: readonly unknown[] = Array.isArray(row) ? row : Object.values(row);
  const plain: Row = {};
  columns.forEach(({ name, type }, i) => {
    plain[name] = readValue(sql, values[i], type, strings);
  });
  return plain;
}

function readValue(sql: typeof Mssql, value: unknown, type: unknown, strings: boolean): unknown {
  if (value instanceof Date) {
    const read = momentOf(sql, value, type);
    return strings ? String(read).replace("T", " ") : read;
  }
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (type === sql.BigInt && typeof value === "string") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : BigInt(value);
  }
  return value;
}

/** The driver gives a `Date` to the millisecond, and what is finer besides, in seconds. */
function momentOf(
  sql: typeof Mssql,
  date: Date & { readonly nanosecondsDelta?: number },
  type: unknown,
): unknown {
  const finer = Math.round((date.nanosecondsDelta ?? 0) * 1e9);
  const instant = Temporal.Instant.fromEpochMilliseconds(date.getTime()).add({ nanoseconds: finer });
  if (type === sql.DateTimeOffset) return instant;
  const local = instant.toZonedDateTimeISO("UTC").toPlainDateTime();
  if (type === sql.Date) return local.toPlainDate();
  return type === sql.Time ? local.toPlainTime() : local;
}
