/** An error of a driver, told as one of a database: a kind, a sentence, and never a password. */
import { messageOf } from "../../app/base/errors.ts";
import {
  CannotConnectError,
  DatabaseError,
  type DatabaseErrorFacts,
  SqlError,
  WrongLoginError,
} from "../errors.ts";

/** What a driver knows of one of its errors. */
export type Fault =
  /** Nobody answers, or the connection was lost. */
  | { readonly kind: "unreachable"; readonly reason: string; readonly code?: string | undefined }
  /** The server does not accept the login. */
  | { readonly kind: "login"; readonly text: string; readonly facts?: DatabaseErrorFacts }
  /** The server refused a statement. */
  | { readonly kind: "sql"; readonly text: string; readonly facts?: DatabaseErrorFacts };

/** Which database it is. */
export interface Place {
  /** Begins every sentence, such as `PostgreSQL sales`. */
  readonly label: string;
  /** Where the server is, such as `db1:5432`. */
  readonly address: string;
}

/** The error that a task gets. */
export function databaseError({ label, address }: Place, fault: Fault, cause: unknown): DatabaseError {
  switch (fault.kind) {
    case "unreachable": {
      const text = `${label}: cannot connect to ${address} (${fault.reason})`;
      return new CannotConnectError(text, { code: fault.code }, { cause });
    }
    case "login":
      return new WrongLoginError(`${label}: ${fault.text}`, fault.facts, { cause });
    case "sql":
      return new SqlError(`${label}: ${fault.text}`, fault.facts, { cause });
  }
}

/** A server that takes a login, or the session's settings, and does not answer in time. */
export function noAnswer(place: Place, seconds: number): DatabaseError {
  return databaseError(place, { kind: "unreachable", reason: `no answer within ${seconds} s` }, undefined);
}

/** What no driver's table knows is told as the driver said it. */
export function unknownFault(error: unknown): Fault {
  const code = codeOf(error);
  return {
    kind: "sql",
    text: code === undefined ? messageOf(error) : `${messageOf(error)} (${code})`,
    facts: { code },
  };
}

const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ENOTFOUND: "there is no host of this name",
  EAI_AGAIN: "the host's name cannot be looked up",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ENOENT: "there is no such socket",
  EACCES: "the socket may not be opened",
  ETIMEDOUT: "no answer",
  ECONNRESET: "the connection was lost",
  ECONNABORTED: "the connection was lost",
  EPIPE: "the connection was lost",
  ERR_STREAM_DESTROYED: "the connection was closed",
  ERR_STREAM_WRITE_AFTER_END: "the connection was closed",
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
