/** The history file itself: opened, locked for one Carillon, brought up to date, and what is wrong with it. */
import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { migrate, NewerSchemaError } from "./schema.ts";

/** The history file cannot be used; the message says which file, why, and what to do. */
export class HistoryFileError extends Error {
  override readonly name = "HistoryFileError";

  /** @param kind what can be done: set it aside, wait, or nothing but ask the operator */
  constructor(message: string, readonly kind: "damaged" | "unavailable" | "newer", options?: ErrorOptions) {
    super(message, options);
  }
}

/** Texts of SQLite's errors, which `node:sqlite` gives no code for everywhere. */
const DAMAGED = /malformed|not a database|corrupt/;
const LOCKED = /database is locked/;

/** True for an error that means that the file's content is damaged. */
export function isDamage(error: unknown): boolean {
  return error instanceof Error && DAMAGED.test(error.message);
}

/** Opens or creates the file. Throws a {@link HistoryFileError}. */
export function openHistoryFile(file: string): { readonly db: DatabaseSync; readonly lock: DatabaseSync } {
  let lock: DatabaseSync | undefined;
  let db: DatabaseSync | undefined;
  try {
    // Parameters, messages and logs are for those who run Carillon; what SQLite keeps beside the file is like it.
    for (const each of [file, `${file}.lock`]) closeSync(openSync(each, "a", 0o600));
    lock = takeLock(`${file}.lock`);
    db = new DatabaseSync(file);
    // The first counts for a new file only, and only before anything is in it.
    db.exec(
      "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA busy_timeout = 1000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000; PRAGMA wal_autocheckpoint = 4000",
    );
    migrate(db);
    return { db, lock };
  } catch (cause) {
    db?.close();
    lock?.close();
    const newer = cause instanceof NewerSchemaError;
    const reason = LOCKED.test((cause as Error).message)
      ? "another Carillon is using it"
      : (cause as Error).message;
    const advice = newer ? "; move it away, or set [history] file to another one or to nothing" : "";
    throw new HistoryFileError(
      `history file ${file} cannot be used: ${reason}${advice}`,
      newer ? "newer" : isDamage(cause) ? "damaged" : "unavailable",
      { cause },
    );
  }
}

/** One Carillon a file: a lock that the system gives back when its holder ends, however it ends. Readers are not kept out. */
function takeLock(file: string): DatabaseSync {
  const lock = new DatabaseSync(file);
  try {
    lock.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}
