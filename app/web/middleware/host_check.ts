/** Lets in requests for our own host name only, against DNS rebinding. */
import type { MiddlewareHandler } from "hono";
import { RequestProblem } from "../request_problem.ts";

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];

export interface HostOptions {
  /** `[server] base_url`, or empty. */
  readonly baseUrl: string;
  /** This machine's name, as others may call it. */
  readonly machine: string;
}

/**
 * Refuses requests for a host name that is not ours: a page elsewhere could have its own name point at this address.
 * Addresses as numbers cannot be made to point anywhere else, so they are always ours.
 */
export function hostCheck({ baseUrl, machine }: HostOptions): MiddlewareHandler {
  const names = [
    ...LOOPBACK_NAMES,
    machine.toLowerCase(),
    ...(baseUrl === "" ? [] : [new URL(baseUrl).hostname]),
  ];
  return async (context, next) => {
    const { hostname } = new URL(context.req.url);
    const isAddress = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:.]+\])$/i.test(hostname);
    if (!isAddress && !names.includes(hostname.toLowerCase())) {
      throw new RequestProblem(421, "problem.host", { host: hostname });
    }
    await next();
  };
}
