/** What can be wrong with a command line. */

/** A command line that cannot be; the message says what is wrong with it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Exit codes: 0 done, 1 something the command tells about failed, 2 the command line or a setting is wrong. */
export type ExitCode = 0 | 1 | 2;
