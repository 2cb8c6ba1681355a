/** Many rows into MySQL and MariaDB. */
import { messageOf } from "../../../app/base/errors.ts";
import { matchedNames } from "../../column_names.ts";
import type { Answer, CallOptions, Row, Rows, RowTarget } from "../../database.ts";
import { SqlError } from "../../errors.ts";
import { insertStatement, rowsAStatement } from "../../insert_statement.ts";
import { quotedName, quotedPart } from "../../names.ts";
import type { Statement } from "../../sql.ts";
import { checkFloat } from "../../values.ts";
import { type MysqlValue, sent } from "./values.ts";

/** Most values of one statement (the protocol's limit). */
const MAX_VALUES = 65_535;
/** A statement stays well below what servers take at once (`max_allowed_packet`). */
const MAX_BYTES = 1_000_000;

const COLUMNS_SQL = `SELECT COLUMN_NAME AS name, DATA_TYPE AS type FROM information_schema.COLUMNS
  WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ?`;
const UNIQUE_SQL =
  `SELECT INDEX_NAME AS name, COLUMN_NAME AS col, SUB_PART AS part FROM information_schema.STATISTICS
  WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ? AND NON_UNIQUE = 0 ORDER BY INDEX_NAME, SEQ_IN_INDEX`;

/** What is needed of a connection. */
export interface Inserter {
  readonly place: { readonly label: string };
  readonly zone: string;
  ask(statement: Statement, call: CallOptions): Promise<Answer>;
  change(statement: Statement, call: CallOptions): Promise<void>;
}

export async function insertRows(
  on: Inserter,
  { table, columns, keys }: RowTarget,
  batches: AsyncIterable<Rows>,
  call: CallOptions,
): Promise<void> {
  const parts = table.split(".");
  const place = [parts.length > 1 ? parts[0] : null, parts.at(-1)];
  const { rows: known } = await on.ask({ text: COLUMNS_SQL, values: place }, { signal: call.signal });
  const match = (wanted: readonly string[]) =>
    matchedNames(wanted, known.map(({ name }) => String(name)), on.place.label, table);
  const into = match(columns).map((name) => ({ name, floatBytes: floatBytesOf(name, known) }));
  const target = quotedName(table, "mysql");
  if (!keys) return await insertAll(on, target, into, "", batches, call);
  const by = match(keys);
  const unique = uniqueKeys(
    (await on.ask({ text: UNIQUE_SQL, values: place }, { signal: call.signal })).rows,
  );
  const isKey = (one: readonly string[]) =>
    one.length === by.length &&
    one.every((each) => by.some((key) => key.toLowerCase() === each.toLowerCase()));
  if (![...unique.values()].some(isKey) && known.length > 0) {
    throw new SqlError(
      `${on.place.label}: upsert: ${table} has no unique key on ${
        by.join(", ")
      }, so the server would insert the rows ` +
        `again; it has ${[...unique.values()].map((each) => each.join(" + ")).join("; ") || "none"}`,
    );
  }
  // Where another key may match too, the server would change that row in silence.
  if ([...unique.values()].every(isKey)) {
    return await insertAll(on, target, into, odkuTail(namesOf(into), by), batches, call);
  }
  await insertStaged(on, target, into, by, batches, call);
}

/** A column to be filled. */
interface TargetColumn {
  readonly name: string;
  /** Of a floating point number. */
  readonly floatBytes: 4 | 8 | undefined;
}

function namesOf(columns: readonly TargetColumn[]): readonly string[] {
  return columns.map(({ name }) => name);
}

function floatBytesOf(name: string, known: readonly Row[]): 4 | 8 | undefined {
  const type = known.find((each) => each.name === name)?.type;
  return type === "double" ? 8 : type === "float" ? 4 : undefined;
}

function uniqueKeys(rows: readonly Row[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { name, col, part } of rows) {
    const columns = found.get(String(name)) ?? [];
    // Of a prefix more than one row may be of the same.
    columns.push(part === null ? String(col) : `${col}(${part})`);
    found.set(String(name), columns);
  }
  return found;
}

