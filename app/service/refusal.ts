/** What is asked for and cannot be done: a sentence in every language, and of which kind it is. */
import { OperatorError } from "../base/errors.ts";
import { text, type TextKey, type TextValues } from "../locale/locale.ts";

/**
 * `unknown`: there is no such thing. `conflict`: not as things are now. `invalid`: what is given is wrong. `stopping`: not
 * any more. `forbidden`: not by whoever asks.
 */
export type RefusalKind = "unknown" | "conflict" | "invalid" | "stopping" | "forbidden";

export class Refusal extends OperatorError {
  override readonly name = "Refusal";

  constructor(readonly kind: RefusalKind, readonly key: TextKey, readonly values: TextValues = {}) {
    super(text("en", key, values));
  }
}
