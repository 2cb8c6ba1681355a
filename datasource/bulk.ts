/** Many rows at once: statements with many rows each. */
import type { CallOptions, Row, Session } from "./database.ts";
import { type Dialect, placeholder } from "./sql.ts";

/** Rows of one table, by place: each has a value for every column. */
export interface RowBatch {
  /** Such as `orders` or `sales.orders`. */
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  /** Columns by which a row that is there already is known: it is changed. Without them it is an error. */
  readonly keys?: readonly string[];
}

/** Databases that take many rows in one `INSERT … VALUES`, and change those that clash. */
export type MultiRowDialect = Exclude<Dialect, "oracle" | "sqlserver">;

/** Most values of one statement (the protocols' limits; SQLite's is 32,766 by default). */
const MAX_VALUES: Readonly<Record<MultiRowDialect, number>> = {
  postgresql: 65_535,
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

/** Inserts the rows by as few statements as may be; returns how many there were. */
export async function insertRows(
  session: Session,
  dialect: MultiRowDialect,
  { table, columns, rows, keys }: RowBatch,
  options: CallOptions,
): Promise<number> {
  const most = Math.max(1, Math.min(MAX_ROWS, Math.floor(MAX_VALUES[dialect] / columns.length)));
  const names = columns.map((each) => quotedName(each, dialect));
  const tail = keys ? ` ${upsertTail(columns, keys, dialect)}` : "";
  for (let from = 0; from < rows.length; from += most) {
    const some = rows.slice(from, from + most);
    let place = 0;
    const marks = some.map((row) => `(${row.map(() => placeholder(dialect, ++place)).join(", ")})`);
    const text = `INSERT INTO ${quotedName(table, dialect)} (${names.join(", ")}) VALUES ${
      marks.join(", ")
    }${tail}`;
    await session.execute({ text, values: some.flat() }, options);
  }
  return rows.length;
}

function upsertTail(columns: readonly string[], keys: readonly string[], dialect: MultiRowDialect): string {
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
