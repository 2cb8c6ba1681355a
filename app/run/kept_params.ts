/** Parameters as they are kept: without secrets, so that what lacks one cannot be run again, or later, as it was given. */
import { MASKED } from "../base/mask.ts";

/** True for a value in which a secret was taken out. */
export function lacksSecret(value: unknown): boolean {
  return value !== undefined && JSON.stringify(value).includes(MASKED);
}
