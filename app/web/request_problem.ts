/** A request that is wrong: the status and the sentence it is answered with (I7). */
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { RefusalKind } from "../service/refusal.ts";
import type { TextKey, TextValues } from "../locale/locale.ts";

/** What each kind of refusal is answered with. */
export const REFUSAL_STATUS = {
  unknown: 404,
  conflict: 409,
  invalid: 422,
  stopping: 503,
  forbidden: 403,
} as const satisfies Record<RefusalKind, ContentfulStatusCode>;

export class RequestProblem extends Error {
  override readonly name = "RequestProblem";

  constructor(
    readonly status: ContentfulStatusCode,
    readonly key: TextKey,
    readonly values: TextValues = {},
  ) {
    super(key);
  }
}
