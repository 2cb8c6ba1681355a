/** Values of Oracle, as they are sent and as every database gives them; and the statement that takes many rows. */
import { Buffer } from "node:buffer";
// @ts-types="npm:@types/oracledb@7.0.3"
import type * as Oracle from "oracledb";
import type { CallOptions, Row, Rows, RowTarget } from "../../database.ts";
import { messageOf } from "../../../app/base/errors.ts";
import { quotedName } from "../../names.ts";
import { placeholder } from "../../sql.ts";
import { instantOf, instantText, isInstant, toSent, wholeNumber } from "../../values.ts";
import type { OracleDate } from "./thin_mode.ts";

/** Longest text of a `MERGE`: its rows are those of a question, whose texts are of SQL and no longer. */
export const LONGEST_MERGED = 4_000;

/** The statements in place of a `MERGE` for texts that it does not take: the row is changed, or else inserted. */
export function changeText({ table, columns, keys = [] }: RowTarget): string {
  const name = (each: string) => quotedName(each, "oracle");
  const place = (each: string) => placeholder("oracle", columns.indexOf(each) + 1);
  const changed = columns.filter((each) => !keys.includes(each));
  const same = keys.map((each) => `${name(each)} = ${place(each)}`).join(" AND ");
  const insert = insertText({ table, columns });
  const change = changed.length === 0
    ? `SELECT COUNT(*) INTO found FROM ${name(table)} WHERE ${same}; IF found = 0 THEN ${insert}; END IF;`
    : `UPDATE ${name(table)} SET ${
      changed.map((each) => `${name(each)} = ${place(each)}`).join(", ")
    } WHERE ${same}; ` +
      `IF SQL%ROWCOUNT = 0 THEN ${insert}; END IF;`;
  return `${changed.length === 0 ? "DECLARE found NUMBER; " : ""}BEGIN ${change} END;`;
}

/** The statement that takes one row of a batch; with keys it changes the row that is there. */
export function insertText({ table, columns, keys }: RowTarget): string {
  const name = (each: string) => quotedName(each, "oracle");
  const names = columns.map(name);
  const places = columns.map((_, i) => placeholder("oracle", i + 1));
  if (!keys) return `INSERT INTO ${name(table)} (${names.join(", ")}) VALUES (${places.join(", ")})`;
  const changed = columns.filter((each) => !keys.includes(each)).map(name);
  return [
    `MERGE INTO ${name(table)} t`,
    `USING (SELECT ${places.map((place, i) => `${place} AS ${names[i]}`).join(", ")} FROM dual) s`,
    `ON (${keys.map((each) => `t.${name(each)} = s.${name(each)}`).join(" AND ")})`,
    changed.length === 0
      ? ""
      : `WHEN MATCHED THEN UPDATE SET ${changed.map((each) => `t.${each} = s.${each}`).join(", ")}`,
    `WHEN NOT MATCHED THEN INSERT (${names.join(", ")}) VALUES (${
      names.map((each) => `s.${each}`).join(", ")
    })`,
  ].filter((each) => each !== "").join(" ");
}

/**
 * Dates and times go as texts in the session's formats, which are set to match: a moment too where it is finer than the
 * milliseconds of a `Date`, with the offset of the section's zone. What has no number of its own goes as text.
 */
export function sent(value: unknown, zone = "UTC"): string | number | null | Date | Buffer {
  if (isInstant(value)) {
    const instant = instantOf(value);
    return instant.epochNanoseconds % 1_000_000n === 0n
      ? new Date(instant.epochMilliseconds)
      : instantText(instant, zone, "offset").replace(/([+-]\d\d:\d\d)$/, " $1");
  }
  const plain = toSent(value);
  if (typeof plain === "bigint") return String(plain);
  if (typeof plain === "boolean") return Number(plain);
  return plain instanceof Uint8Array ? Buffer.from(plain) : plain;
}

/** Longest text or bytes of a parameter of a statement; longer ones go as large objects. */
const LONGEST = 32_767;

type BindTypes = Pick<
  typeof Oracle,
  "STRING" | "BUFFER" | "NUMBER" | "BLOB" | "CLOB" | "DB_TYPE_TIMESTAMP_TZ"
>;

