/** An HTTP API with a token: what every request of a task to it needs, and nothing that is done twice by accident. */
import { givenObject, givenOptions, givenSignal, givenText } from "../../app/base/given.ts";
import { type DurationLike, durationMs } from "../../app/base/duration.ts";
import { ApiError } from "./api_error.ts";
import { type NumberReading, sentBody } from "./body.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { traced } from "../trace.ts";
import { addressOf, type Outgoing, type Query, send } from "./request.ts";
import { mayRepeat, pauseBefore } from "./retry.ts";
import { type ApiTime, systemTime } from "./time.ts";
import { type Token, TokenKeeper, tokenOf } from "./token.ts";

export { ApiError } from "./api_error.ts";
export type { ApiTime } from "./time.ts";

export interface ApiClientOptions {
  /** Such as `https://api.example.com/v1`; paths are put behind it. */
  readonly baseUrl: string;
  readonly appId: string;
  readonly appSecret: string;
  /** Where the token is asked for; `/url/to/getToken` when left out. */
  readonly tokenPath?: string | undefined;
  /** How long one request may take; 30 s when left out. */
  readonly timeout?: DurationLike | undefined;
  /** Tries of a request that fails for now (408, 425, 429, 5xx, no connection), the first one included; 4 when left out. */
  readonly attempts?: number | undefined;
  /** The longest that the client waits because the API asks for it; 5 min when left out. Beyond it the request fails. */
  readonly longestWait?: DurationLike | undefined;
  /** For tests: what time it is, and how to wait. */
  readonly time?: ApiTime | undefined;
}

export interface ApiRequestOptions {
  /** Values of the address's query; a list gives its name once for each. */
  readonly query?: Query | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Aborted, the request and every wait for it end. */
  readonly signal?: AbortSignal | undefined;
  readonly timeout?: DurationLike | undefined;
  /**
   * Whether it is done again after an error that is for now. When left out, GET, HEAD, PUT and DELETE are; whether a POST
   * or PATCH was done that failed in the middle, nobody knows.
   */
  readonly repeat?: boolean | undefined;
  /** `text`: every number of the answer as a text. Otherwise whole ones beyond 2^53 are bigint, the others numbers. */
  readonly numbers?: NumberReading | undefined;
}

export interface PageOptions<T> extends ApiRequestOptions {
  /** Name of the query value that holds the number of the page; `page` when left out. */
  readonly pageName?: string | undefined;
  /** Number of the first page; 1 when left out. */
  readonly firstPage?: number | undefined;
  /** The items of an answer. A page without any is the last. */
  readonly items: (answer: unknown) => readonly T[];
}

/** Tries in all where the answer is 401: each with a new token. */
const MAX_LOGIN_ATTEMPTS = 5;
const LOGIN_PAUSE_MS = 1_000;
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_ATTEMPTS = 4;
const DEFAULT_LONGEST_WAIT_MS = 300_000;

/**
 * @example
 * const api = new ApiClient({ baseUrl: "https://api.example.com", appId: "carillon", appSecret: secret("api_secret") });
 * const orders = await api.get("/orders", { query: { since: "2026-01-01" }, signal });
 */
export class ApiClient {
  readonly #time: ApiTime;
  readonly #tokens: TokenKeeper;

  constructor(readonly options: ApiClientOptions) {
    givenObject(
      "what ApiClient is given",
      options,
      'an object such as { baseUrl: "https://api.example.com" }',
    );
    checkOptions(options);
    this.#time = options.time ?? systemTime;
    this.#tokens = new TokenKeeper(this.#time, () => this.#fetchToken());
  }

  get<T = unknown>(path: string, options?: ApiRequestOptions): Promise<T> {
    return this.#ask("GET", path, undefined, options);
  }

  /** Whether it is there: an answer without a body. */
  async head(path: string, options?: ApiRequestOptions): Promise<void> {
    await this.#ask("HEAD", path, undefined, options);
  }

  /** @param body forms, bytes and streams go as such, everything else as JSON */
  post<T = unknown>(path: string, body?: unknown, options?: ApiRequestOptions): Promise<T> {
    return this.#ask("POST", path, body, options);
  }

  put<T = unknown>(path: string, body?: unknown, options?: ApiRequestOptions): Promise<T> {
    return this.#ask("PUT", path, body, options);
  }

