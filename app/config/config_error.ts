/** What ends a start because of a setting. */
import { OperatorError } from "../base/errors.ts";

/** An invalid setting. The message gives its place and the allowed values. */
export class ConfigError extends OperatorError {
  override readonly name = "ConfigError";
}
