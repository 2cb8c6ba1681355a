/** `Strict-Transport-Security` (RFC 6797): browsers that came by TLS once do not come without it any more. */
import type { MiddlewareHandler } from "hono";
import { isIP } from "node:net";
import { clientOf } from "../client.ts";

/**
 * The field counts for all ports of a name: `localhost`, where other programs answer too, does not get it. Addresses as
 * numbers cannot have it.
 *
 * @param ageMs how long browsers keep to it; 0 takes it back
 */
export function strictTransport(ageMs: number): MiddlewareHandler {
  const value = `max-age=${Math.floor(ageMs / 1_000)}`;
  return async (context, next) => {
    await next();
    const { hostname } = new URL(context.req.url);
    if (
      !clientOf(context).isSecure || hostname === "localhost" || isIP(hostname.replace(/^\[|\]$/g, "")) !== 0
    ) return;
    context.header("strict-transport-security", value);
  };
}
