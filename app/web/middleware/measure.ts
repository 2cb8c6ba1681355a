/** Counts requests and measures how long their answers take, by route. */
import type { Context, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";

/** What the measures go to. */
export type OnRequest = (method: string, route: string, status: number, ms: number) => void;

export function measure(onRequest: OnRequest): MiddlewareHandler {
  return async (context, next) => {
    const begin = performance.now();
    await next();
    onRequest(context.req.method, routeOf(context), context.res.status, performance.now() - begin);
  };
}

/** The pattern of the handler that answered; addresses that there are not share one. */
function routeOf(context: Context): string {
  const pattern = routePath(context, -1);
  return pattern === "*" || pattern === "/*" ? "(none)" : pattern;
}
