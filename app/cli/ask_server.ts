/** Requests to a Carillon that is active, as a client of its API. */
import { messageOf } from "../base/errors.ts";
import { isLoopback } from "../base/loopback.ts";
import { CLI_AGENT } from "../api/caller.ts";
import type { Arguments } from "./command.ts";
import { UsageError } from "./errors.ts";
import { say } from "./output.ts";
import { ownVariable } from "./own_variable.ts";
import { printable } from "./printable.ts";
import { type ServerPlace, serverPlace } from "./server_place.ts";

/** How long the server may take to begin its answer. */
const ANSWER_MS = 30_000;

/** No Carillon answers at the address. */
export class NoServerError extends UsageError {
  override readonly name = "UsageError";
}

/** The server has refused. The message is its own. */
export class ServerRefusal extends UsageError {
  override readonly name = "UsageError";

  constructor(readonly status: number, message: string) {
    super(message);
  }
}

export interface ServerRequest {
  readonly method: "GET" | "POST";
  /** With its query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Media type of the answer. */
  readonly accept?: string;
  /** How long the server may take to begin its answer, in milliseconds. */
  readonly answerMs?: number;
}

/** An answer that is read piece by piece; disposing it closes the connection. */
export interface ServerAnswer extends Disposable {
  readonly response: Response;
}

/**
 * Asks the server that is meant; the answer is JSON.
 *
 * @throws NoServerError where none answers, ServerRefusal with what the server says, UsageError where it is another program
 */
export async function askServer(given: Arguments, request: ServerRequest): Promise<unknown> {
  using answer = await openAnswer(given, request);
  return parsed(answer.response, await answer.response.text());
}

/** The same for an answer that is not JSON. @throws as {@link askServer} */
export async function openAnswer(given: Arguments, request: ServerRequest): Promise<ServerAnswer> {
  const place = serverPlace(given);
  const bySocket = place.socket !== undefined && await isListening(place.socket);
  const base = bySocket ? "http://localhost" : place.base;
  warnOfOpenToken(base);
  const client = clientFor(place, bySocket);
  try {
    const response = await begun(`${base}${request.path}`, request, client);
    if (!response.ok) throw refusalOf(response, await response.text());
    return { response, [Symbol.dispose]: () => client?.close() };
  } catch (error) {
    client?.close();
    if (error instanceof UsageError) throw error;
    const where = bySocket ? place.socket : place.base;
    throw new NoServerError(`no Carillon answers on ${where} (${reasonOf(error)}); ${place.remedy}`, {
      cause: error,
    });
  }
}

/** The answer once it has begun: what comes of it may take as long as it likes. */
async function begun(
  url: string,
  request: ServerRequest,
  client: Deno.HttpClient | undefined,
): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error("it took too long")), request.answerMs ?? ANSWER_MS);
  const options = { ...optionsOf(request), signal: late.signal };
  try {
    return client ? await fetch(url, { ...options, client }) : await fetch(url, options);
  } finally {
    clearTimeout(timer);
  }
}

/** Why a request has failed: `fetch` says it in the cause of its error, after the address that the sentence has already. */
function reasonOf(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return messageOf(inner).replace(/^error sending request for url \([^)]*\): /, "");
}

/** False for a socket that is left over, or another user's: the port says what is wrong. */
async function isListening(socket: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path: socket })).close();
    return true;
  } catch {
    return false;
  }
}

/** Undefined where the runtime's own client does. @throws UsageError for certificates that are none */
function clientFor({ socket, ca }: ServerPlace, bySocket: boolean): Deno.HttpClient | undefined {
  if (bySocket && socket !== undefined) {
    return Deno.createHttpClient({ proxy: { transport: "unix", path: socket } });
  }
  if (ca === undefined) return undefined;
  try {
    return Deno.createHttpClient({ caCerts: [ca] });
  } catch (cause) {
    throw new UsageError(`the certificates of --ca cannot be used: ${messageOf(cause)}`, { cause });
  }
}

let hasWarned = false;

function warnOfOpenToken(base: string): void {
  const { protocol, hostname } = new URL(base);
  if (
    hasWarned || protocol !== "http:" || isLoopback(hostname) || ownVariable("CARILLON_TOKEN") === undefined
  ) return;
  hasWarned = true;
  say(`warning: CARILLON_TOKEN goes to ${base} without TLS; whoever is on the way can read it`);
}

function optionsOf({ method, body, accept = "application/json" }: ServerRequest): RequestInit {
  const token = ownVariable("CARILLON_TOKEN") ?? "";
  const headers = new Headers({ "user-agent": CLI_AGENT, accept });
  if (token !== "") headers.set("authorization", `Bearer ${token}`);
  if (body !== undefined) headers.set("content-type", "application/json");
  // A token goes to the address that was named and to no other: redirects are not followed.
  return { method, headers, body: body === undefined ? null : JSON.stringify(body), redirect: "manual" };
}

function parsed(response: Response, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON: not the answer of a Carillon.
    throw foreign(response);
  }
}

function refusalOf(response: Response, text: string): UsageError {
  const read = parsed(response, text);
  const message = typeof read === "object" && read !== null && "message" in read ? read.message : undefined;
  if (typeof message !== "string") return foreign(response);
  const { status } = response;
  const hint = status === 401 && ownVariable("CARILLON_TOKEN") === undefined
    ? "; set CARILLON_TOKEN to a token of yours"
    : "";
  return new ServerRefusal(status, `${printable(message)}${hint}`);
}

function foreign({ url, status }: Response): UsageError {
  return new UsageError(`${url} answered ${status}; it seems to be another program than Carillon`);
}
