/** Values between Carillon and Python code: JSON, with a mark on what JSON has no form for. */
import type { Row } from "../../../datasource/database.ts";

/** A value that JSON alone would change; `$` names its kind, `v` holds it. */
interface Marked {
  readonly $:
    | "integer"
    | "number"
    | "bytes"
    | "instant"
    | "datetime"
    | "date"
    | "time"
    | "duration"
    | "json"
    | "list";
  readonly v: unknown;
}

/** Rows as Python gets them. */
export interface SentRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** @param jsonAsText MySQL's own driver for Python gives JSON as the text that it is */
export function sentRows(rows: readonly Row[], jsonAsText: boolean): SentRows {
  const columns = Object.keys(rows[0] ?? {});
  return {
    columns,
    rows: rows.map((row) => columns.map((column) => sentValue(row[column], jsonAsText))),
  };
}

function sentValue(value: unknown, jsonAsText: boolean): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === "bigint") return marked("integer", String(value));
  if (typeof value === "number") return Number.isFinite(value) ? value : marked("number", numberText(value));
  if (typeof value !== "object") return value;
  if (value instanceof Uint8Array) return marked("bytes", value.toBase64());
  if (value instanceof Temporal.Instant) return marked("instant", value.toString());
  if (value instanceof Temporal.PlainDateTime) return marked("datetime", value.toString());
  if (value instanceof Temporal.PlainDate) return marked("date", value.toString());
  if (value instanceof Temporal.PlainTime) return marked("time", value.toString());
  if (value instanceof Temporal.Duration) return marked("duration", secondsOf(value));
  if (Array.isArray(value)) return marked("list", value.map((each) => sentValue(each, jsonAsText)));
  return jsonAsText ? JSON.stringify(value) : marked("json", value);
}

function marked(kind: Marked["$"], v: unknown): Marked {
  return { $: kind, v };
}

/** Text that Python's `float` reads. */
function numberText(value: number): string {
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

/** Months of an interval are counted as 30 days, years as 365. */
function secondsOf(value: Temporal.Duration): number {
  const { years, months } = value;
  return value.with({ years: 0, months: 0 }).total({ unit: "seconds", relativeTo: "1970-01-01" }) +
    (years * 365 + months * 30) * 86_400;
}

/** A value that Python code has sent. @throws TypeError for what it cannot have sent */
export function receivedValue(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { $, v } = value as Partial<Marked>;
  if ($ === "list" && Array.isArray(v)) return v.map(receivedValue);
  if ($ === "integer" && typeof v === "string") return BigInt(v);
  if ($ === "bytes" && typeof v === "string") return Uint8Array.fromBase64(v);
  throw new TypeError("a value that Python code sent to a database has no known form");
}
