/** The embedded database: `node:sqlite`. */
import { systemReason } from "../../../app/base/system_error.ts";
import { DatabaseSync } from "node:sqlite";
import { messageOf } from "../../../app/base/errors.ts";
import type { Connection, Driver } from "../../database.ts";
import { CannotConnectError, DatabaseError } from "../../errors.ts";
import type { SqliteSettings } from "../../settings.ts";
import { SqliteConnection } from "./connection.ts";
import { createSqliteFile } from "./file.ts";

export class SqliteDriver implements Driver {
  readonly dialect = "sqlite";
  readonly label: string;
  readonly zone: string;
  readonly most: number;
  readonly keepsIdle: boolean;

  constructor(readonly settings: SqliteSettings) {
    this.label = `SQLite ${settings.name}`;
    // Each connection to `:memory:` would be a database of its own.
    this.keepsIdle = settings.file === ":memory:";
    this.zone = settings.timezone;
    this.most = settings.file === ":memory:" ? 1 : settings.pool;
  }

  connect(): Promise<Connection> {
    return Promise.resolve().then(() => this.#connect());
  }

  #connect(): Connection {
    const { file, init } = this.settings;
    let db: DatabaseSync | undefined;
    try {
      createSqliteFile(this.settings);
      db = new DatabaseSync(file);
      // Waits for other processes' locks are made here, where they do not hold up the thread.
      db.exec("PRAGMA busy_timeout = 0; PRAGMA foreign_keys = ON");
      try {
        db.exec("PRAGMA journal_mode = WAL");
      } catch (error) {
        // Somebody uses the file now, or it may only be read: then it stays as it is.
        if (!/locked|readonly/.test(messageOf(error))) throw error;
      }
      const place = { label: this.label, address: file };
      const connection = new SqliteConnection(db, place, file, init);
      connection.setUp();
      return connection;
    } catch (cause) {
      db?.close();
      if (cause instanceof DatabaseError) throw cause;
      throw new CannotConnectError(`${this.label}: ${file} cannot be opened: ${systemReason(cause)}`, {}, {
        cause,
      });
    }
  }

  async version(connection: Connection): Promise<string> {
    const { rows: [row] } = await connection.ask(
      { text: "SELECT sqlite_version() AS version", values: [] },
      {},
    );
    return `SQLite ${row?.version}`;
  }
}
