/** Lets clients have their answers in turn, and makes none for a client that has gone. */
import type { MiddlewareHandler } from "hono";
import { clientOf } from "../client.ts";
import type { Turns } from "../turns.ts";

/** What costs nothing, or waits for others rather than works: it has no need of a turn. */
const ANSWERED_AT_ONCE = /^\/(?:healthz|readyz|heartbeat|sign-in)(?:\/|$)/;

/**
 * Questions wait for their turn. What changes something is done whether its client waits for the answer or not: it has been
 * asked for.
 */
export function inTurn(turns: Turns): MiddlewareHandler {
  return async (context, next) => {
    const { method, path, raw: { signal } } = context.req;
    if ((method !== "GET" && method !== "HEAD") || ANSWERED_AT_ONCE.test(path)) return await next();
    const { isOwn, address } = clientOf(context);
    using _turn = await turns.take(isOwn ? "own" : address ?? "", signal);
    await next();
  };
}
