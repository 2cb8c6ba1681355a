/** Values of MySQL and MariaDB, as they are sent and as every database gives them; see docs/databases.md. */
import { Buffer } from "node:buffer";
import type { FieldPacket } from "mysql2";
import { checkDistinct } from "../../column_names.ts";
import type { CallOptions, Row } from "../../database.ts";
import { instantOf, instantText, isInstant, shortestFloat, toSent, wholeNumber } from "../../values.ts";

/** Column types of the protocol (MySQL, "Column Definition"). */
const TYPE = {
  float: 4,
  timestamp: 7,
  longlong: 8,
  date: 10,
  datetime: 12,
  bit: 16,
  json: 245,
  geometry: 255,
} as const;
const DATED: readonly number[] = [TYPE.date, TYPE.datetime, TYPE.timestamp];

export type MysqlValue = string | number | bigint | boolean | null | Buffer;

/**
 * Whole numbers go as such: a prepared `LIMIT ?` takes no fraction. Moments go as the section's clocks show them, which is
 * also how the session reads them.
 */
export function sent(value: unknown, zone: string): MysqlValue {
  if (isInstant(value)) {
    checkOnce(value, zone);
    return instantText(value, zone, "nothing");
  }
  const plain = toSent(value);
  if (plain instanceof Uint8Array) return Buffer.from(plain);
  return typeof plain === "number" && Number.isSafeInteger(plain) ? BigInt(plain) : plain;
}

/** An hour that comes twice: of its second pass the text would say the first. */
function checkOnce(value: Parameters<typeof instantOf>[0], zone: string): void {
  const local = instantOf(value).toZonedDateTimeISO(zone);
  const first = local.toPlainDateTime().toZonedDateTime(zone, { disambiguation: "earlier" });
  if (first.epochNanoseconds === local.epochNanoseconds) return;
  throw new TypeError(
    `${
      instantOf(value)
    } is in the hour that comes twice in ${zone}, which a time without a zone cannot say; set timezone = UTC`,
  );
}

type Read = (value: unknown) => unknown;

function readerOf(
  field: FieldPacket,
  { strings = false, exact = false, instants = false }: CallOptions,
  zone: string,
): Read | undefined {
  const type = field.type ?? field.columnType;
  if (type === undefined || (strings && DATED.includes(type))) return undefined;
  if (type === TYPE.timestamp && instants) return (value) => instantFrom(String(value), zone);
  if (type === TYPE.timestamp && exact) return (value) => timeOnce(String(value), zone);
  if (type === TYPE.geometry && exact) throw new TypeError(noShapes(field.name));
  if (type === TYPE.json && exact) return undefined;
  if (type === TYPE.bit) {
    return field.columnLength === 1 ? (value) => (value as Uint8Array)[0] === 1 : undefined;
  }
  return READERS[type];
}

export function readRows(
  rows: readonly (readonly unknown[])[],
  fields: readonly FieldPacket[],
  call: CallOptions,
  zone: string,
): Row[] {
  checkDistinct(fields.map(({ name }) => name), call);
  const columns = fields.map((field) => ({ name: field.name, read: readerOf(field, call, zone) }));
  return rows.map((values) => {
    const row: Row = {};
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i];
      const value = values[i];
      if (!column) continue;
      row[column.name] = value === null || value === undefined
        ? null
        : column.read
        ? column.read(value)
        : value instanceof Uint8Array
        ? new Uint8Array(value)
        : value;
    }
    return row;
  });
}

const READERS: Readonly<Record<number, Read>> = {
  [TYPE.longlong]: (value) => wholeNumber(String(value)),
  [TYPE.float]: (value) => shortestFloat(Number(value)),
  [TYPE.date]: orText((text) => Temporal.PlainDate.from(text)),
  [TYPE.datetime]: orText((text) => Temporal.PlainDateTime.from(text)),
  [TYPE.timestamp]: orText((text) => Temporal.PlainDateTime.from(text)),
  [TYPE.json]: (value) => typeof value === "string" ? JSON.parse(value) : value,
};

/** A moment from the session's text of it. In the hour that comes twice nobody can say which one it is. */
function instantFrom(text: string, zone: string): unknown {
  if (!DATE.test(text)) return text;
  const local = Temporal.PlainDateTime.from(text);
  const earlier = local.toZonedDateTime(zone, { disambiguation: "earlier" }).toInstant();
  if (earlier.equals(local.toZonedDateTime(zone, { disambiguation: "later" }).toInstant())) return earlier;
  throw new TypeError(
    `${text} is in the hour that comes twice or not at all in ${zone}; set timezone = UTC in the section to copy it`,
  );
}

/** A time of the session's zone, where it can be one moment alone. */
function timeOnce(text: string, zone: string): unknown {
  return instantFrom(text, zone) instanceof Temporal.Instant ? Temporal.PlainDateTime.from(text) : text;
}

function noShapes(column: string): string {
  return `column "${column}": shapes are not copied as such; ask for their text (ST_AsText) or bytes (ST_AsWKB)`;
}

const DATE = /^\d{4}-(?!00)\d\d-(?!00)\d\d/;

/** MySQL's zero date, which is none, stays a text. */
function orText(parse: (text: string) => unknown): Read {
  return (value) => {
    const text = String(value);
    return DATE.test(text) ? parse(text) : text;
  };
}
