/** Many rows into SQL Server: by the protocol's bulk load into a table of the session, and from there by one statement. */
import { Buffer } from "node:buffer";
import { messageOf } from "../../../app/base/errors.ts";
import { matchedNames } from "../../column_names.ts";
import type { Answer, CallOptions, Rows, RowTarget } from "../../database.ts";
import { quotedName, quotedPart } from "../../names.ts";
import type { Statement } from "../../sql.ts";
import { fromStage, isBinary, staged } from "./values.ts";

export interface StageColumn {
  readonly name: string;
  readonly binary: boolean;
}

/** What is needed of a connection. */
export interface Loader {
  readonly place: { readonly label: string };
  readonly zone: string;
  ask(statement: Statement, call: CallOptions): Promise<Answer>;
  load(
    table: string,
    columns: readonly StageColumn[],
    rows: readonly (readonly (string | Buffer | null)[])[],
    call: CallOptions,
  ): Promise<void>;
}

interface Target {
  readonly table: string;
  readonly columns: readonly string[];
  readonly types: readonly string[];
  readonly keys: readonly string[] | undefined;
  /** The column whose values the server makes by itself unless it is told not to. */
  readonly identity: string | undefined;
}

const name = (each: string) => quotedPart(each, "sqlserver");

export async function insertStaged(
  on: Loader,
  given: RowTarget,
  batches: AsyncIterable<Rows>,
  call: CallOptions,
): Promise<void> {
  const target = await targetOf(on, given, call);
  let before = 0;
  for await (const rows of batches) {
    await insertBatch(on, target, rows, before, call);
    before += rows.length;
  }
}

async function targetOf(
  on: Loader,
  { table, columns, keys }: RowTarget,
  { signal }: CallOptions,
): Promise<Target> {
  const quoted = quotedName(table, "sqlserver");
  const { rows } = await on.ask({
    text:
      "SELECT name, TYPE_NAME(system_type_id) AS type, CAST(is_identity AS int) AS own FROM sys.columns " +
      `WHERE object_id = OBJECT_ID(N'${quoted.replaceAll("'", "''")}')`,
    values: [],
  }, { signal });
  const known = rows.map((each) => String(each.name));
  const match = (wanted: readonly string[]) => matchedNames(wanted, known, on.place.label, table);
  const found = match(columns);
  return {
    table: quoted,
    columns: found,
    types: found.map((each) =>
      String(rows.find((row) => row.name === each)?.type ?? "nvarchar").toLowerCase()
    ),
    keys: keys && match(keys),
    identity: rows.filter((row) => Number(row.own) === 1).map((row) => String(row.name)).find((each) =>
      found.includes(each)
    ),
  };
}

/**
 * Rows go as texts, and the server converts them, which keeps decimals exact, and changes those that are there already. Of
 * rows with the same key the last one counts.
 */
async function insertBatch(
  on: Loader,
  target: Target,
  rows: Rows,
  before: number,
  call: CallOptions,
): Promise<void> {
  const { table, columns, types, keys, identity } = target;
  const stage = `#carillon_${crypto.randomUUID().replaceAll("-", "")}`;
  const plain = (text: string) => on.ask({ text, values: [] }, call);
  const definitions = columns.map((each, i) =>
    `${name(each)} ${
      isBinary(types[i] ?? "") ? "varbinary(max)" : "nvarchar(max) COLLATE DATABASE_DEFAULT"
    } NULL`
  );
  await plain(`CREATE TABLE ${name(stage)} (${definitions.join(", ")})`);
  const texts = lastOfEachKey(
    rows.map((row, place) =>
      row.map((value, i) => stagedAt(value, types[i] ?? "", on.zone, before + place, columns[i] ?? ""))
    ),
    columns,
    keys,
  );
  const stageColumns = columns.map((each, i) => ({ name: each, binary: isBinary(types[i] ?? "") }));
  await on.load(stage, stageColumns, texts, call);
  const names = columns.map(name).join(", ");
  const from = (each: string) => fromStage(name(each), types[columns.indexOf(each)] ?? "");
  const plainNames = types.every((each) => !/datetime$/.test(each));
  const selected = plainNames ? names : columns.map(from).join(", ");
  const same = (keys ?? []).map((each) => `${table}.${name(each)} = ${from(each)}`).join(" AND ");
  const changed = columns.filter((each) => keys && !keys.includes(each) && each !== identity);
  if (keys && changed.length > 0) {
    const changes = changed.map((each) => `${name(each)} = ${from(each)}`).join(", ");
    await plain(
      `UPDATE ${table} WITH (UPDLOCK, SERIALIZABLE) SET ${changes} FROM ${name(stage)} AS s WHERE ${same}`,
    );
  }
  const fresh = keys
    ? ` WHERE NOT EXISTS (SELECT 1 FROM ${table} WITH (UPDLOCK, SERIALIZABLE) WHERE ${same})`
    : "";
  const insert = `INSERT INTO ${table} (${names}) SELECT ${selected} FROM ${name(stage)} AS s${fresh}`;
  await plain(
    identity ? `SET IDENTITY_INSERT ${table} ON; ${insert}; SET IDENTITY_INSERT ${table} OFF` : insert,
  );
  await plain(`DROP TABLE ${name(stage)}`);
}

type StagedRow = readonly (string | Buffer | null)[];

/** Told apart as what is sent: nothing is not the word for it, and moments differ by their last digit. */
export function lastOfEachKey(
  rows: readonly StagedRow[],
  columns: readonly string[],
  keys: readonly string[] | undefined,
): readonly StagedRow[] {
  if (!keys) return rows;
  const places = keys.map((each) => columns.indexOf(each));
  const last = new Map(rows.map((row) => {
    const key = places.map((at) => row[at]).map((each) => each instanceof Uint8Array ? each.toHex() : each);
    return [JSON.stringify(key), row];
  }));
  return last.size === rows.length ? rows : [...last.values()];
}

function stagedAt(
  value: unknown,
  type: string,
  zone: string,
  row: number,
  column: string,
): string | Buffer | null {
  try {
    return staged(value, type, zone);
  } catch (cause) {
    throw new TypeError(`row ${row + 1}, column "${column}": ${messageOf(cause)}`, { cause });
  }
}
