/** Lets in changes from our own pages and from programs only, against requests that other sites have a browser make. */
import type { HonoRequest, MiddlewareHandler } from "hono";
import { clientOf } from "../client.ts";
import { RequestProblem } from "../request_problem.ts";

export interface CrossSiteOptions {
  /** `[server] base_url`, or empty. */
  readonly baseUrl: string;
  /** `[server] api_origins`: sites that may ask the API, and nothing else. */
  readonly apiOrigins: readonly string[];
}

const SAFE_METHODS = ["GET", "HEAD", "OPTIONS"];

/**
 * Refuses a request that changes something where a browser says that another site made it: by `Sec-Fetch-Site`
 * (W3C Fetch Metadata), or by an `Origin` that is not this server's (RFC 6454). Programs that are no browsers send
 * neither and are let in: no cookie or sign-in of a person is with them that another site could misuse.
 */
export function crossSiteCheck({ baseUrl, apiOrigins }: CrossSiteOptions): MiddlewareHandler {
  const base = baseUrl === "" ? undefined : new URL(baseUrl).origin;
  const isLetIn = ({ path, raw }: HonoRequest) =>
    path.startsWith("/api/") && apiOrigins.includes(raw.headers.get("origin") ?? "");
  return async (context, next) => {
    const { req } = context;
    const isSafe = SAFE_METHODS.includes(req.method) || isLetIn(req);
    if (!isSafe && isCrossSite(req.raw, clientOf(context).isSecure, base)) {
      throw new RequestProblem(403, "problem.cross_site");
    }
    await next();
  };
}

function isCrossSite(request: Request, isSecure: boolean, base: string | undefined): boolean {
  const origin = request.headers.get("origin");
  if (origin !== null) {
    if (origin === base) return false;
    if (!URL.canParse(origin)) return true;
    const { protocol, host } = new URL(origin);
    // A page that came without TLS may be anybody's. The other way round a proxy may have ended TLS.
    return host !== new URL(request.url).host || (isSecure && protocol !== "https:");
  }
  const site = request.headers.get("sec-fetch-site");
  return site !== null && site !== "same-origin" && site !== "none";
}
