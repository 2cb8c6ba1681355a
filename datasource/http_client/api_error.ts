/** What an API refused, in a sentence. */
import { OperatorError } from "../../app/base/errors.ts";

/** An API that refused, or cannot be reached. `retry.only` knows it by its name. */
export class ApiError extends OperatorError {
  override readonly name = "ApiError";

  /** @param status of the answer, or the `code` in it; undefined where there was none */
  constructor(message: string, readonly status?: number, options?: ErrorOptions) {
    super(message, options);
  }
}
