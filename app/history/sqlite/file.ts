/** The history file itself: opened, locked for one Carillon, brought up to date. */
import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { messageOf } from "../../base/errors.ts";
import { type LockFile, openLockFile } from "../lock_file.ts";
import { HeldError, type HistoryFault, HistoryFileError, isBusy, isDamage } from "./errors.ts";
import { FileWatch } from "./file_watch.ts";
import type { Found } from "./salvage/shapes.ts";
import { rescueWal } from "./salvage/wal.ts";
import { ForeignFileError, migrate, NewerSchemaError, versionOf } from "./schema.ts";

/** An open history file. */
export interface OpenFile {
  readonly db: DatabaseSync;
  readonly watch: FileWatch;
  /** A descriptor of the file to read from, also once its name is gone; it must be closed after `db`. */
  readonly descriptor: number;
  readonly lock: LockFile;
  /** What was in a damaged WAL, and SQLite has not read. */
  readonly rescued: readonly Found[];
}

/**
 * The lock is held exclusively, so that SQLite keeps the index of its WAL in its own memory: a shared one (`-shm`) is
 * mapped, and a program that cut it short would end this one by SIGBUS.
 */
const LOCKING = "PRAGMA busy_timeout = 100; PRAGMA locking_mode = EXCLUSIVE";
/** The first line counts for a new file only. */
const PRAGMAS = `
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA cache_size = -16000;
  PRAGMA temp_store = MEMORY;
  PRAGMA cell_size_check = ON;
  PRAGMA trusted_schema = OFF;
  PRAGMA journal_size_limit = 64000000;
  PRAGMA wal_autocheckpoint = 0`;

/** Opens or creates the file. Throws a {@link HistoryFileError}. */
export function openHistoryFile(file: string): OpenFile {
  let lock: LockFile | undefined;
  let descriptor: number | undefined;
  let db: DatabaseSync | undefined;
  try {
    lock = takeLock(`${file}.lock`);
    // Parameters, messages and logs are for those who run Carillon; what SQLite keeps beside the file is like it.
    closeSync(openSync(file, "a", 0o600));
    const rescued = rescueWal(file);
    descriptor = openSync(file, "r");
    db = new DatabaseSync(file);
    db.exec(LOCKING);
    const version = versionOf(db);
    db.exec(PRAGMAS);
    migrate(db, version);
    return { db, watch: new FileWatch(file), descriptor, lock, rescued };
  } catch (cause) {
    closeQuietly(db);
    if (descriptor !== undefined) closeSync(descriptor);
    lock?.[Symbol.dispose]();
    throw asFileError(file, cause);
  }
}

/** Closes a database that may be damaged: what is wrong with it is known already. */
export function closeQuietly(db: DatabaseSync | undefined): void {
  try {
    db?.close();
  } catch {
    // Nothing can be done about it.
  }
}

const ADVICE: Readonly<Record<HistoryFault, string>> = {
  refused: "; move it away, or set [history] file to another one or to nothing",
  damaged: "; Carillon sets it aside when it starts, and saves what is readable of it",
  unavailable: "",
  held: "",
};

/** Whatever went wrong with a file, as a sentence that names it. */
export function asFileError(file: string, cause: unknown): HistoryFileError {
  if (cause instanceof HistoryFileError) return cause;
  const fault = faultOf(cause);
  const reason = isBusy(cause) ? "another program has locked it (is it open in sqlite3?)" : messageOf(cause);
  return new HistoryFileError(`history file ${file} cannot be used: ${reason}${ADVICE[fault]}`, fault, {
    cause,
  });
}

function faultOf(cause: unknown): HistoryFault {
  if (cause instanceof NewerSchemaError || cause instanceof ForeignFileError) return "refused";
  if (cause instanceof HeldError || isBusy(cause)) return "held";
  return isDamage(cause) ? "damaged" : "unavailable";
}

/** One Carillon a file. */
function takeLock(path: string): LockFile {
  const lock = openLockFile(path);
  if (!lock) throw new HeldError("another Carillon is using it");
  return lock;
}
