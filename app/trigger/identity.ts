/** Identities of triggers as they were recorded. */
import type { Trigger } from "../contracts.ts";

/**
 * True where a recorded identity is that of a trigger. Version 0.1.0 wrote the default zone before each of them, also
 * where it has no say in when the trigger fires.
 */
export function isIdentityOf(recorded: string, { identity }: Pick<Trigger, "identity">): boolean {
  return recorded === identity ||
    (identity.startsWith("{") && recorded.replace(/^[^\s{]+ /, "") === identity);
}
