/** Finds out who sends a request before anything else looks at it. */
import type { MiddlewareHandler } from "hono";
import type { AddressList } from "../../base/addresses.ts";
import { FORWARDING_FIELDS, peerOf, readClient, setClient } from "../client.ts";
import { RequestProblem } from "../request_problem.ts";

/**
 * The commands' own socket lets whoever opens it do everything: a proxy that is pointed at it by mistake is refused.
 *
 * @param proxies `[server] trusted_proxies`
 */
export function recogniseClient(proxies: AddressList): MiddlewareHandler {
  return async (context, next) => {
    const { headers } = context.req.raw;
    const client = readClient(peerOf(context), headers, proxies);
    if (client.isOwn && FORWARDING_FIELDS.some((name) => headers.has(name))) {
      throw new RequestProblem(400, "problem.proxy_on_own_socket");
    }
    setClient(context, client);
    await next();
  };
}
