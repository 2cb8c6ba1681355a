/** Errors of Oracle and its driver, by what they mean. */
import { codeOf, type Fault, unknownFault } from "../fault.ts";

/** Codes of the server and of the driver (Oracle's "Database Error Messages", node-oracledb's `lib/errors.js`). */
const WRONG_LOGIN: Readonly<Record<string, string>> = {
  "ORA-01005": "no password was given",
  "ORA-01017": "the user or the password is not accepted",
  "ORA-01045": "the user may not log on",
  "ORA-28000": "the account is locked",
  "ORA-28001": "the password has expired",
  "ORA-12505": "the listener does not know this instance",
  "ORA-12514": "the listener does not know this service",
  "NJS-517": "the listener does not know this instance",
  "NJS-518": "the listener does not know this service",
};
const TIMED_OUT = ["NJS-510", "ORA-12170"];
const LOST: Readonly<Record<string, string>> = {
  "NJS-500": "the connection was lost",
  "NJS-501": "the connection was lost",
  "NJS-503": "connection refused",
  "NJS-511": "the listener refused",
  "NJS-040": "no connection of the pool became free",
  "NJS-521": "the connection was lost",
  "DPI-1010": "the connection was lost",
  "DPI-1080": "the connection was lost",
  "ORA-03113": "the connection was lost",
  "ORA-03114": "the connection was lost",
  "ORA-12537": "the connection was lost",
  "ORA-12541": "there is no listener",
  "ORA-01033": "the database is being started or stopped",
  "ORA-01034": "the database is not running",
  "ORA-01089": "the database is being stopped",
};

/** The driver's thin mode speaks to 12.1 and newer (node-oracledb, "Oracle Database versions"). */
const TOO_OLD: readonly string[] = ["NJS-138", "NJS-116", "NJS-533"];

export function oracleFault(error: unknown, connectSeconds: number): Fault {
  const code = oracleCode(error);
  if (!(error instanceof Error) || code === undefined) return unknownFault(error);
  const facts = { code };
  if (TOO_OLD.includes(code)) {
    return {
      kind: "login",
      text:
        `the server is too old, or its account has a password of an old kind: Oracle 12.1 or newer is needed, and a password ` +
        `that was set there (${code})`,
      facts,
    };
  }
  const refused = WRONG_LOGIN[code];
  if (refused !== undefined) return { kind: "login", text: `${refused} (${code})`, facts };
  const reason = TIMED_OUT.includes(code) ? `no answer within ${connectSeconds} s` : LOST[code];
  if (reason !== undefined) {
    // Two codes of the driver stand for all that the system or the listener may say.
    const why = code === "NJS-503" && !/ECONNREFUSED/.test(error.message)
      ? "the host cannot be reached"
      : code === "NJS-511"
      ? [reason, ...error.message.match(/ORA-\d+/) ?? []].join(": ")
      : reason;
    return { kind: "unreachable", reason: why, code };
  }
  const offset = "offset" in error && typeof error.offset === "number" ? error.offset : undefined;
  const [first = error.message] = error.message.split("\n");
  return {
    kind: "sql",
    text: `${first}${offset === undefined ? "" : ` (at character ${offset + 1})`}`,
    facts: { code, position: offset === undefined ? undefined : offset + 1 },
  };
}

/** `ORA-00942` or `NJS-503`: what the message begins with, where the error does not say it apart. */
function oracleCode(error: unknown): string | undefined {
  const code = codeOf(error);
  if (code !== undefined && /^[A-Z]{3}-\d+$/.test(code)) return code;
  return error instanceof Error ? error.message.match(/\b[A-Z]{3}-\d{3,5}\b/)?.[0] : undefined;
}
