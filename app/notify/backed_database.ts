/** Two databases of one schema: one in memory, which answers, and a file behind it, which may fail and come back. */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { codeOf, messageOf } from "../base/errors.ts";
import type { EpochMs } from "../base/time.ts";

/** How often a file that could not be written is tried again. */
const AGAIN_MS = 60_000;

type Value = string | number | null;

export interface BackedParts {
  /** Statements that make what is not there. */
  readonly schema: string;
  readonly tables: readonly string[];
  /** Path of the file; undefined to keep all in memory only. */
  readonly file: string | undefined;
  readonly now: () => EpochMs;
  /** Why the file is not being written, and undefined once it is again. */
  readonly onTrouble: (message: string | undefined) => void;
}

/** The file is written before a transaction returns, where it can be: a kill leaves all of it or nothing. */
export class BackedDatabase {
  readonly #memory = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, StatementSync>();
  #file: DatabaseSync | undefined;
  /** What the file has to be told when the transaction ends. */
  #writes: [string, readonly Value[]][] | undefined;
  /** Why the file lags behind, and when it is tried again. */
  #trouble: { readonly message: string; readonly again: EpochMs } | undefined;

  constructor(readonly parts: BackedParts) {
    this.#memory.exec(parts.schema);
    if (parts.file === undefined) return;
    try {
      this.#file = openFile(parts.file, parts.schema);
      this.#copy(this.#file, this.#memory);
    } catch (error) {
      // Damaged, or not readable: what it knew is lost, what happens from now on is not.
      this.#file?.close();
      this.#file = undefined;
      this.#memory.exec(this.parts.tables.map((table) => `DELETE FROM ${table};`).join(""));
      const kept = setAside(parts.file, parts.now());
      this.#fail(`${parts.file} cannot be read${kept}: ${messageOf(error)}`, -Infinity);
      this.#flush([]);
    }
  }

  close(): void {
    if (this.#trouble) this.#flush([]);
    this.#file?.close();
    this.#memory.close();
  }

  /** Everything inside is written, or nothing of it. */
  transaction<T>(work: () => T): T {
    if (this.#writes) return work();
    const writes: [string, readonly Value[]][] = this.#writes = [];
    this.#memory.exec("BEGIN");
    try {
      const result = work();
      this.#memory.exec("COMMIT");
      this.#writes = undefined;
      if (writes.length > 0) this.#flush(writes);
      return result;
    } catch (error) {
      if (this.#memory.isTransaction) this.#memory.exec("ROLLBACK");
      throw error;
    } finally {
      this.#writes = undefined;
    }
  }

  sql(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known) return known;
    const statement = this.#memory.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }

  /** @returns how many rows have changed */
  write(text: string, ...values: readonly Value[]): number {
    if (!this.#writes) return this.transaction(() => this.write(text, ...values));
    this.#writes.push([text, values]);
    return Number(this.sql(text).run(...values).changes);
  }

  /** Brings the file up to date: by what has just been written, or, where it lags behind, by all there is. */
  #flush(writes: readonly [string, readonly Value[]][]): void {
    const { file, now, onTrouble } = this.parts;
    if (file === undefined || (this.#trouble && now() < this.#trouble.again)) return;
    try {
      const database = this.#file ??= openFile(file, this.parts.schema);
      database.exec("BEGIN IMMEDIATE");
      if (this.#trouble) {
        database.exec(this.parts.tables.map((table) => `DELETE FROM ${table};`).join(""));
        this.#copy(this.#memory, database);
      } else {
        for (const [text, values] of writes) database.prepare(text).run(...values);
      }
      database.exec("COMMIT");
      if (this.#trouble) onTrouble(undefined);
      this.#trouble = undefined;
    } catch (error) {
      if (this.#file?.isTransaction) this.#file.exec("ROLLBACK");
      this.#fail(`${file} cannot be written: ${messageOf(error)}`, now() + AGAIN_MS);
    }
  }

  #fail(message: string, again: EpochMs): void {
    if (!this.#trouble) this.parts.onTrouble(message);
    this.#trouble = { message, again };
  }

  #copy(from: DatabaseSync, to: DatabaseSync): void {
    for (const table of this.parts.tables) {
      for (const row of from.prepare(`SELECT * FROM ${table}`).iterate()) {
        const values = Object.values(row) as Value[];
        to.prepare(`INSERT INTO ${table} VALUES (${values.map(() => "?").join(", ")})`).run(...values);
      }
    }
  }
}

function openFile(path: string, schema: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    Deno.chmodSync(path, 0o600);
    // Another Carillon on the same file is refused after two seconds.
    database.exec("PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    database.exec(schema);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Keeps a file that cannot be read for whoever wants to look at it. @returns where, as a part of a sentence */
function setAside(path: string, now: EpochMs): string {
  const kept = `${path}.damaged-${now}`;
  try {
    Deno.renameSync(path, kept);
    for (const ending of ["-wal", "-shm"]) Deno.removeSync(path + ending);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") return " and stays where it is";
  }
  return ` and is now ${kept}`;
}
