/** One request over HTTP: its address, its limits, its redirects, and the answer with its body read. */
import { messageOf } from "../../app/base/errors.ts";
import { ApiError } from "./api_error.ts";

/** A value of the address's query; a list gives the name once for each. */
export type QueryValue = string | number | bigint | boolean | undefined | null;

export type Query = Readonly<Record<string, QueryValue | readonly QueryValue[]>>;

/** The answer, with its body. */
export interface Answer {
  readonly status: number;
  readonly ok: boolean;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

export interface Outgoing {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: BodyInit | undefined;
}

const MOST_REDIRECTS = 10;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
/** What belongs to the host that it was made for; a redirect to another one does not carry it there. */
const KEPT_ACROSS_HOSTS = /^(?:accept|accept-language|content-type|user-agent)$/i;

/** An address below the API's own. */
export function addressOf(baseUrl: string, path: string, query: Query = {}): URL {
  const base = new URL(baseUrl);
  const url = new URL(`${base.origin}${base.pathname.replace(/\/$/, "")}/${path.replace(/^\//, "")}`);
  for (const [name, given] of Object.entries(query)) {
    for (const value of Array.isArray(given) ? given : [given]) {
      if (value !== undefined && value !== null) url.searchParams.append(name, queryText(name, value));
    }
  }
  return url;
}

/** @throws TypeError for what has no text that everybody would expect */
function queryText(name: string, value: unknown): string {
  if (typeof value === "string" || typeof value === "bigint" || typeof value === "boolean") {
    return String(value);
  }
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  const kind = typeof value === "object" ? value?.constructor?.name ?? "object" : typeof value;
  throw new TypeError(
    `query: "${name}": ${
      typeof value === "number" ? value : `a value of the kind ${kind}`
    } has no text of its own in an address; give it as a text`,
  );
}

/**
 * Sends a request and reads the whole answer within the limit.
 *
 * @returns the answer, or the error that there was none
 * @throws the signal's reason
 */
export async function send(
  outgoing: Outgoing,
  { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal | undefined },
): Promise<Answer | ApiError> {
  const late = new AbortController();
  signal?.throwIfAborted();
  const timer = setTimeout(() => late.abort(), limitMs);
  const stop = () => late.abort(signal?.reason);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await follow(outgoing, late.signal);
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof ApiError) return cause;
    const reason = late.signal.aborted ? `no answer within ${limitMs / 1_000} s` : messageOf(cause);
    const { method, url } = outgoing;
    return new ApiError(`${method} ${url.origin}${url.pathname}: ${reason}`, undefined, { cause });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

/** Redirects are followed here: what is sent along depends on whose they are, and a circle has an end. */
async function follow(first: Outgoing, signal: AbortSignal): Promise<Answer> {
  let { method, url, headers, body } = first;
  for (let hops = 0;; hops++) {
    const answer = await fetch(url, { method, headers, body: body ?? null, redirect: "manual", signal });
    const location = answer.headers.get("location");
    if (!REDIRECTS.includes(answer.status) || location === null) {
      const bytes = new Uint8Array(await answer.arrayBuffer());
      return { status: answer.status, ok: answer.ok, headers: answer.headers, bytes };
    }
    await answer.body?.cancel();
    const next = new URL(location, url);
    if (hops >= MOST_REDIRECTS || !/^https?:$/.test(next.protocol)) {
      throw new ApiError(
        `${first.method} ${first.url.pathname}: the API redirects ${
          hops >= MOST_REDIRECTS ? `more than ${MOST_REDIRECTS} times` : `to ${next.protocol}`
        }, at last to ${next.origin}${next.pathname}`,
        answer.status,
      );
    }
    if (next.origin !== url.origin) headers = withoutOwn(headers);
    if (answer.status === 303 || (answer.status <= 302 && method === "POST")) {
      method = method === "HEAD" ? "HEAD" : "GET";
      body = undefined;
      headers = without(headers, "content-type");
    } else if (body instanceof ReadableStream) {
      throw new ApiError(
        `${first.method} ${first.url.pathname}: the API redirects a body that can be sent once only`,
        answer.status,
      );
    }
    url = next;
  }
}

function withoutOwn(headers: Headers): Headers {
  return new Headers([...headers].filter(([name]) => KEPT_ACROSS_HOSTS.test(name)));
}

function without(headers: Headers, name: string): Headers {
  const left = new Headers(headers);
  left.delete(name);
  return left;
}
