/** Names of `[secrets]`: they stand in settings, in definitions and in code. */

const NAME = /^[a-z][a-z0-9_]*$/;

/** True for a lower-case letter with lower-case letters, digits and "_" behind it. */
export function isSecretName(name: string): boolean {
  return NAME.test(name);
}
