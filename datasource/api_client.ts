/** An HTTP API with a token: fetched with basic auth, renewed before it ends, one renewal for all who wait. */
import { type DurationLike, durationMs } from "../app/duration.ts";

export interface ApiClientOptions {
  /** Such as `https://api.example.com/v1`; paths are put behind it. */
  readonly baseUrl: string;
  readonly appId: string;
  readonly appSecret: string;
  /** Where the token is asked for; `/url/to/getToken` when left out. */
  readonly tokenPath?: string;
  /** How long one request may take; 30 s when left out. */
  readonly timeout?: DurationLike;
  /** Tries of a request that fails for now (429, 5xx, no connection), the first one included; 4 when left out. */
  readonly attempts?: number;
  /** For tests: what time it is, and how to wait. */
  readonly time?: ApiTime;
}

export interface ApiTime {
  /** Milliseconds since 1970-01-01T00:00Z. */
  now(): number;
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
}

export interface ApiRequestOptions {
  /** Values of the address's query. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly timeout?: DurationLike;
}

export interface PageOptions<T> extends ApiRequestOptions {
  /** Name of the query value that holds the number of the page; `page` when left out. */
  readonly pageName?: string;
  /** Number of the first page; 1 when left out. */
  readonly firstPage?: number;
  /** The items of an answer. A page without any is the last. */
  readonly items: (answer: unknown) => readonly T[];
}

/** An API that refused, or cannot be reached. `retry.only` knows it by its name. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  /** @param status of the answer, or the `code` in it; undefined where there was none */
  constructor(message: string, readonly status?: number, options?: ErrorOptions) {
    super(message, options);
  }
}

/** Tries in all where the answer is 401: each with a new token. */
const MAX_LOGIN_ATTEMPTS = 5;
const LOGIN_PAUSE_MS = 1_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** A token is renewed so long before it ends. */
const RENEW_EARLY_MS = 30_000;
const DEFAULT_TIMEOUT_MS = 30_000;

interface Token {
  readonly value: string;
  /** Milliseconds since 1970-01-01T00:00Z. */
  readonly renewAt: number;
}

const systemTime: ApiTime = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", stop);
        resolve();
      }, ms);
      signal?.addEventListener("abort", stop, { once: true });
    }),
};

/**
 * @example
 * const api = new ApiClient({ baseUrl: "https://api.example.com", appId: "carillon", appSecret: secret("api_secret") });
 * const orders = await api.get("/orders", { query: { since: "2026-01-01" }, signal });
 */
export class ApiClient {
  #token: Promise<Token> | undefined;
  readonly #time: ApiTime;

  constructor(readonly options: ApiClientOptions) {
    if (!URL.canParse(options.baseUrl)) {
      throw new TypeError(`ApiClient: baseUrl: "${options.baseUrl}" is not a URL`);
    }
    this.#time = options.time ?? systemTime;
  }

  get<T = unknown>(path: string, options?: ApiRequestOptions): Promise<T> {
    return this.#ask("GET", path, undefined, options);
  }

  post<T = unknown>(path: string, body?: unknown, options?: ApiRequestOptions): Promise<T> {
    return this.#ask("POST", path, body, options);
  }

  put<T = unknown>(path: string, body?: unknown, options?: ApiRequestOptions): Promise<T> {
    return this.#ask("PUT", path, body, options);
  }

  delete<T = unknown>(path: string, options?: ApiRequestOptions): Promise<T> {
    return this.#ask("DELETE", path, undefined, options);
  }

  /** Page after page, until one is empty. */
  async *pages<T>(path: string, options: PageOptions<T>): AsyncGenerator<readonly T[]> {
    const { pageName = "page", firstPage = 1, items, ...rest } = options;
    for (let page = firstPage;; page++) {
      const found = items(await this.get(path, { ...rest, query: { ...rest.query, [pageName]: page } }));
      if (found.length === 0) return;
      yield found;
    }
  }

