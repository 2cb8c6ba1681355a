/** Rows in COPY's text format (PostgreSQL, "COPY", File Formats): a tab between values, a line for each row. */
import { messageOf } from "../../../app/base/errors.ts";
import type { Rows } from "../../database.ts";
import { checkedText, checkFloat, jsonText, numberText } from "../../values.ts";
import type { TargetColumn } from "./columns.ts";
import { listText, textOf } from "./values.ts";

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/**
 * @param from how many rows were sent before, for those that cannot be
 */
export function copyText(
  rows: Rows,
  columns: readonly Pick<TargetColumn, "name" | "kind" | "floatBytes">[],
  { zone, from = 0 }: { readonly zone: string; readonly from?: number },
): string {
  let text = "";
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] ?? [];
    let between = "";
    for (let place = 0; place < row.length; place++) {
      const { kind = "other", floatBytes } = columns[place] ?? {};
      try {
        if (floatBytes) checkFloat(row[place], floatBytes);
        text += between + copyValue(row[place], kind, zone);
      } catch (cause) {
        throw new TypeError(`row ${from + i + 1}, column "${columns[place]?.name}": ${messageOf(cause)}`, {
          cause,
        });
      }
      between = "\t";
    }
    text += "\n";
  }
  return text;
}

function copyValue(value: unknown, kind: TargetColumn["kind"], zone: string): string {
  if (typeof value === "number" && kind !== "json") return numberText(value);
  const plain = typeof value === "string" ? checkedText(value) : plainText(value, kind, zone);
  if (plain === null) return "\\N";
  return /[\\\t\n\r]/.test(plain) ? plain.replace(/[\\\t\n\r]/g, (found) => ESCAPES[found] ?? found) : plain;
}

function plainText(value: unknown, kind: TargetColumn["kind"], zone: string): string | null {
  if (value === null || value === undefined) return null;
  if (kind === "list" && Array.isArray(value)) return listText(value, zone);
  // A text is JSON already, as another server wrote it.
  if (kind === "json") return jsonText(value);
  return textOf(value, zone);
}
