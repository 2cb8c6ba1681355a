/** Whose requests are let in: the right host name (against DNS rebinding), and for POSTs the right origin (against CSRF). */
import type { MiddlewareHandler } from "hono";
import { RequestProblem } from "./problem.ts";

const SAFE_METHODS = ["GET", "HEAD", "OPTIONS"];
const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];

/** True for an address that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

export interface OriginOptions {
  /** `[server] base_url`, or empty. */
  readonly baseUrl: string;
  /** This machine's name, as others may call it. */
  readonly machine: string;
}

/**
 * Refuses requests for a host name that is not ours: a page elsewhere could have its own name point at this address.
 * Addresses as numbers cannot be made to point anywhere else, so they are always ours.
 */
export function hostCheck({ baseUrl, machine }: OriginOptions): MiddlewareHandler {
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

/**
 * Refuses a request that changes something where a browser says that another site made it: by `Sec-Fetch-Site`
 * (W3C Fetch Metadata), or by an `Origin` that is not this server's (RFC 6454). Programs that are no browsers send
 * neither and are let in: no cookie or sign-in of a person is with them that another site could misuse.
 */
export function crossSiteCheck({ baseUrl }: Pick<OriginOptions, "baseUrl">): MiddlewareHandler {
  const base = baseUrl === "" ? undefined : new URL(baseUrl).origin;
  return async (context, next) => {
    if (!SAFE_METHODS.includes(context.req.method) && isCrossSite(context.req.raw, base)) {
      throw new RequestProblem(403, "problem.cross_site");
    }
    await next();
  };
}

function isCrossSite(request: Request, base: string | undefined): boolean {
  const origin = request.headers.get("origin");
  if (origin !== null) {
    return origin !== base && (!URL.canParse(origin) || new URL(origin).host !== new URL(request.url).host);
  }
  const site = request.headers.get("sec-fetch-site");
  return site !== null && site !== "same-origin" && site !== "none";
}
