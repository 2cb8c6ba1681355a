/** Many rows into SQL Server, by the protocol's bulk load. */
import { Buffer } from "node:buffer";
// @ts-types="npm:@types/mssql@12.3.0"
import type * as Mssql from "mssql";
import { quotedName, type Rows, type RowTarget } from "./bulk.ts";
import type { CallOptions, Session } from "./database.ts";
import { asText } from "./sqlserver_values.ts";

/** A pool, or a transaction on one of its connections. */
export type Sender = Mssql.ConnectionPool | Mssql.Transaction;

/** Does a request of the driver: it is cancelled in time, and its errors are told as those of a database. */
export type Guarded = <T>(call: CallOptions, cancel: () => void, work: () => Promise<T>) => Promise<T>;

/**
 * Rows go by the protocol's bulk load into a table of the session, as texts, and from there by one statement into their
 * table: the server converts them, which keeps decimals exact, and changes those that are there already.
 */
export async function insertStaged(
  sql: typeof Mssql,
  on: Sender,
  session: Session,
  { table, columns, keys }: RowTarget,
  rows: Rows,
  call: CallOptions,
  guarded: Guarded,
): Promise<void> {
  const name = (each: string) => quotedName(each, "sqlserver");
  const stage = `#carillon_${crypto.randomUUID().replaceAll("-", "")}`;
  const binary = columns.map((_, i) => rows.some((row) => row[i] instanceof Uint8Array));
  const plain = (text: string) => session.execute({ text, values: [] }, call);
  const definitions = columns.map((each, i) =>
    `${name(each)} ${binary[i] ? "varbinary(max)" : "nvarchar(max) COLLATE DATABASE_DEFAULT"} NULL`
  );
  await plain(`CREATE TABLE ${name(stage)} (${definitions.join(", ")})`);
  const load = new sql.Table(stage);
  columns.forEach((each, i) =>
    load.columns.add(each, binary[i] ? sql.VarBinary(sql.MAX) : sql.NVarChar(sql.MAX), { nullable: true })
  );
  for (const row of rows) load.rows.add(...row.map(staged));
  const request = new sql.Request(on as Mssql.ConnectionPool);
  await guarded(call, () => request.cancel(), () => request.bulk(load));
  const names = columns.map(name).join(", ");
  const same = (keys ?? []).map((each) => `${name(table)}.${name(each)} = s.${name(each)}`).join(" AND ");
  const changed = columns.filter((each) => keys && !keys.includes(each));
  if (keys && changed.length > 0) {
    const changes = changed.map((each) => `${name(each)} = s.${name(each)}`).join(", ");
    await plain(
      `UPDATE ${name(table)} WITH (UPDLOCK, SERIALIZABLE) SET ${changes} FROM ${
        name(stage)
      } AS s WHERE ${same}`,
    );
  }
  const fresh = keys
    ? ` WHERE NOT EXISTS (SELECT 1 FROM ${name(table)} WITH (UPDLOCK, SERIALIZABLE) WHERE ${same})`
    : "";
  await plain(`INSERT INTO ${name(table)} (${names}) SELECT ${names} FROM ${name(stage)} AS s${fresh}`);
  await plain(`DROP TABLE ${name(stage)}`);
}

function staged(value: unknown): string | Buffer | null {
  const plain = asText(value);
  if (plain === null) return null;
  if (plain instanceof Uint8Array) return Buffer.from(plain);
  return typeof plain === "boolean" ? String(Number(plain)) : String(plain);
}
