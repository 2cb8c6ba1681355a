/** Errors of triggers. */
import { SentenceError } from "../locale/sentence.ts";

/** An invalid trigger; the message names the field, the expression, the position and what is allowed. */
export class TriggerError extends SentenceError {
  override readonly name = "TriggerError";
}
