/** What is kept of a thrown value: plain data, whatever was thrown. */
import { format } from "node:util";
import type { RunError } from "../history/run.ts";

const MAX_STACK_LENGTH = 8_000;

export function errorFacts(thrown: unknown): RunError {
  if (!(thrown instanceof Error)) return { name: "Error", message: format(thrown) };
  return {
    name: thrown.name,
    message: thrown.message,
    stack: stackText(thrown).slice(0, MAX_STACK_LENGTH),
  };
}

function stackText(error: Error): string {
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause instanceof Error && error.cause !== error
    ? `${own}\nCaused by: ${stackText(error.cause)}`
    : own;
}
