/** Why a request had no answer, for logs and pages. */
import { messageOf } from "./errors.ts";

/** The reason without any address: the runtime's own sentence begins with the whole one, which may hold a token. */
export function networkReason(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return messageOf(cause).replace(/\(?[a-z][a-z\d+.-]*:\/\/[^\s)]+\)?:?\s?/gi, "").trim();
}
