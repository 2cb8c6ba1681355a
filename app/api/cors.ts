/** Lets pages of listed origins ask the API from a browser (Fetch standard, CORS protocol); all others get no word of it. */
import type { MiddlewareHandler } from "hono";

const METHODS = "GET, HEAD, POST";
const REQUEST_FIELDS = "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID";
const ANSWER_FIELDS = "ETag, Location, RateLimit, RateLimit-Policy, Retry-After";
/** How long a browser need not ask again, in seconds. */
const MAX_AGE_S = 600;

/** @param origins `[server] api_origins`; no cookie of a signed-in person goes along, a token has to */
export function allowOrigins(origins: readonly string[]): MiddlewareHandler {
  const known = new Set(origins);
  return async (context, next) => {
    const origin = context.req.header("origin");
    const isKnown = origin !== undefined && known.has(origin);
    if (isKnown && context.req.method === "OPTIONS") {
      return context.body(null, 204, {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": METHODS,
        "access-control-allow-headers": REQUEST_FIELDS,
        "access-control-max-age": String(MAX_AGE_S),
        "vary": "Origin",
      });
    }
    await next();
    if (known.size > 0) context.header("vary", "Origin", { append: true });
    if (!isKnown) return;
    context.header("access-control-allow-origin", origin);
    context.header("access-control-expose-headers", ANSWER_FIELDS);
  };
}
