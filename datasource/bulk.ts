/** Many rows at once: statements with many rows each. */
import type { CallOptions, Row, Session } from "./database.ts";
import type { Dialect } from "./sql.ts";

/** Rows by place: each has a value for every column. */
export type Rows = readonly (readonly unknown[])[];

/** Where rows go. */
export interface RowTarget {
  /** Such as `orders` or `sales.orders`. */
  readonly table: string;
  readonly columns: readonly string[];
  /** Columns by which a row that is there already is known: it is changed. Without them it is an error. */
  readonly keys?: readonly string[];
}

/** Databases whose fastest way is an `INSERT` with the values of many rows. */
export type MultiRowDialect = "mysql" | "sqlite";

/** Most values of one statement (the protocols' limits; SQLite's is 32,766 by default). */
const MAX_VALUES: Readonly<Record<MultiRowDialect, number>> = {
  mysql: 65_535,
  sqlite: 32_766,
};
/** More rows in one statement are no faster. */
const MAX_ROWS = 1_000;

/**
 * A name as it stands in a statement, each of its parts between quotes. Oracle keeps names that were not quoted in capitals:
 * one in small letters means that.
 */
export function quotedName(name: string, dialect: Dialect): string {
  if (dialect === "oracle") {
    return name.split(".").map((part) => `"${/[A-Z]/.test(part) ? part : part.toUpperCase()}"`).join(".");
  }
  const [open, close] = dialect === "mysql" ? "``" : dialect === "sqlserver" ? "[]" : '""';
  const quoted = (part: string) => open + part.replaceAll(String(close), `${close}${close}`) + close;
  return name.split(".").map(quoted).join(".");
}

/** Inserts rows by as few statements as may be. */
export async function insertRows(
  session: Session,
  dialect: MultiRowDialect,
  { table, columns, keys }: RowTarget,
  batches: AsyncIterable<Rows>,
  options: CallOptions,
): Promise<void> {
  const most = Math.max(1, Math.min(MAX_ROWS, Math.floor(MAX_VALUES[dialect] / columns.length)));
  const names = columns.map((each) => quotedName(each, dialect));
  const tail = keys ? ` ${upsertTail(columns, keys, dialect)}` : "";
  const marks = `(${columns.map(() => "?").join(", ")})`;
  for await (const rows of batches) {
    for (let from = 0; from < rows.length; from += most) {
      const some = rows.slice(from, from + most);
      const all = some.map(() => marks).join(", ");
      const text = `INSERT INTO ${quotedName(table, dialect)} (${names.join(", ")}) VALUES ${all}${tail}`;
      await session.execute({ text, values: some.flat() }, options);
    }
  }
}

/** What an `INSERT` ends with so that rows that are there already are changed. */
export function upsertTail(
  columns: readonly string[],
  keys: readonly string[],
  dialect: "postgresql" | MultiRowDialect,
): string {
  const changed = columns.filter((each) => !keys.includes(each));
  const name = (each: string) => quotedName(each, dialect);
  if (dialect === "mysql") {
    const [first = ""] = keys;
    const all = changed.length > 0 ? changed : [first];
    return `ON DUPLICATE KEY UPDATE ${all.map((each) => `${name(each)} = VALUES(${name(each)})`).join(", ")}`;
  }
  const target = `ON CONFLICT (${keys.map(name).join(", ")})`;
  return changed.length === 0
    ? `${target} DO NOTHING`
    : `${target} DO UPDATE SET ${changed.map((each) => `${name(each)} = excluded.${name(each)}`).join(", ")}`;
}

/** Rows as objects in the order of the columns; each must have the same columns as the first. */
export function rowsByPlace(rows: readonly Row[], columns: readonly string[], from: number): unknown[][] {
  return rows.map((row, i) => {
    const keys = Object.keys(row);
    const missing = columns.find((each) => !Object.hasOwn(row, each));
    if (missing === undefined && keys.length === columns.length) return columns.map((each) => row[each]);
    const odd = missing ?? keys.find((each) => !columns.includes(each));
    throw new TypeError(
      `row ${from + i + 1}: ${
        missing === undefined ? "it has" : "it lacks"
      } the column "${odd}", unlike the first row`,
    );
  });
}
