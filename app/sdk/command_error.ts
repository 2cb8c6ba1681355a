/** What a program that did not succeed is in words. */
import type { ChildEnd } from "./child_process.ts";

/** A program that ended with another exit code than those that mean success. */
export class CommandError extends Error {
  override readonly name = "CommandError";

  /** @param code its exit code; 128 and the signal's number where one ended it */
  constructor(message: string, readonly code: number) {
    super(message);
  }
}

/** @param lastLine what it wrote to standard error at the end */
export function failureOf({ code, signal }: ChildEnd, lastLine: string | undefined): string {
  const how = signal === null
    ? `the command ended with exit code ${code}`
    : `the command was ended by ${signal}`;
  return lastLine === undefined ? how : `${how}: ${lastLine}`;
}