  patch<T = unknown>(path: string, body?: unknown, options?: ApiRequestOptions): Promise<T> {
    return this.#ask("PATCH", path, body, options);
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

  async #ask<T>(method: string, path: string, given: unknown, options: ApiRequestOptions = {}): Promise<T> {
    givenText("the path", path, 'a text such as "/orders"', true);
    givenOptions("what stands for the options", options);
    const { signal } = options;
    givenSignal("signal", signal);
    const { body, contentType, repeatable } = sentBody(given);
    const url = addressOf(this.options.baseUrl, path, options.query);
    const what = `${method} ${url.pathname}`;
    for (let logins = 1;; logins++) {
      const token = await this.#tokens.current(signal);
      const headers = headersOf(options.headers, contentType, `Bearer ${token.value}`);
      const repeat = repeatable && mayRepeat(method, options.repeat);
      const about = { "http.request.method": method, "server.address": url.host };
      const outcome = await traced(what, about, async (traceparent) => {
        if (traceparent !== undefined && !headers.has("traceparent")) headers.set("traceparent", traceparent);
        const given = await this.#attempts({ method, url, headers, body }, what, options, repeat);
        // As a failure of the call: the span says so too.
        if (given.kind === "failed") throw given.error;
        return given;
      });
      if (outcome.kind === "done") return outcome.value as T;
      await this.#tokens.forget(token);
      // Refused before anything was done: any method may be sent again, as long as there is a body to send.
      if (logins >= MAX_LOGIN_ATTEMPTS || !repeatable) {
        throw new ApiError(
          `${what}: the API refused the token ${logins === 1 ? "" : `${logins} times `}(401)`,
          401,
        );
      }
      await this.#time.sleep(LOGIN_PAUSE_MS, signal);
    }
  }

  /** Sends until it is done, refused, or has failed often enough. */
  async #attempts(
    outgoing: Outgoing,
    what: string,
    { signal, timeout = this.options.timeout, numbers = "exact" }: ApiRequestOptions,
    repeat: boolean,
  ): Promise<Outcome> {
    const most = this.options.attempts ?? DEFAULT_ATTEMPTS;
    const limitMs = timeout === undefined ? DEFAULT_TIMEOUT_MS : durationMs(timeout);
    const longest = this.options.longestWait;
    const longestMs = longest === undefined ? DEFAULT_LONGEST_WAIT_MS : durationMs(longest);
    for (let attempt = 1;; attempt++) {
      const answer = await send(outgoing, { limitMs, signal });
      const outcome = outcomeOf(answer, what, {
        numbers,
        now: this.#time.now(),
        isHead: outgoing.method === "HEAD",
      });
      if (outcome.kind !== "failed" || !outcome.forNow || attempt >= most) return outcome;
      if (!repeat || outgoing.body instanceof ReadableStream) return outcome;
      const pause = outcome.after ?? pauseBefore(attempt + 1);
      if (pause > longestMs) return { ...outcome, error: tooLong(outcome.error, pause) };
      await this.#time.sleep(pause, signal);
    }
  }

  async #fetchToken(): Promise<Token> {
    const { appId, appSecret, baseUrl, tokenPath = "/url/to/getToken" } = this.options;
    const url = addressOf(baseUrl, tokenPath);
    const login = btoa(String.fromCharCode(...new TextEncoder().encode(`${appId}:${appSecret}`)));
    const headers = headersOf(undefined, undefined, `Basic ${login}`);
    // Asking for a token twice does no harm. Several may wait for it: no single one's signal ends it, its own limit does.
    const outgoing = { method: "POST", url, headers, body: undefined };
    const outcome = await this.#attempts(outgoing, `POST ${url.pathname}`, {}, true);
    if (outcome.kind === "login") {
      throw new ApiError(`POST ${url.pathname}: no token was given (HTTP 401)`, 401);
    }
    if (outcome.kind === "failed") {
      const { status, message } = outcome.error;
      if (status === undefined) throw outcome.error;
      throw new ApiError(`POST ${url.pathname}: no token was given (HTTP ${status})`, status, {
        cause: message,
      });
    }
    const token = tokenOf(outcome.value, this.#time.now());
    if (token) return token;
    throw new ApiError(`POST ${url.pathname}: the answer holds no access_token`);
  }
}

function tooLong(error: ApiError, pauseMs: number): ApiError {
  return new ApiError(`${error.message}; it asks to wait ${Math.round(pauseMs / 1_000)} s`, error.status, {
    cause: error,
  });
}

/** The caller's own headers take the places of ours, whatever their case. */
function headersOf(
  own: Readonly<Record<string, string>> | undefined,
  contentType: string | undefined,
  authorization: string,
): Headers {
  const headers = new Headers({ accept: "application/json", authorization });
  if (contentType !== undefined) headers.set("content-type", contentType);
  for (const [name, value] of Object.entries(own ?? {})) headers.set(name, value);
  return headers;
}

function checkOptions({ baseUrl, attempts, timeout, longestWait }: ApiClientOptions): void {
  const wrong = (name: string, why: string) => new TypeError(`ApiClient: ${name}: ${why}`);
  const url = URL.parse(baseUrl);
  if (!url) throw wrong("baseUrl", `"${baseUrl}" is not a URL`);
  if (!/^https?:$/.test(url.protocol)) throw wrong("baseUrl", `${url.protocol} is neither http: nor https:`);
  if (url.username !== "" || url.password !== "") {
    throw wrong("baseUrl", "a name and a password do not belong there; they would stand in logs");
  }
  if (url.search !== "" || url.hash !== "") {
    throw wrong("baseUrl", `"${url.search}${url.hash}" would be lost; give a query with each request`);
  }
  if (attempts !== undefined && (!Number.isInteger(attempts) || attempts < 1)) {
    throw wrong("attempts", `${attempts} is not a whole number of at least 1`);
  }
  for (const each of [timeout, longestWait]) if (each !== undefined) durationMs(each);
}
