/** Errors of MySQL, MariaDB and their driver, by what they mean. */
import { messageOf } from "../../../app/base/errors.ts";
import { codeOf, type Fault, unknownFault, unreachableReason } from "../fault.ts";

const WRONG_LOGIN = [
  "ER_ACCESS_DENIED_ERROR",
  "ER_DBACCESS_DENIED_ERROR",
  "ER_BAD_DB_ERROR",
  "ER_MUST_CHANGE_PASSWORD_LOGIN",
];
/** The connection was ended, by the server or because packets went missing. */
const LOST: Readonly<Record<string, string>> = {
  PROTOCOL_CONNECTION_LOST: "the connection was lost",
  PROTOCOL_SEQUENCE_TIMEOUT: "no answer in time",
  PROTOCOL_PACKETS_OUT_OF_ORDER: "the connection was lost: its packets are out of order",
  PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR: "the connection was lost",
  PROTOCOL_ENQUEUE_AFTER_QUIT: "the connection was closed",
  HANDSHAKE_NO_SSL_SUPPORT: "the server has no TLS; set tls = off, or set it up there",
  HANDSHAKE_SSL_ERROR: "the encrypted connection could not be made",
  ER_SERVER_SHUTDOWN: "the server is being stopped",
  ER_CON_COUNT_ERROR: "the server takes no more connections",
  ER_TOO_MANY_USER_CONNECTIONS: "the server takes no more connections of this user",
  ER_CLIENT_INTERACTION_TIMEOUT: "the server closed the idle connection",
  ER_NET_READ_ERROR: "the connection was lost",
  ER_NET_ERROR_ON_WRITE: "the connection was lost",
  ER_CONNECTION_KILLED: "the connection was killed",
};
/** Names that the driver gets wrong or does not have: MariaDB counts differently from MySQL beyond 1900. */
const MARIADB_NAMES: Readonly<Record<number, string>> = {
  1906: "ER_WARNING_NON_DEFAULT_VALUE_FOR_GENERATED_COLUMN",
  1907: "ER_UNSUPPORTED_ACTION_ON_GENERATED_COLUMN",
  1927: "ER_CONNECTION_KILLED",
  1969: "ER_STATEMENT_TIMEOUT",
  4025: "ER_CONSTRAINT_FAILED",
};
/** Where a server was once MariaDB its own numbers count; MySQL has others for these. */
const MARIADB_ONLY = 1_900;

export function mysqlFault(error: unknown, isMariaDb: boolean): Fault {
  const errno = numberOf(error, "errno");
  const named = isMariaDb && errno !== undefined && errno >= MARIADB_ONLY
    ? MARIADB_NAMES[errno] ?? `${errno}`
    : undefined;
  const code = named ?? codeOf(error) ?? (errno === undefined ? undefined : String(errno));
  const reason = unreachableReason(error) ?? (code === undefined ? undefined : LOST[code]);
  if (reason !== undefined) return { kind: "unreachable", reason, code };
  const message = messageOf(error);
  if (/closed state|Connection lost|connection is in closed/i.test(message)) {
    return { kind: "unreachable", reason: "the connection was lost", code };
  }
  if (/LOCAL INFILE/.test(message)) {
    return {
      kind: "sql",
      text: "LOAD DATA LOCAL reads files of this machine, which is not allowed; use insertMany()",
      facts: { code },
    };
  }
  const sqlState = error instanceof Error && "sqlState" in error ? String(error.sqlState) : undefined;
  if (sqlState === undefined || code === undefined) return unknownFault(error);
  const facts = { sqlState, code };
  if (WRONG_LOGIN.includes(code)) return { kind: "login", text: message, facts };
  const text = /ER_PARSE_ERROR/.test(code) &&
      /near '(?:insert|update|delete|select|create|drop|set|call)\b/i.test(message)
    ? `${message}; one statement at a time`
    : message;
  return { kind: "sql", text: `${text} (${code}, SQLSTATE ${sqlState})`, facts };
}

export function numberOf(error: unknown, key: string): number | undefined {
  const value = typeof error === "object" && error !== null && key in error
    ? (error as Record<string, unknown>)[key]
    : undefined;
  return typeof value === "number" ? value : undefined;
}
