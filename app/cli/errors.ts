/** What can be wrong with a command line, and how a command ends. */
import { OperatorError } from "../base/errors.ts";

/** An invalid command line. The message says what is wrong with it and what is allowed. */
export class UsageError extends OperatorError {
  override readonly name = "UsageError";
}

/**
 * Exit codes: 0 done, 1 something the command reports on failed, 2 the command line, a setting or a file of it is wrong; the
 * others are those of a signal that has ended it, as shells have them.
 */
export type ExitCode = 0 | 1 | 2 | SignalCode;

/** 128 and the number of SIGHUP, SIGINT, SIGTERM. */
export type SignalCode = 129 | 130 | 143;
