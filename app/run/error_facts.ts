/** What is kept of a thrown value: plain data, whatever was thrown. */
import { format } from "node:util";
import type { RunError } from "../history/run.ts";
import type { Mask } from "../mask.ts";

const MAX_STACK_LENGTH = 8_000;
const MAX_MESSAGE_LENGTH = 4_000;

export function errorFacts(thrown: unknown, mask: Mask = (text) => text): RunError {
  if (!(thrown instanceof Error)) {
    return { name: "Error", message: mask(format(thrown)).slice(0, MAX_MESSAGE_LENGTH) };
  }
  return {
    name: String(thrown.name),
    message: mask(String(thrown.message)).slice(0, MAX_MESSAGE_LENGTH),
    stack: mask(stackText(thrown)).slice(0, MAX_STACK_LENGTH),
  };
}

/** More causes than this are a circle. */
const MAX_CAUSES = 10;

function stackText(error: Error, depth = 0): string {
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause instanceof Error && depth < MAX_CAUSES
    ? `${own}\nCaused by: ${stackText(error.cause, depth + 1)}`
    : own;
}
