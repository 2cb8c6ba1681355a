/** What every driver offers. */
import type { SqlParams } from "./sql.ts";

/** A row: values by column name, as the server names the columns. */
export type Row = Record<string, unknown>;

/** An open database. Errors name the database and never its password. */
export interface Database {
  /** All rows of a statement. */
  query(sql: string, params: SqlParams): Row[] | Promise<Row[]>;
  /** How many rows a statement changed. */
  execute(sql: string, params: SqlParams): number | Promise<number>;
  close(): void | Promise<void>;
}
