/** Errors as sentences: the base class of those that are meant for the operator, and the text of any that was thrown. */

/** An error whose message is a sentence for the person who runs Carillon: what, where, what to do. It needs no stack. */
export class OperatorError extends Error {
  override readonly name: string = "OperatorError";
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The code that the system gave an error, such as `"ENOENT"`. */
export function codeOf(thrown: unknown): string | undefined {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return typeof code === "string" ? code : undefined;
}
