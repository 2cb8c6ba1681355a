/** Errors of PostgreSQL and its driver, by what they mean. */
import { messageOf } from "../../../app/base/errors.ts";
import { codeOf, type Fault, unknownFault, unreachableReason } from "../fault.ts";

/** SQLSTATE of a login that is refused: class 28, and a database that is not there (PostgreSQL, Appendix A). */
const WRONG_LOGIN = /^28|^3D000$/;
/** SQLSTATE of a server that takes no more connections or ends this one: classes 08 and 57P, and 53300. */
const GONE = /^08|^57P0|^53300$|^25P03$/;
/** What the driver says without a code. */
const LOST =
  /Connection terminated|Client was closed|not queryable|Client has encountered a connection error/;
const NO_TLS = /does not support SSL connections/;

export function postgresFault(error: unknown): Fault {
  const reason = unreachableReason(error);
  const code = codeOf(error);
  if (reason !== undefined) return { kind: "unreachable", reason, code };
  const message = messageOf(error);
  if (NO_TLS.test(message)) {
    return { kind: "unreachable", reason: "the server has no TLS; set tls = off, or set it up there" };
  }
  if (/timeout expired/.test(message)) return { kind: "unreachable", reason: "no answer in time" };
  if (LOST.test(message)) return { kind: "unreachable", reason: "the connection was lost" };
  if (code === undefined || !/^[0-9A-Z]{5}$/.test(code)) return unknownFault(error);
  if (GONE.test(code)) {
    return { kind: "unreachable", reason: `the connection was lost: ${message}`, code };
  }
  const facts = { sqlState: code, code };
  if (WRONG_LOGIN.test(code)) return { kind: "login", text: message, facts };
  if (/cannot insert multiple commands/.test(message)) {
    return { kind: "sql", text: `one statement at a time: the text holds several (SQLSTATE ${code})`, facts };
  }
  const { position: at, where, detail } = error as { position?: string; where?: string; detail?: string };
  const position = at === undefined ? undefined : Number(at);
  const place = position === undefined ? "" : `, at character ${position}`;
  const more = [detail, where?.split("\n")[0]].filter((each) => each !== undefined).join("; ");
  return {
    kind: "sql",
    text: `${message} (SQLSTATE ${code}${place})${more === "" ? "" : `: ${more}`}`,
    facts: { ...facts, position },
  };
}
