/** `Cross-Origin-Opener-Policy`: a page of somebody else that opened one of ours has no hold on its window. */
import type { MiddlewareHandler } from "hono";

/** Ways here that no other page had a part in: typed or bookmarked, and a link of our own. */
const OWN_WAYS: readonly string[] = ["none", "same-origin"];

/**
 * The field makes a browser begin a process of its own for the page, which takes longer than all the rest of a first visit;
 * so only a visitor whom another site sent gets it, and one whose browser does not tell (`Sec-Fetch-Site` of W3C's Fetch
 * Metadata).
 */
export function openerPolicy(): MiddlewareHandler {
  return async (context, next) => {
    await next();
    if (OWN_WAYS.includes(context.req.header("sec-fetch-site") ?? "")) return;
    context.header("cross-origin-opener-policy", "same-origin");
  };
}
