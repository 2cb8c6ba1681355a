/** What is wrong with a history file, and what can be done about it. */
import { codeOf, OperatorError } from "../../base/errors.ts";

/**
 * `damaged`: it is set aside, and a new one is begun. `unavailable`: it is tried again later. `held`: by another program,
 * until that lets go of it. `refused`: only the operator can decide.
 */
export type HistoryFault = "damaged" | "unavailable" | "held" | "refused";

/** The history file cannot be used; the message says which file, why, and what to do. */
export class HistoryFileError extends OperatorError {
  override readonly name = "HistoryFileError";

  constructor(message: string, readonly fault: HistoryFault, options?: ErrorOptions) {
    super(message, options);
  }
}

/** Another Carillon uses the file. */
export class HeldError extends Error {
  override readonly name = "HeldError";
}

/** A row or a number in the file is one that no Carillon has written. */
export class DamagedRowError extends Error {
  override readonly name = "DamagedRowError";
}

/** SQLite's result codes (sqlite.org/rescode.html) for what may pass: the file may be good. */
const PASSING: ReadonlySet<number> = new Set([
  3, // PERM
  5, // BUSY
  6, // LOCKED
  8, // READONLY
  9, // INTERRUPT
  10, // IOERR
  13, // FULL
  14, // CANTOPEN
  15, // PROTOCOL
  22, // NOLFS
]);
const BUSY = 5;

/** The same by their texts: `DatabaseSync.exec` gives no code. */
const PASSING_TEXTS =
  /locked|read-?only|disk is full|I\/O error|unable to open|locking protocol|interrupted|not open/;

/** The result code of SQLite that an error stands for, without its extension. */
function resultCode(error: Error): number | undefined {
  return "errcode" in error && typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}

/** True where another program holds a lock on the file. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && (resultCode(error) === BUSY || /database is locked/.test(error.message));
}

/** True for an error that means that the file's content is damaged. */
export function isDamage(error: unknown): boolean {
  if (error instanceof HistoryFileError) return error.fault === "damaged";
  if (error instanceof DamagedRowError) return true;
  // A number that no Carillon has written.
  if (codeOf(error) === "ERR_OUT_OF_RANGE") return true;
  if (!(error instanceof Error) || codeOf(error) !== "ERR_SQLITE_ERROR") return false;
  const code = resultCode(error);
  return code === undefined ? !PASSING_TEXTS.test(error.message) : !PASSING.has(code);
}
