/** `data/users.db`: people, their sessions, and API tokens. Where it cannot be read or trusted nobody gets in. */
import { chownSync, closeSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { codeOf, messageOf, OperatorError } from "../base/errors.ts";
import { isDanglingLink, systemReason } from "../base/system_error.ts";
import { newSecret } from "./secret.ts";

/** How long a change waits for another program's, such as that of `carillon user`. */
const BUSY_MS = 250;
const VERSION = 1;
/** "Carl" in ASCII: says whose file it is (SQLite's `application_id`). */
const APPLICATION = 0x4361726c;

const SCHEMA = `
  CREATE TABLE users (
    name TEXT PRIMARY KEY, password TEXT NOT NULL, roles TEXT NOT NULL,
    created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE sessions (
    hash TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, groups TEXT NOT NULL,
    created_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, address TEXT, agent TEXT) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_of_name ON sessions (name);
  CREATE TABLE tokens (
    name TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, rights TEXT NOT NULL, tasks TEXT NOT NULL,
    created_at INTEGER NOT NULL, expires_at INTEGER, used_at INTEGER, used_from TEXT) STRICT, WITHOUT ROWID;
  CREATE TABLE secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID`;
/** When each person last signed in: a session that has ended is removed. Files that are older have no such table. */
const SIGN_INS = `
  CREATE TABLE IF NOT EXISTS sign_ins (name TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID`;

export type Value = string | number | null;
export type Row = Readonly<Record<string, unknown>>;

/** The file cannot be read, or is not what it was: nobody gets in until an operator has looked at it. */
export class UserFileError extends OperatorError {
  override readonly name = "UserFileError";
}

interface Opened {
  readonly db: DatabaseSync;
  readonly statements: Map<string, StatementSync>;
  readonly device: number;
  readonly inode: number;
}

export class UserFile implements Disposable {
  #opened: Opened | undefined;
  #isInBatch = false;

  /** Nothing is opened yet. */
  constructor(readonly path: string) {}

  one(sql: string, ...values: Value[]): Row | undefined {
    return this.#with((statement) => statement.get(...values), sql);
  }

  all(sql: string, ...values: Value[]): readonly Row[] {
    return this.#with((statement) => statement.all(...values), sql);
  }

  /** How many rows it has changed. */
  run(sql: string, ...values: Value[]): number {
    return this.#with((statement) => Number(statement.run(...values).changes), sql);
  }

  /** What is written in `work` is in the file as a whole or not at all, and waited for once; one in another is part of it. */
  batch(work: () => void): void {
    if (this.#isInBatch) return work();
    this.run("BEGIN IMMEDIATE");
    this.#isInBatch = true;
    try {
      work();
      this.run("COMMIT");
    } catch (error) {
      this.#rollBack();
      throw error;
    } finally {
      this.#isInBatch = false;
    }
  }

  #rollBack(): void {
    try {
      this.run("ROLLBACK");
    } catch {
      // After some errors SQLite has done it already; the first error says what is wrong.
    }
  }

  /** The key by which this Carillon signs what it gives out. */
  get key(): string {
    const key = this.one("SELECT value FROM secrets WHERE name = 'key'")?.value;
    if (typeof key !== "string") throw this.#error(new Error("its key is missing"));
    return key;
  }

  /** Opens it, and makes it where there is none. @throws UserFileError */
  open(): void {
    this.#with((statement) => statement.get(), "SELECT 1");
  }

  [Symbol.dispose](): void {
    const opened = this.#opened;
    this.#opened = undefined;
    try {
      opened?.db.close();
    } catch {
      // It is damaged, which is known already.
    }
  }

  #with<T>(work: (statement: StatementSync) => T, sql: string): T {
    try {
      const { db, statements } = this.#current();
      const statement = statements.get(sql) ?? db.prepare(sql);
      statements.set(sql, statement);
      return work(statement);
    } catch (cause) {
      throw this.#error(cause);
    }
  }

  /** A file that was put in its place is another one; one that was taken away is not made anew while Carillon is active. */
  #current(): Opened {
    const opened = this.#opened;
    if (opened) {
      const there = placeOf(this.path);
      if (!there) {
        throw new Error("it was removed; put it back, or start Carillon again to begin with a new one");
      }
      if (there.ino === opened.inode && there.dev === opened.device) return opened;
      this[Symbol.dispose]();
    }
    return this.#opened = openFile(this.path);
  }

  #error(cause: unknown): UserFileError {
    if (cause instanceof UserFileError) return cause;
    const reason = codeOf(cause) === "ERR_SQLITE_ERROR" ? messageOf(cause) : systemReason(cause);
    return new UserFileError(`${this.path}, the file of users, cannot be used: ${reason}`, { cause });
  }
}

function placeOf(path: string): { readonly ino: number; readonly dev: number } | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

function openFile(path: string): Opened {
  if (isDanglingLink(path)) throw new Error("it is a link that leads nowhere");
  const isNew = placeOf(path) === undefined;
  closeSync(openSync(path, "a", 0o600));
  if (isNew) giveToOwner(path);
  const { ino, dev, mode, uid } = statSync(path);
  if ((mode & 0o077) !== 0) {
    throw new Error(
      `others than its owner may read it (${(mode & 0o777).toString(8)}); set it right with chmod 600`,
    );
  }
  const own = Deno.uid();
  if (own !== null && own !== 0 && uid !== own) throw new Error("it belongs to another user of this machine");
  const db = new DatabaseSync(path);
  try {
    db.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON`);
    prepare(db);
    return { db, statements: new Map(), device: dev, inode: ino };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** What the administrator's commands make is for the user that Carillon runs as, whose the folder is. */
function giveToOwner(path: string): void {
  const { uid, gid } = statSync(dirname(path));
  if (Deno.uid() === 0 && uid !== 0) chownSync(path, uid, gid);
}

function prepare(db: DatabaseSync): void {
  if (number(db, "schema_version") === 0) makeTables(db);
  const version = number(db, "user_version");
  const application = number(db, "application_id");
  if (application !== APPLICATION) throw new Error("it is the file of another program");
  if (version !== VERSION) throw new Error(`it was written by a newer Carillon (version ${version})`);
  const checked = db.prepare("PRAGMA quick_check(1)").get()?.quick_check;
  if (checked !== "ok") throw new Error(`it is damaged: ${checked}`);
  db.exec(SIGN_INS);
}

/** Two programs may find a new file at the same time: one of them makes the tables. */
function makeTables(db: DatabaseSync): void {
  db.exec("BEGIN IMMEDIATE");
  if (number(db, "schema_version") === 0) {
    db.exec(`PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${VERSION}; ${SCHEMA}`);
    db.prepare("INSERT INTO secrets VALUES ('key', ?)").run(newSecret());
  }
  db.exec("COMMIT");
}

function number(db: DatabaseSync, pragma: string): number {
  return Number(db.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
}
