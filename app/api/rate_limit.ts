/** How much one caller may ask in a minute (token bucket); the answer says how much is left (draft-ietf-httpapi-ratelimit-headers). */
import type { Context } from "hono";
import type { EpochMs } from "../base/time.ts";
import { RequestProblem } from "../web/request_problem.ts";

export interface RateLimitOptions {
  /** Requests of a minute; 0 for no limit. */
  readonly perMinute: number;
  readonly now: () => EpochMs;
}

const MINUTE_MS = 60_000;
/** Callers that are remembered; those that have asked longest ago go first. */
const MAX_CALLERS = 10_000;

interface Bucket {
  left: number;
  at: EpochMs;
}

export class RateLimit {
  /** By caller, in the order they asked last. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(readonly options: RateLimitOptions) {}

  /** Counts a request. @throws RequestProblem 429 with `Retry-After` where it is one too many */
  take(context: Context, caller: string): void {
    const { perMinute } = this.options;
    if (perMinute === 0) return;
    const bucket = this.#bucketOf(caller);
    const isAllowed = bucket.left >= 1;
    if (isAllowed) bucket.left--;
    context.header("ratelimit-policy", `"api";q=${perMinute};w=60`);
    context.header(
      "ratelimit",
      `"api";r=${Math.floor(bucket.left)};t=${this.#seconds(perMinute - bucket.left)}`,
    );
    if (isAllowed) return;
    const seconds = Math.max(1, this.#seconds(1 - bucket.left));
    context.header("retry-after", String(seconds));
    throw new RequestProblem(429, "problem.too_many_requests", { seconds });
  }

  /** Time until so many requests are there again. */
  #seconds(requests: number): number {
    return Math.ceil((requests * MINUTE_MS) / this.options.perMinute / 1_000);
  }

  /** The bucket, filled as far as time has gone on. */
  #bucketOf(caller: string): Bucket {
    const { perMinute, now } = this.options;
    const at = now();
    const before = this.#buckets.get(caller) ?? { left: perMinute, at };
    // A clock that is set back gives nothing and takes nothing.
    const passed = Math.max(0, at - before.at);
    const bucket = { left: Math.min(perMinute, before.left + (passed * perMinute) / MINUTE_MS), at };
    this.#buckets.delete(caller);
    this.#buckets.set(caller, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > MAX_CALLERS && oldest !== undefined) this.#buckets.delete(oldest);
    return bucket;
  }
}
