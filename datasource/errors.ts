/** What can go wrong with a database, as classes a task can tell apart and name in `retry.only`. */

export interface DatabaseErrorFacts {
  /** SQLSTATE (ISO 9075), where the server gives one. */
  readonly sqlState?: string;
  /** The server's own code, such as `ER_DUP_ENTRY` or `ORA-00942`. */
  readonly code?: string;
  /** Where in the statement it failed, counted in characters from 1, where the server tells. */
  readonly position?: number;
}

/** Any error of a database. The message names the database and never its password. */
export class DatabaseError extends Error {
  override readonly name: string = "DatabaseError";
  readonly sqlState?: string;
  readonly code?: string;
  readonly position?: number;

  constructor(message: string, facts: DatabaseErrorFacts = {}, options?: ErrorOptions) {
    super(message, options);
    Object.assign(this, facts);
  }
}

/** `database.ini` has no such section, or not rightly so. */
export class NotConfiguredError extends DatabaseError {
  override readonly name = "NotConfiguredError";
}

/** Nobody answers there, or the connection was lost. */
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

const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ENOTFOUND: "there is no host of this name",
  EAI_AGAIN: "the host's name cannot be looked up",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ETIMEDOUT: "no answer",
  ECONNRESET: "the connection was lost",
  EPIPE: "the connection was lost",
  UNKNOWN: "the connection was broken off",
};

/** Codes of OpenSSL's and the runtime's own for a certificate that does not pass. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|HANDSHAKE_SSL/;

/** Why a connection could not be made, for the codes of the operating system; undefined for other errors. */
export function unreachableReason(error: unknown): string | undefined {
  const code = codeOf(error);
  if (code !== undefined && Object.hasOwn(UNREACHABLE, code)) return UNREACHABLE[code];
  // Older runtimes give no code.
  if (error instanceof Error && (UNTRUSTED.test(code ?? "") || /peer certificate/.test(error.message))) {
    return `the server's certificate is not trusted: ${error.message}`;
  }
  // Several addresses were tried, and none answered.
  if (error instanceof AggregateError) return error.errors.map(unreachableReason).find((each) => each);
  // Some drivers wrap what the system said.
  return error instanceof Error && error.cause !== undefined ? unreachableReason(error.cause) : undefined;
}

export function codeOf(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}
