/** Many rows into PostgreSQL by COPY, the fastest way it has. */
import type { Rows } from "./bulk.ts";
import { toSent } from "./sql.ts";

/** Rows in COPY's text format (PostgreSQL, "COPY", File Formats): a tab between values, a line for each row. */
export function copyText(rows: Rows): string {
  let text = "";
  for (const row of rows) {
    let between = "";
    for (const value of row) {
      text += between + copyValue(value);
      between = "\t";
    }
    text += "\n";
  }
  return text;
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

function copyValue(value: unknown): string {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  const plain = typeof value === "string" ? value : toSent(value);
  if (plain === null) return "\\N";
  if (plain instanceof Uint8Array) return `\\\\x${plain.toHex()}`;
  const text = String(plain);
  return /[\\\t\n\r]/.test(text) ? text.replace(/[\\\t\n\r]/g, (found) => ESCAPES[found] ?? found) : text;
}