  async #ask<T>(method: string, path: string, body: unknown, options: ApiRequestOptions = {}): Promise<T> {
    const { signal } = options;
    const url = this.#address(path, options.query);
    const most = this.options.attempts ?? 4;
    let logins = 1;
    for (let attempt = 1;; attempt++) {
      const token = await this.#currentToken(options);
      const answer = await this.#send(method, url, {
        headers: {
          accept: "application/json",
          authorization: `Bearer ${token.value}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...options.headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }, options);
      const outcome = await outcomeOf(answer, `${method} ${url.pathname}`);
      if (outcome.kind === "done") return outcome.value as T;
      if (outcome.kind === "login") {
        if (logins++ >= MAX_LOGIN_ATTEMPTS) {
          throw new ApiError(
            `${method} ${url.pathname}: the API refused the token ${MAX_LOGIN_ATTEMPTS} times (401)`,
            401,
          );
        }
        attempt--;
        await this.#forget(token);
        await this.#time.sleep(LOGIN_PAUSE_MS, signal);
        continue;
      }
      // Whether a POST was done that failed in the middle, nobody knows: only what was surely refused is sent again.
      const surelyRefused = outcome.error.status === 429 || outcome.error.status === 503;
      if (!outcome.again || attempt >= most || (method === "POST" && !surelyRefused)) throw outcome.error;
      await this.#time.sleep(outcome.after ?? pauseBefore(attempt + 1), signal);
    }
  }

  #address(path: string, query: ApiRequestOptions["query"] = {}): URL {
    const url = new URL(`${this.options.baseUrl.replace(/\/$/, "")}/${path.replace(/^\//, "")}`);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    return url;
  }

  /** An answer, or the error that there was none. */
  async #send(
    method: string,
    url: URL,
    init: RequestInit,
    { signal, timeout }: ApiRequestOptions,
  ): Promise<Response | ApiError> {
    const limit = timeout ?? this.options.timeout;
    const late = new AbortController();
    const timer = setTimeout(
      () => late.abort(),
      limit === undefined ? DEFAULT_TIMEOUT_MS : durationMs(limit),
    );
    const stop = () => late.abort(signal?.reason);
    signal?.throwIfAborted();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      const answer = await fetch(url, { ...init, method, signal: late.signal });
      // The body counts too: it is read while the time runs.
      return new Response(await answer.text(), answer);
    } catch (cause) {
      signal?.throwIfAborted();
      const reason = late.signal.aborted ? "no answer in time" : (cause as Error).message;
      return new ApiError(`${method} ${url.origin}${url.pathname}: ${reason}`, undefined, { cause });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
  }

  async #currentToken(options: ApiRequestOptions): Promise<Token> {
    const known = this.#token;
    if (known) {
      const token = await known;
      if (token.renewAt > this.#time.now()) return token;
      if (this.#token === known) this.#token = undefined;
      return await this.#currentToken(options);
    }
    // Whoever comes while it is being fetched waits for the same one.
    const fetching = this.#token = this.#fetchToken();
    fetching.catch(() => {
      if (this.#token === fetching) this.#token = undefined;
    });
    return await fetching;
  }

  /** The token is no good any more, unless another one has been fetched since. */
  async #forget(token: Token): Promise<void> {
    const known = this.#token;
    if (known && await known === token && this.#token === known) this.#token = undefined;
  }

  async #fetchToken(): Promise<Token> {
    const { appId, appSecret, tokenPath = "/url/to/getToken" } = this.options;
    const url = this.#address(tokenPath);
    const login = btoa(String.fromCharCode(...new TextEncoder().encode(`${appId}:${appSecret}`)));
    const answer = await this.#send("POST", url, {
      headers: { accept: "application/json", authorization: `Basic ${login}` },
    }, {});
    if (answer instanceof ApiError) throw answer;
    if (!answer.ok) {
      throw new ApiError(`POST ${url.pathname}: no token was given (HTTP ${answer.status})`, answer.status);
    }
    const { access_token, expires_in } = (parsed(await answer.text()) ?? {}) as Record<string, unknown>;
    if (typeof access_token !== "string" || access_token === "") {
      throw new ApiError(`POST ${url.pathname}: the answer holds no access_token`);
    }
    const seconds = Number(expires_in);
    // An API that does not say how long the token lives says 401 when it is over.
    const lives = Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : Infinity;
    // One that lives shorter than the margin is used for most of its life, and not renewed for each request.
    const margin = Math.min(RENEW_EARLY_MS, lives / 4);
    return { value: access_token, renewAt: this.#time.now() + lives - margin };
  }
}

type Outcome =
  | { readonly kind: "done"; readonly value: unknown }
  | { readonly kind: "login" }
  | { readonly kind: "failed"; readonly error: ApiError; readonly again: boolean; readonly after?: number };

const MEANING: Readonly<Record<number, string>> = {
  400: "the API does not understand the request",
  403: "the API does not allow it",
  404: "the API knows nothing there",
  409: "it contradicts what the API has",
  422: "the API does not accept the values",
  429: "too many requests",
};

/** The status of HTTP counts, and then what PyScheduler's APIs say inside: `code`, `errorResult`, `message`. */
async function outcomeOf(answer: Response | ApiError, what: string): Promise<Outcome> {
  if (answer instanceof ApiError) return { kind: "failed", error: answer, again: true };
  const text = await answer.text();
  const value = parsed(text);
  const inside = typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
  const code = answer.ok ? Number(inside.code) : answer.status;
  if (code === 401) return { kind: "login" };
  const wrong = !answer.ok || code === 403 || code === 404 || (code >= 500 && code < 600) ||
    inside.errorResult === true;
  if (!wrong) {
    if (value === undefined && text !== "") {
      return {
        kind: "failed",
        error: new ApiError(`${what}: the answer is not JSON`, answer.status),
        again: false,
      };
    }
    return { kind: "done", value };
  }
  const said = typeof inside.message === "string" && inside.message !== "" ? inside.message : MEANING[code];
  const status = Number.isNaN(code) ? undefined : code;
  const after = retryAfter(answer);
  return {
    kind: "failed",
    error: new ApiError(
      `${what}: ${said ?? "the API failed"}${status === undefined ? "" : ` (${status})`}`,
      status,
    ),
    again: !answer.ok && (code === 429 || code >= 500),
    ...(after === undefined ? {} : { after }),
  };
}

/** `Retry-After` in milliseconds (RFC 9110, 10.2.3): seconds, or a date. */
function retryAfter(answer: Response): number | undefined {
  const given = answer.headers.get("retry-after");
  if (given === null) return undefined;
  const ms = /^\d+$/.test(given) ? Number(given) * 1_000 : Date.parse(given) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), LONGEST_PAUSE_MS);
}

/** 1, 2, 4, … seconds, and up to a quarter more so that not all come back at once. */
function pauseBefore(attempt: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 2)) * (1 + Math.random() / 4);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
