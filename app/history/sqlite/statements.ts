/** A connection's statements: each is prepared once; transactions; and the small numbers kept in `meta`. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Run } from "../../model/run.ts";
import { type RunRow, toRun, whole } from "./rows.ts";

export type SqlValue = string | number | null;
export type Row = Record<string, unknown>;

export class Statements {
  readonly #prepared = new Map<string, StatementSync>();
  /** How many batches have begun and not ended; the outermost is the transaction. */
  #depth = 0;

  /** Called after something was written, outside of any batch. */
  onWritten: () => void = () => {};

  #written = 0;

  constructor(readonly db: DatabaseSync) {}

  /** How many statements have written something. */
  get written(): number {
    return this.#written;
  }

  run(sql: string, ...values: SqlValue[]): void {
    this.#statement(sql).run(...values);
    this.#written++;
    if (this.#depth === 0) this.onWritten();
  }

  one(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.#statement(sql).get(...values);
  }

  all(sql: string, ...values: SqlValue[]): Row[] {
    return this.#statement(sql).all(...values);
  }

  runs(sql: string, ...values: SqlValue[]): Run[] {
    return this.all(sql, ...values).map((row) => toRun(row as RunRow));
  }

  /** What is written in `work` is in the file as a whole or not at all. */
  batch<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    this.db.exec("BEGIN");
    this.#depth++;
    try {
      const result = work();
      this.db.exec("COMMIT");
      this.#depth--;
      this.onWritten();
      return result;
    } catch (error) {
      this.#depth = 0;
      this.#rollBack();
      throw error;
    }
  }

  meta(key: string): number | undefined {
    const row = this.one("SELECT value FROM meta WHERE key = ?", key);
    return row && whole(row.value);
  }

  saveMeta(key: string, value: number): void {
    this.run(
      "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      key,
      value,
    );
  }

  #rollBack(): void {
    try {
      this.db.exec("ROLLBACK");
    } catch {
      // After some errors SQLite has done it already; the first error says what is wrong.
    }
  }

  #statement(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (!statement) {
      statement = this.db.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }
}
