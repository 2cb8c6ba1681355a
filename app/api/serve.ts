/** Serves the routes of the API: each request is read, goes through the door, and is answered in the form its route declares. */
import { createHash } from "node:crypto";
import type { Context, Hono } from "hono";
import { actorOf, type WebContext } from "../web/context.ts";
import { BYTES } from "../web/download.ts";
import { RequestProblem } from "../web/request_problem.ts";
import { RateLimit } from "./rate_limit.ts";
import type { AnyReply, Route } from "./route.ts";
import { bodyOf, EVENT_STREAM, keptAlive } from "./streams.ts";
import { callerName } from "./caller.ts";

export const API_ROOT = "/api/v1";

/** Answers differ by who asks and by the form that is asked for. */
const VARY = "Accept, Authorization, Cookie";

export function serveRoutes(app: Hono, web: WebContext, routes: readonly Route[]): void {
  // The queries are those of whoever asks: there are none before somebody does.
  let limit: RateLimit | undefined;
  const limitOf = ({ queries: { system } }: WebContext) =>
    limit ??= new RateLimit({ perMinute: system.settings.apiRate, now: () => web.queries.system.now() });
  for (const each of routes) {
    app.on(each.method, `${API_ROOT}${each.path}`, (context) => answer(context, web, each, limitOf(web)));
  }
  for (const [path, ways] of Map.groupBy(routes, (each) => each.path)) {
    app.all(`${API_ROOT}${path}`, (context) => refuseMethod(context, ways.map(({ method }) => method)));
  }
}

async function answer(
  context: Context,
  web: WebContext,
  route: Route,
  limit: RateLimit,
): Promise<Response> {
  context.header("vary", VARY);
  context.header("cache-control", "no-store");
  const gone = new AbortController();
  const actor = actorOf(context, "api", callerName(context));
  limit.take(context, actor.token === undefined ? actor.address ?? "" : `token ${actor.token}`);
  // Whoever has asked for something to be done may go: it is done to its end.
  const signal = route.method === "GET"
    ? AbortSignal.any([gone.signal, context.req.raw.signal])
    : gone.signal;
  const reply = await route.reply(context, web, actor, signal);
  return "pieces" in reply
    ? streamed(context, web, reply, gone)
    : json(context, reply, route.method === "GET");
}

function streamed(
  context: Context,
  { queries }: WebContext,
  { status, type, pieces, headers = {} }: Extract<AnyReply, { pieces: unknown }>,
  gone: AbortController,
): Response {
  const isEvents = type === EVENT_STREAM;
  context.status(status as 200);
  context.header("content-type", type === BYTES ? type : `${type}; charset=utf-8`);
  for (const [name, value] of Object.entries(headers)) context.header(name, value);
  // Neither Carillon nor a proxy is to hold pieces back until there are more of them.
  if (isEvents) context.header("cache-control", "no-store, no-transform");
  context.header("x-accel-buffering", "no");
  const kept = isEvents ? keptAlive(pieces, (ms, signal) => queries.system.sleep(ms, signal)) : pieces;
  return context.body(bodyOf(kept, (reason) => gone.abort(reason)));
}

function json(
  context: Context,
  { status, body, headers = {} }: Extract<AnyReply, { body: unknown }>,
  isQuestion: boolean,
): Response {
  const text = JSON.stringify(body);
  for (const [name, value] of Object.entries(headers)) context.header(name, value);
  if (isQuestion) {
    const tag = `W/"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`;
    context.header("etag", tag);
    if (names(context.req.header("if-none-match"), tag)) return context.body(null, 304);
  }
  context.header("content-type", "application/json");
  return context.body(text, status as 200);
}

/** True where the field names the tag, whatever its strength (RFC 9110, 13.1.2). */
function names(field: string | undefined, tag: string): boolean {
  if (field === undefined) return false;
  const opaque = (each: string) => each.trim().replace(/^W\//, "");
  return field.trim() === "*" || field.split(",").some((each) => opaque(each) === opaque(tag));
}

function refuseMethod(context: Context, known: readonly string[]): never {
  const allowed = known.flatMap((method) => method === "GET" ? ["GET", "HEAD"] : [method]);
  context.header("allow", allowed.join(", "));
  throw new RequestProblem(405, "problem.method", {
    method: context.req.method.slice(0, 20),
    allowed: allowed.join(", "),
  });
}
