/** Errors of triggers. */
import { OperatorError } from "../base/errors.ts";

/** An invalid trigger; the message names the field, the expression, the position and what is allowed. */
export class TriggerError extends OperatorError {
  override readonly name = "TriggerError";
}
