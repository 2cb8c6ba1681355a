/** Lets in nobody of whom nothing is known, but for the few addresses that are open. */
import type { Context, MiddlewareHandler } from "hono";
import type { Auth } from "../../auth/auth.ts";
import { Access } from "../../model/access.ts";
import { asker, setAsker } from "../asker.ts";
import { clientOf } from "../client.ts";
import { addressOf, isFragmentRequest } from "../document.tsx";
import { isJsonPath } from "../json_paths.ts";
import { ownPath, withQuery } from "../paths.ts";
import { RequestProblem } from "../request_problem.ts";

/**
 * What is open to everybody: how one gets in, what pages are made of, and one word on whether Carillon is well. Whoever
 * asks `/heartbeat` signs the question. What is not named here takes a sign-in or a token.
 */
const OPEN: readonly RegExp[] = [
  /^\/sign-in(?:\/(?:provider|callback))?$/,
  /^\/(?:setup|password)\/[^/]+$/,
  /^\/assets\//,
  /^\/favicon\.ico$/,
  /^\/(?:language|theme)$/,
  /^\/(?:healthz|readyz|heartbeat)$/,
];

/** PyScheduler's addresses, which old scripts may be let in to by `[auth] open_trigger`. */
const TRIGGER = /^\/(?:jobs|trigger\/[^/]+)$/;
const TRIGGER_ACCESS = new Access([{ rights: new Set(["view", "run"]), tasks: "all" }]);

export function isOpen(path: string): boolean {
  return OPEN.some((each) => each.test(path));
}

export function signInCheck(auth: Auth): MiddlewareHandler {
  return async (context, next) => {
    const who = asker();
    if (who.isKnown || isOpen(context.req.path)) return await next();
    const { address } = clientOf(context);
    if (TRIGGER.test(context.req.path) && address !== undefined && auth.openTrigger.has(address)) {
      setAsker({ ...who, isKnown: true, access: TRIGGER_ACCESS });
      return await next();
    }
    return askToSignIn(context, auth);
  };
}

/**
 * A browser that wants a page is led to where one signs in, and back; whoever else asks is told that it takes a token. A
 * page that only refreshes itself stays where it is, and says it (`answers.js`).
 */
function askToSignIn(context: Context, auth: Auth): Response {
  if (auth.mode === "proxy") throw new RequestProblem(401, "problem.no_proxy_name");
  if (isJsonPath(context.req.path) || context.req.path === "/metrics") {
    throw new RequestProblem(401, "problem.no_token");
  }
  const isReading = context.req.method === "GET" || context.req.method === "HEAD";
  const isFragment = isFragmentRequest(context);
  const page = isFragment ? shownPage(context) : addressOf(context.req.url);
  const address = withQuery("/sign-in", { back: page === "/" ? "" : page });
  if (isFragment) context.header("hx-redirect", address);
  if (isFragment && isReading) throw new RequestProblem(401, "page.signed_out");
  if (!isReading) throw new RequestProblem(401, "problem.signed_out");
  return context.redirect(address, 303);
}

/** The page that asks for a part of itself. */
function shownPage(context: Context): string {
  const given = context.req.header("hx-current-url") ?? "";
  return URL.canParse(given) ? ownPath(addressOf(given)) : "/";
}
