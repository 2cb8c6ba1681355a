/** `[secrets]` of carillon.ini, as tasks ask for them. */
import { givenText } from "../base/given.ts";
import { suggestion } from "../base/suggestion.ts";

let known: Readonly<Record<string, string>> = {};
let refused: readonly string[] = [];

/** Sets the secrets of this process. @param others names that are there and may not be asked for */
export function setSecrets(
  secrets: Readonly<Record<string, string>>,
  others: readonly string[] = [],
): void {
  known = secrets;
  refused = others;
}

/**
 * A value of `[secrets]` in carillon.ini. It is taken out of whatever the task writes to its log, returns or throws.
 *
 * @throws Error for a name that is not there
 * @example const token = secret("crm_token")
 */
export function secret(name: string): string {
  givenText("the secret", name, "a name of [secrets]");
  const value = Object.hasOwn(known, name) ? known[name] : undefined;
  if (value !== undefined) return value;
  if (refused.includes(name)) {
    throw new Error(
      `this task may not use the secret "${name}": name it in the task's secrets, or allow it by [permissions] secrets`,
    );
  }
  throw new Error(`[secrets] of carillon.ini has no "${name}"; ${suggestion(name, Object.keys(known))}`);
}
