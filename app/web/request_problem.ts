/** A request that is wrong: the status and the sentence it is answered with (I7). */
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { TextKey, TextValues } from "../locale/locale.ts";

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
