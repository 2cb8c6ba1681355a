/** What is kept of a thrown value: plain data, whatever was thrown. */
import { format } from "node:util";
import type { Mask } from "../base/mask.ts";
import type { RunError } from "../model/run.ts";
import { withRemedy } from "./remedy.ts";
import { cut, MAX_ERROR_MESSAGE_LENGTH, MAX_ERROR_NAME_LENGTH, MAX_STACK_LENGTH } from "./limits.ts";

/** Never throws, also where the value's own properties do. */
export function errorFacts(thrown: unknown, mask: Mask = (text) => text): RunError {
  try {
    return facts(thrown, mask);
  } catch {
    // A value whose getters or methods throw is the task's own doing, and it has no text.
    return { name: "Error", message: "something was thrown that cannot be read" };
  }
}

function facts(thrown: unknown, mask: Mask): RunError {
  if (!(thrown instanceof Error)) {
    return { name: "Error", message: cut(mask(format(thrown)), MAX_ERROR_MESSAGE_LENGTH) };
  }
  return {
    name: cut(mask(String(thrown.name)), MAX_ERROR_NAME_LENGTH),
    message: cut(mask(withRemedy(String(thrown.message))), MAX_ERROR_MESSAGE_LENGTH),
    stack: cut(mask(stackText(thrown)), MAX_STACK_LENGTH),
  };
}

/** More causes than this are a circle. */
const MAX_CAUSES = 10;

function stackText(error: Error, depth = 0): string {
  const message = String(error.message);
  const own = String(error.stack ?? `${error.name}: ${message}`).replace(message, () => withRemedy(message));
  return error.cause instanceof Error && depth < MAX_CAUSES
    ? `${own}\nCaused by: ${stackText(error.cause, depth + 1)}`
    : own;
}