function odkuTail(columns: readonly string[], keys: readonly string[]): string {
  const changed = columns.filter((each) => !keys.includes(each));
  const all = changed.length > 0 ? changed : keys.slice(0, 1);
  const name = (each: string) => quotedPart(each, "mysql");
  return `ON DUPLICATE KEY UPDATE ${all.map((each) => `${name(each)} = VALUES(${name(each)})`).join(", ")}`;
}

/** By a table of the session: those that are there are changed, the others inserted, and whatever another key forbids fails. */
async function insertStaged(
  on: Inserter,
  target: string,
  into: readonly TargetColumn[],
  keys: readonly string[],
  batches: AsyncIterable<Rows>,
  call: CallOptions,
): Promise<void> {
  const name = (each: string) => quotedPart(each, "mysql");
  const columns = namesOf(into);
  const stage = name(`carillon_${crypto.randomUUID().replaceAll("-", "")}`);
  const names = columns.map(name).join(", ");
  const same = keys.map((each) => `t.${name(each)} = s.${name(each)}`).join(" AND ");
  const changes = columns.filter((each) => !keys.includes(each)).map((each) =>
    `t.${name(each)} = s.${name(each)}`
  );
  const plain = (text: string) => on.change({ text, values: [] }, call);
  await plain(`CREATE TEMPORARY TABLE ${stage} AS SELECT ${names} FROM ${target} WHERE FALSE`);
  // Of rows with the same key the last one counts.
  await plain(`ALTER TABLE ${stage} ADD UNIQUE KEY carillon_key (${keys.map(name).join(", ")})`);
  await insertAll(on, stage, into, odkuTail(columns, keys), batches, call);
  if (changes.length > 0) {
    await plain(`UPDATE ${target} t JOIN ${stage} s ON ${same} SET ${changes.join(", ")}`);
  }
  await plain(
    `INSERT INTO ${target} (${names}) SELECT ${
      columns.map((each) => `s.${name(each)}`).join(", ")
    } FROM ${stage} s ` +
      `LEFT JOIN ${target} t ON ${same} WHERE t.${name(keys[0] ?? "")} IS NULL`,
  );
  await plain(`DROP TEMPORARY TABLE ${stage}`);
}

async function insertAll(
  on: Inserter,
  target: string,
  columns: readonly TargetColumn[],
  tail: string,
  batches: AsyncIterable<Rows>,
  call: CallOptions,
): Promise<void> {
  const most = rowsAStatement(columns.length, MAX_VALUES);
  let before = 0;
  const send = async (rows: readonly MysqlValue[][]) => {
    const text = insertStatement(target, namesOf(columns), rows.length, tail, "mysql");
    try {
      await on.change({ text, values: rows.flat() }, call);
    } catch (error) {
      throw inWholeCall(error, before);
    }
    before += rows.length;
  };
  for await (const rows of batches) {
    let some: MysqlValue[][] = [];
    let bytes = 0;
    for (const row of rows) {
      const values = row.map((value, i) => checked(value, on.zone, before + some.length, columns[i]));
      const size = values.reduce<number>((sum, each) => sum + sizeOf(each), 0);
      if (some.length > 0 && (some.length >= most || bytes + size > MAX_BYTES)) {
        await send(some);
        some = [];
        bytes = 0;
      }
      some.push(values);
      bytes += size;
    }
    if (some.length > 0) await send(some);
  }
}

function sizeOf(value: MysqlValue): number {
  if (typeof value === "string") return value.length * 2;
  return value instanceof Uint8Array ? value.length : 9;
}

function checked(value: unknown, zone: string, row: number, column: TargetColumn | undefined): MysqlValue {
  try {
    if (column?.floatBytes) checkFloat(value, column.floatBytes);
    return sent(value, zone);
  } catch (cause) {
    throw new TypeError(`row ${row + 1}, column "${column?.name}": ${messageOf(cause)}`, { cause });
  }
}

/** The server counts the rows of one statement; who reads it those of the call. */
function inWholeCall(error: unknown, before: number): unknown {
  if (!(error instanceof SqlError) || before === 0) return error;
  const message = error.message.replace(/\bat row (\d+)/, (_all, row) => `at row ${Number(row) + before}`);
  return new SqlError(message, error, { cause: error.cause });
}
