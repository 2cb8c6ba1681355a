/** `[secrets]` of carillon.ini, as tasks ask for them. */
import { suggestion } from "./nearest.ts";

let known: Readonly<Record<string, string>> = {};

/** Sets the secrets of this thread. */
export function setSecrets(secrets: Readonly<Record<string, string>>): void {
  known = secrets;
}

/**
 * A value of `[secrets]` in carillon.ini. It is taken out of whatever the task writes to its log, returns or throws.
 *
 * @throws Error for a name that is not there
 * @example const token = secret("crm_token")
 */
export function secret(name: string): string {
  const value = Object.hasOwn(known, name) ? known[name] : undefined;
  if (value !== undefined) return value;
  throw new Error(`[secrets] of carillon.ini has no "${name}"; ${suggestion(name, Object.keys(known))}`);
}
