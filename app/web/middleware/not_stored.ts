/** Keeps answers out of caches: what programs ask and logs always, all else where its handler has not said how it may be kept. */
import type { MiddlewareHandler } from "hono";

/** True for a moment only, and may be confidential. */
const NOT_STORED = /^\/(?:jobs|trigger|hooks|api\/v1)(?:\/|$)|\/log\.txt$/;

export function notStored(): MiddlewareHandler {
  return async (context, next) => {
    await next();
    const said = context.res.headers.get("cache-control");
    if (said?.includes("no-store")) return;
    if (said === null || NOT_STORED.test(context.req.path)) context.header("cache-control", "no-store");
  };
}
