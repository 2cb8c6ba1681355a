/** `INSERT` statements with the values of many rows, for databases whose fastest way that is. */
import { quotedPart } from "./names.ts";
import { type Dialect, placeholder } from "./sql.ts";

/** More rows in one statement are no faster. */
const MAX_ROWS = 1_000;

/** @param mostValues of one statement, a limit of the protocol */
export function rowsAStatement(columns: number, mostValues: number): number {
  return Math.max(1, Math.min(MAX_ROWS, Math.floor(mostValues / columns)));
}

/** @param target between quotes already */
export function insertStatement(
  target: string,
  columns: readonly string[],
  rows: number,
  tail: string,
  dialect: Dialect,
): string {
  const names = columns.map((each) => quotedPart(each, dialect)).join(", ");
  let place = 0;
  const marks = Array.from(
    { length: rows },
    () => `(${columns.map(() => placeholder(dialect, ++place)).join(", ")})`,
  );
  return `INSERT INTO ${target} (${names}) VALUES ${marks.join(", ")}${tail === "" ? "" : ` ${tail}`}`;
}

/** What an `INSERT` ends with so that rows that are there already are changed. */
export function upsertOnConflict(
  columns: readonly string[],
  keys: readonly string[],
  dialect: Dialect,
): string {
  const name = (each: string) => quotedPart(each, dialect);
  const changed = columns.filter((each) => !keys.includes(each)).map((each) =>
    `${name(each)} = excluded.${name(each)}`
  );
  return `ON CONFLICT (${keys.map(name).join(", ")}) DO ${
    changed.length === 0 ? "NOTHING" : `UPDATE SET ${changed.join(", ")}`
  }`;
}
