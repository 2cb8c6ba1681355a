/** What a task returned as a table: a list of objects by their keys, one object as names and values. */
import { isDeeperThan } from "../base/depth.ts";
import type { ResultView } from "../../templates/components/result_table.tsx";

const MAX_ROWS = 100;
const MAX_COLUMNS = 12;
/** Characters of a value. */
const MAX_VALUE = 500;
/** Levels of lists and objects within each other that are indented. */
const MAX_INDENTED = 12;

/** Undefined for nothing, and for a single value: that stands in a line of its own already. */
export function resultView(result: unknown): ResultView | undefined {
  if (typeof result !== "object" || result === null) return undefined;
  const json = jsonText(result);
  if (!Array.isArray(result)) {
    const rows = Object.entries(result).map(([name, value]) => [name, valueText(value)]);
    return rows.length === 0
      ? undefined
      : { head: [], rows: rows.slice(0, MAX_ROWS), total: rows.length, json };
  }
  if (result.length === 0) return undefined;
  const shown: readonly unknown[] = result.slice(0, MAX_ROWS);
  const head = columnsOf(shown);
  const rows = shown.map((each) =>
    head.length === 0 ? [valueText(each)] : head.map((name) => isRecord(each) ? valueText(each[name]) : "")
  );
  return { head, rows, total: result.length, json };
}

/** In lines of their own, unless most of the text would be blanks before them. */
function jsonText(result: unknown): string {
  return isDeeperThan(MAX_INDENTED, result) ? JSON.stringify(result) : JSON.stringify(result, null, 2);
}

/** The keys of all objects, in the order they come; none where the list has anything else. */
function columnsOf(rows: readonly unknown[]): readonly string[] {
  if (!rows.every(isRecord)) return [];
  return [...new Set(rows.flatMap((row) => Object.keys(row)))].slice(0, MAX_COLUMNS);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function valueText(value: unknown): string {
  if (value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}
