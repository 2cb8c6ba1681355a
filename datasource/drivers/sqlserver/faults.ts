/** Errors of SQL Server and its driver, by what they mean. */
import { messageOf } from "../../../app/base/errors.ts";
import { codeOf, type Fault, unknownFault, unreachableReason } from "../fault.ts";

/** What the driver says of a connection that is not there or no longer. */
const LOST: Readonly<Record<string, string>> = {
  ECLOSE: "the connection was lost",
  EINVALIDSTATE: "the connection was closed",
  EINSTLOOKUP: "there is no host of this name",
};
const TIMED_OUT = "ETIMEOUT";

export function sqlserverFault(given: unknown, connectSeconds: number): Fault {
  // Several messages of the server: the first says what went wrong, the others what follows from it.
  const error = given instanceof AggregateError ? given.errors[0] : given;
  const code = codeOf(error);
  const number = numberOf(error);
  if (number !== undefined && code !== "ELOGIN") {
    const line = error instanceof Error && "lineNumber" in error ? `, line ${error.lineNumber}` : "";
    return {
      kind: "sql",
      text: `${messageOf(error)} (error ${number}${line})`,
      facts: { code: String(number) },
    };
  }
  if (code === "ELOGIN") return { kind: "login", text: messageOf(error), facts: { code } };
  const reason = unreachableReason(error) ??
    (code === TIMED_OUT ? `no answer within ${connectSeconds} s` : LOST[code ?? ""]);
  if (reason !== undefined) return { kind: "unreachable", reason, code };
  if (code === "ESOCKET") return { kind: "unreachable", reason: messageOf(error), code };
  return unknownFault(error);
}

function numberOf(error: unknown): number | undefined {
  return error instanceof Error && "number" in error && typeof error.number === "number"
    ? error.number
    : undefined;
}