/** One type for all values of a column: what is not all numbers, moments or bytes goes as text. */
function bindOf(oracle: BindTypes, values: readonly unknown[]): Oracle.BindDefinition {
  const given = values.filter((each) => each !== null);
  const sizes = given.map((each) =>
    each instanceof Uint8Array ? each.length : new TextEncoder().encode(String(each)).length
  );
  const maxSize = sizes.reduce((most, each) => Math.max(most, each), 1);
  if (given.some((each) => each instanceof Uint8Array)) {
    return maxSize > LONGEST ? { type: oracle.BLOB } : { type: oracle.BUFFER, maxSize };
  }
  if (given.length > 0 && given.every((each) => typeof each === "number")) return { type: oracle.NUMBER };
  if (given.length > 0 && given.every((each) => each instanceof Date)) {
    return { type: oracle.DB_TYPE_TIMESTAMP_TZ };
  }
  return maxSize > LONGEST ? { type: oracle.CLOB } : { type: oracle.STRING, maxSize };
}

/** The rows of a batch as they are sent, and the types of their columns. */
export function bindsOf(
  oracle: BindTypes,
  columns: readonly string[],
  rows: Rows,
  { zone = "UTC", from = 0 }: { readonly zone?: string; readonly from?: number } = {},
): { readonly values: unknown[][]; readonly bindDefs: Oracle.BindDefinition[] } {
  const values: unknown[][] = rows.map((row, i) =>
    row.map((value, place) => {
      try {
        return sent(value, zone);
      } catch (cause) {
        throw new TypeError(`row ${from + i + 1}, column "${columns[place]}": ${messageOf(cause)}`, {
          cause,
        });
      }
    })
  );
  const bindDefs = columns.map((_, i) => bindOf(oracle, values.map((row) => row[i])));
  const asText = bindDefs.map(({ type }) => type === oracle.STRING || type === oracle.CLOB);
  return {
    values: values.map((row) => row.map((each, i) => asText[i] && each !== null ? textOf(each, zone) : each)),
    bindDefs,
  };
}

function textOf(value: unknown, zone: string): string {
  return value instanceof Date
    ? instantText(value, zone, "offset").replace(/([+-]\d\d:\d\d)$/, " $1")
    : String(value);
}

type ColumnFacts = Pick<Oracle.Metadata<unknown>, "dbType">;
type TypeNames = Pick<
  typeof Oracle,
  | "STRING"
  | "BUFFER"
  | "DB_TYPE_NUMBER"
  | "DB_TYPE_DATE"
  | "DB_TYPE_TIMESTAMP"
  | "DB_TYPE_TIMESTAMP_TZ"
  | "DB_TYPE_TIMESTAMP_LTZ"
  | "DB_TYPE_CLOB"
  | "DB_TYPE_NCLOB"
  | "DB_TYPE_BLOB"
>;

/** How the values of a column are read; times from what the server wrote, see {@link OracleDate}. */
export function readerOf(
  oracle: TypeNames,
  { dbType }: ColumnFacts,
  { strings = false }: CallOptions,
): Oracle.FetchTypeResponse | undefined {
  const moment = (read: (date: OracleDate) => unknown): Oracle.FetchTypeResponse => ({
    type: dbType,
    converter: (value: unknown) => {
      if (!(value instanceof Date)) return value;
      const found = read(value);
      return strings ? String(found).replace("T", " ") : found;
    },
  });
  switch (dbType) {
    case oracle.DB_TYPE_NUMBER:
      return {
        type: oracle.STRING,
        converter: (text: unknown) => typeof text === "string" ? numberOf(text) : text,
      };
    case oracle.DB_TYPE_DATE:
    case oracle.DB_TYPE_TIMESTAMP:
      return moment(({ written }) => written);
    case oracle.DB_TYPE_TIMESTAMP_TZ:
    case oracle.DB_TYPE_TIMESTAMP_LTZ:
      return moment(exactInstant);
    case oracle.DB_TYPE_CLOB:
    case oracle.DB_TYPE_NCLOB:
      return { type: oracle.STRING };
    case oracle.DB_TYPE_BLOB:
      return { type: oracle.BUFFER };
    default:
      return undefined;
  }
}

/** The driver's moment, and what is finer than its milliseconds. */
function exactInstant(date: OracleDate): Temporal.Instant {
  const { microsecond = 0, nanosecond = 0 } = date.written ?? {};
  return Temporal.Instant.fromEpochMilliseconds(date.getTime()).add({
    microseconds: microsecond,
    nanoseconds: nanosecond,
  });
}

/** Oracle has one kind of number: whole ones are numbers, with a fraction they are decimals and stay texts. */
function numberOf(text: string): number | bigint | string {
  const plain = text.replace(/^(-?)\./, "$10.");
  if (!/^-?\d+$/.test(plain)) return plain;
  return wholeNumber(plain);
}

/** A row with its bytes in a plain array. */
export function plainRow(row: Row): Row {
  const plain: Row = {};
  for (const [name, value] of Object.entries(row)) {
    plain[name] = value instanceof Uint8Array ? new Uint8Array(value) : value;
  }
  return plain;
}
