/** Values of PostgreSQL: read from the texts that the server writes, and written as texts that it reads. */
import { Buffer } from "node:buffer";
import { checkDistinct } from "../../column_names.ts";
import type { CallOptions, Row } from "../../database.ts";
import { instantText, isInstant, numberText, toSent, wholeNumber } from "../../values.ts";
import { PostgresArray } from "../../sql.ts";
import type { FieldFacts, TextRow } from "./exchange.ts";

type Read = (text: string) => unknown;

const moment = (read: Read): Read => (text) =>
  // `infinity` and years before our era, which Temporal does not write this way, stay texts.
  /^\d{4}-.*(?<!BC)$/.test(text) ? read(text) : text;

const asDate = moment((text) => Temporal.PlainDate.from(text));
const asTimestamp = moment((text) => Temporal.PlainDateTime.from(text));
const asInstant = moment((text) => Temporal.Instant.from(text));
const asBytes: Read = (text) => Uint8Array.fromHex(text.slice(2));
const asBoolean: Read = (text) => text === "t";
const asJson: Read = (text) => JSON.parse(text);

/** Readers by object id of the type (PostgreSQL, `pg_type.dat`); the others stay texts. */
const SCALARS: Readonly<Record<number, Read>> = {
  16: asBoolean,
  17: asBytes,
  20: wholeNumber,
  21: Number,
  23: Number,
  26: Number,
  114: asJson,
  700: Number,
  701: Number,
  1082: asDate,
  1114: asTimestamp,
  1184: asInstant,
  3802: asJson,
};
const DATED: readonly number[] = [1082, 1114, 1184, 1115, 1182, 1185];
const JSON_TYPES: readonly number[] = [114, 3802];

const text: Read = (given) => given;
/** Lists by object id, with what reads an item. */
const LISTS: Readonly<Record<number, Read>> = {
  143: text,
  199: asJson,
  271: text,
  651: text,
  719: text,
  791: text,
  1017: text,
  1040: text,
  1041: text,
  1000: asBoolean,
  1001: asBytes,
  1002: text,
  1003: text,
  1005: Number,
  1007: Number,
  1009: text,
  1014: text,
  1015: text,
  1016: wholeNumber,
  1021: Number,
  1022: Number,
  1028: Number,
  1115: asTimestamp,
  1182: asDate,
  1183: text,
  1185: asInstant,
  1187: text,
  1231: text,
  1270: text,
  1561: text,
  1563: text,
  2951: text,
  3807: asJson,
};

function readerOf(type: number, { strings = false, exact = false }: CallOptions): Read | undefined {
  if (strings && DATED.includes(type)) return undefined;
  const list = LISTS[type];
  if (exact && (list || JSON_TYPES.includes(type))) return undefined;
  return list ? (given) => listOf(given, list) : SCALARS[type];
}

/** Rows as every database gives them; see docs/databases.md. */
export function readRows(fields: readonly FieldFacts[], rows: readonly TextRow[], call: CallOptions): Row[] {
  checkDistinct(fields.map(({ name }) => name), call);
  const columns = fields.map(({ name, dataTypeID }) => ({ name, read: readerOf(dataTypeID, call) }));
  return rows.map((values) => {
    const row: Row = {};
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i];
      const value = values[i] ?? null;
      if (column) row[column.name] = value === null || !column.read ? value : column.read(value);
    }
    return row;
  });
}

/** An array as the server writes it (PostgreSQL, 8.15.6): `{1,NULL,"a \"b\"",{2,3}}`. */
export function listOf(given: string, read: Read): unknown[] {
  // The bounds of one that does not begin at 1 stand before it.
  let at = given.indexOf("{");
  const items = (): unknown[] => {
    const found: unknown[] = [];
    at++;
    while (given[at] !== "}" && at < given.length) {
      if (given[at] === ",") at++;
      else if (given[at] === "{") found.push(items());
      else found.push(item());
    }
    at++;
    return found;
  };
  const item = (): unknown => {
    if (given[at] !== '"') {
      const start = at;
      while (at < given.length && given[at] !== "," && given[at] !== "}") at++;
      const bare = given.slice(start, at);
      return bare === "NULL" ? null : read(bare);
    }
    let quoted = "";
    for (at++; given[at] !== '"'; at++) {
      if (given[at] === "\\") at++;
      quoted += given[at] ?? "";
    }
    at++;
    return read(quoted);
  };
  return at < 0 ? [] : items();
}

/** A list as the server reads it. */
export function listText(list: readonly unknown[], zone: string): string {
  return `{${
    list.map((each) => {
      if (Array.isArray(each)) return listText(each, zone);
      const plain = textOf(each, zone);
      return plain === null ? "NULL" : `"${plain.replace(/["\\]/g, "\\$&")}"`;
    }).join(",")
  }}`;
}

/** A value as text: the server knows best which type it wants. */
export function textOf(value: unknown, zone: string): string | null {
  if (typeof value === "number") return numberText(value);
  if (value instanceof PostgresArray) return listText(value.items, zone);
  // In the section's zone and with its offset: right for columns with a zone and for those without.
  if (isInstant(value)) return instantText(value, zone, "offset");
  const plain = toSent(value);
  if (plain === null) return null;
  return plain instanceof Uint8Array ? `\\x${plain.toHex()}` : String(plain);
}

/** A parameter: bytes as such, everything else as text. */
export function sent(value: unknown, zone: string): string | null | Buffer {
  return value instanceof Uint8Array ? Buffer.from(value) : textOf(value, zone);
}
