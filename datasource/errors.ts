/** What can go wrong with a database, as classes a task can tell apart and name in `retry.only`. */
import { OperatorError } from "../app/base/errors.ts";

export interface DatabaseErrorFacts {
  /** SQLSTATE (ISO 9075), where the server gives one. */
  readonly sqlState?: string | undefined;
  /** The server's own code, such as `ER_DUP_ENTRY` or `ORA-00942`. */
  readonly code?: string | undefined;
  /** Where in the statement it failed, counted in characters from 1, where the server tells. */
  readonly position?: number | undefined;
}

/** Any error of a database. The message names the database and never its password. */
export class DatabaseError extends OperatorError {
  override readonly name: string = "DatabaseError";
  readonly sqlState: string | undefined;
  readonly code: string | undefined;
  readonly position: number | undefined;

  constructor(message: string, facts: DatabaseErrorFacts = {}, options?: ErrorOptions) {
    super(message, options);
    this.sqlState = facts.sqlState;
    this.code = facts.code;
    this.position = facts.position;
  }
}

/** `database.ini` has no such section, or an invalid one. */
export class NotConfiguredError extends DatabaseError {
  override readonly name = "NotConfiguredError";
}

/** Nobody answers there, the connection was lost, or none became free in time. */
export class CannotConnectError extends DatabaseError {
  override readonly name = "CannotConnectError";
}

/** The server does not accept the user, the password or the database. */
export class WrongLoginError extends DatabaseError {
  override readonly name = "WrongLoginError";
}

/** The statement took longer than its `timeout`; it was cancelled on the server. */
export class QueryTimeoutError extends DatabaseError {
  override readonly name = "QueryTimeoutError";
}

/** The `signal` was aborted; the statement was cancelled on the server. */
export class QueryCancelledError extends DatabaseError {
  override readonly name = "QueryCancelledError";
}

/** The server refused the statement. */
export class SqlError extends DatabaseError {
  override readonly name = "SqlError";
}
