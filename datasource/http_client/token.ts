/** The token of an API: fetched with basic auth, renewed before it ends, one renewal for all who wait. */
import type { ApiTime } from "./time.ts";

export interface Token {
  readonly value: string;
  /** Milliseconds since 1970-01-01T00:00Z. */
  readonly renewAt: number;
}

/** A token is renewed so long before it ends. */
const RENEW_EARLY_MS = 30_000;

export class TokenKeeper {
  #token: Promise<Token> | undefined;

  constructor(readonly time: ApiTime, readonly fetchToken: () => Promise<Token>) {}

  /** The token that is good now; whoever comes while it is being fetched waits for the same one, as long as its signal lets it. */
  async current(signal: AbortSignal | undefined): Promise<Token> {
    for (;;) {
      const known = this.#token ??= this.#fetch();
      const token = await untilAborted(known, signal);
      if (token.renewAt > this.time.now()) return token;
      if (this.#token === known) this.#token = undefined;
    }
  }

  #fetch(): Promise<Token> {
    const fetching = this.fetchToken();
    fetching.catch(() => {
      if (this.#token === fetching) this.#token = undefined;
    });
    return fetching;
  }

  /** The token is no good any more, unless another one has been fetched since. */
  async forget(token: Token): Promise<void> {
    const known = this.#token;
    if (known && await known === token && this.#token === known) this.#token = undefined;
  }
}

/** Reads what the API said to a request for a token. */
export function tokenOf(value: unknown, now: number): Token | undefined {
  const { access_token, expires_in } = (typeof value === "object" && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  if (typeof access_token !== "string" || access_token === "") return undefined;
  const seconds = Number(expires_in);
  // An API that does not say how long the token lives says 401 when it is over.
  const lives = Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : Infinity;
  // One that lives shorter than the margin is used for most of its life, and not renewed for each request.
  const margin = Math.min(RENEW_EARLY_MS, lives / 4);
  return { value: access_token, renewAt: now + lives - margin };
}

async function untilAborted<T>(waiting: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await waiting;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const stop = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([waiting, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
