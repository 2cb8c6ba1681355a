/** Finds out who a request comes from, before anything is answered. */
import type { Context, MiddlewareHandler } from "hono";
import type { Auth, Person } from "../../auth/auth.ts";
import { TOKEN_PREFIX } from "../../auth/tokens.ts";
import { isLoopback } from "../../base/loopback.ts";
import { plainAddress } from "../../base/addresses.ts";
import type { Clock } from "../../contracts.ts";
import { EVERYTHING } from "../../model/access.ts";
import { setAsker } from "../asker.ts";
import { clientOf, FORWARDING_FIELDS, peerOf } from "../client.ts";
import { type Identity, NOBODY } from "../identity.ts";
import { RequestProblem } from "../request_problem.ts";
import type { BrowserCookie } from "../session_cookie.ts";

/** Who is sent an answer piece by piece is looked at again no more often. */
const AGAIN_MS = 5_000;
/** A name or group that a proxy gives: printable, and no list of several. */
const PROXY_NAME = /^[^\p{Cc},;]{1,200}$/u;

export function identify(auth: Auth, cookie: BrowserCookie): MiddlewareHandler {
  return async (context, next) => {
    const { address } = clientOf(context);
    const who = () => ({ ...whoAsks(context, auth, cookie), address });
    setAsker(who(), nowAndThen(auth.clock, () => orNobody(who)));
    await next();
  };
}

/** What it was found to be, looked at again where that is some time ago. */
function nowAndThen<T>(clock: Pick<Clock, "now">, look: () => T): () => T {
  let at = -Infinity;
  let found: T;
  return () => {
    const now = clock.now();
    if (Math.abs(now - at) >= AGAIN_MS) {
      at = now;
      found = look();
    }
    return found;
  };
}

/** A token that was revoked meanwhile, a file that cannot be read any more: whoever it was is nobody. */
function orNobody(who: () => Identity): Identity | undefined {
  try {
    return who();
  } catch {
    return undefined;
  }
}

/** @throws RequestProblem for what cannot be anybody's */
function whoAsks(context: Context, auth: Auth, cookie: BrowserCookie): Identity {
  // The commands of this machine, by a socket that only Carillon's own user can open.
  if (clientOf(context).isOwn) return { isKnown: true, channel: "cli", access: EVERYTHING };
  const token = bearerToken(context);
  if (token !== undefined) return byToken(context, auth, token);
  switch (auth.mode) {
    case "none":
      refuseForwarded(context, auth);
      return { isKnown: true, access: EVERYTHING };
    case "proxy":
      return byProxy(context, auth);
    default: {
      const secret = cookie.get(context);
      const person = secret === undefined || secret === "" ? undefined : auth.bySession(secret);
      return person ? identityOf(person) : NOBODY;
    }
  }
}

function identityOf(person: Person): Identity {
  const { name, roles, access } = person;
  return { isKnown: true, name, roles, access, person };
}

/** A token of ours; whatever else stands there is for a proxy, or for nobody. */
function bearerToken(context: Context): string | undefined {
  const [, token] = /^Bearer +(\S+)$/i.exec(context.req.header("authorization") ?? "") ?? [];
  return token?.startsWith(TOKEN_PREFIX) ? token : undefined;
}

function byToken(context: Context, auth: Auth, secret: string): Identity {
  const checked = auth.byToken(secret, clientOf(context).address);
  switch (checked.kind) {
    case "good": {
      const { token: { name }, access } = checked;
      return { isKnown: true, name, token: name, access };
    }
    case "expired":
      throw new RequestProblem(401, "problem.token_expired", { name: checked.name });
    case "unknown":
      throw new RequestProblem(401, "problem.token_unknown");
  }
}

/** On loopback everybody who may use this machine may do everything: a proxy would let in everybody else. */
function refuseForwarded(context: Context, { config: { server } }: Auth): void {
  if (!isLoopback(server.host)) return;
  const { headers } = context.req.raw;
  if (FORWARDING_FIELDS.some((name) => headers.has(name))) throw new RequestProblem(403, "problem.forwarded");
}

/** What the proxy says counts where the connection itself comes from it. */
function byProxy(context: Context, auth: Auth): Identity {
  const { proxy_from: proxies, proxy_user: userField, proxy_groups: groupsField } = auth.config.auth;
  const name = context.req.header(userField);
  if (name === undefined) return NOBODY;
  const peer = peerOf(context);
  const isProxy = peer?.kind === "socket" ||
    (peer?.kind === "network" && proxies.has(plainAddress(peer.remote.hostname)));
  if (!isProxy) throw new RequestProblem(403, "problem.not_the_proxy", { header: userField });
  if (!PROXY_NAME.test(name.trim())) {
    throw new RequestProblem(400, "problem.proxy_name", { header: userField });
  }
  const groups = (context.req.header(groupsField) ?? "").split(",").map((each) => each.trim())
    .filter((each) => PROXY_NAME.test(each));
  return identityOf(auth.byProxy(name.trim(), groups));
}
