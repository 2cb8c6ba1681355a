/** The embedded database: `node:sqlite` behind the interface of all drivers. */
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { insertRows } from "./bulk.ts";
import { cancellable } from "./cancel.ts";
import type { CallOptions, Database, Row, Session } from "./database.ts";
import { DatabaseError, SqlError } from "./errors.ts";
import type { SqliteSettings } from "./settings.ts";
import { type Statement, toSent } from "./sql.ts";

/** How long a statement waits for another connection's lock. */
const BUSY_TIMEOUT_MS = 5_000;

export function openSqlite(settings: SqliteSettings): Database {
  createSqliteFile(settings);
  const db = connect(settings.file);
  const label = `SQLite ${settings.name}`;
  /** Transactions on the one connection follow each other. */
  let last: Promise<unknown> = Promise.resolve();

  // A statement runs to its end once it has begun: `node:sqlite` answers at once, and nothing can be cancelled.
  const answer = <T>(options: CallOptions, work: () => T): Promise<T> =>
    cancellable(label, options, () => {}, () => Promise.resolve().then(() => told(label, work)));
  const prepare = ({ text, values }: Statement) => {
    const statement = db.prepare(text);
    statement.setReadBigInts(true);
    // Lists are cheaper than the driver's objects, of which each row would need a second one.
    statement.setReturnArrays(true);
    const names = statement.columns().map(({ name }) => name);
    const read = (row: unknown) => readRow(names, row as readonly unknown[]);
    return { statement, values: values.map(sent), read };
  };
  const session: Session = {
    query: (given, options) =>
      answer(options, () => {
        const { statement, values, read } = prepare(given);
        return statement.all(...values).map(read);
      }),
    execute: (given, options) =>
      answer(options, () => {
        const { statement, values } = prepare(given);
        return Number(statement.run(...values).changes);
      }),
    insertMany: (target, batches, options) => insertRows(session, "sqlite", target, batches, options),
    async *stream(given, batch, options) {
      const { rows, read } = await answer(options, () => {
        const { statement, values, read } = prepare(given);
        return { rows: statement.iterate(...values), read };
      });
      for (let done = false; !done;) {
        const collected = await answer(options, () => {
          const some: Row[] = [];
          while (some.length < batch) {
            const next = rows.next();
            done = next.done === true;
            if (done) break;
            some.push(read(next.value));
          }
          return some;
        });
        if (collected.length > 0) yield collected;
      }
    },
  };
  /** Statements outside of a transaction wait until it is over: there is one connection. */
  const afterLast = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work, work);
    last = done.catch(() => {});
    return done;
  };
  return {
    dialect: "sqlite",
    query: (given, options) => afterLast(() => session.query(given, options)),
    execute: (given, options) => afterLast(() => session.execute(given, options)),
    stream: session.stream,
    insertMany: (target, batches, options) => afterLast(() => session.insertMany(target, batches, options)),
    transaction: (work, { signal }) =>
      afterLast(async () => {
        signal?.throwIfAborted();
        told(label, () => db.exec("BEGIN IMMEDIATE"));
        try {
          const done = await work(session);
          told(label, () => db.exec("COMMIT"));
          return done;
        } catch (error) {
          if (db.isTransaction) db.exec("ROLLBACK");
          throw error;
        }
      }),
    async version() {
      const [row] = await session.query({ text: "SELECT sqlite_version() AS version", values: [] }, {});
      return `SQLite ${row?.version}`;
    },
    close: () => Promise.resolve(db.close()),
  };
}

/**
 * Makes the file, with its schema, if it is not there yet. It appears under its name complete or not at all, also when
 * several threads do this at once.
 */
export function createSqliteFile({ file, schema, name }: SqliteSettings): void {
  if (file === ":memory:" || existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  if (schema === undefined) return;
  const draft = `${file}.${crypto.randomUUID()}.new`;
  try {
    const db = new DatabaseSync(draft);
    try {
      db.exec(readFileSync(schema, "utf8"));
    } finally {
      db.close();
    }
    linkSync(draft, file);
  } catch (cause) {
    if ((cause as { code?: string }).code === "EEXIST") return;
    throw new DatabaseError(
      `SQLite ${name}: ${file} could not be created from ${schema}: ${(cause as Error).message}`,
      {},
      { cause },
    );
  } finally {
    rmSync(draft, { force: true });
  }
}

function connect(file: string): DatabaseSync {
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON`);
  return db;
}

function sent(value: unknown): string | number | bigint | null | Uint8Array {
  const plain = toSent(value);
  return typeof plain === "boolean" ? Number(plain) : plain;
}

/** Whole numbers come back as numbers while they are exact, as bigint beyond 2^53. */
function readRow(names: readonly string[], values: readonly unknown[]): Row {
  const row: Row = {};
  for (let i = 0; i < names.length; i++) {
    const value = values[i];
    row[names[i] ?? ""] = typeof value === "bigint" && Number.isSafeInteger(Number(value))
      ? Number(value)
      : value;
  }
  return row;
}

function told<T>(label: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new SqlError(`${label}: ${(cause as Error).message}`, {}, { cause });
  }
}
