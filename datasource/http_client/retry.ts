/** Which requests are done again, when, and how long is waited before. */

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Doing these twice does what doing them once does (RFC 9110, 9.2.2). */
const IDEMPOTENT = /^(?:GET|HEAD|PUT|DELETE|OPTIONS)$/;
/** It failed for now: 408, 425, 429 and the server's own errors (RFC 9110, 15; RFC 8470; RFC 6585). */
const FOR_NOW: readonly number[] = [408, 425, 429];

export function isForNow(status: number): boolean {
  return FOR_NOW.includes(status) || (status >= 500 && status !== 501 && status !== 505);
}

/**
 * Whether a method may be repeated. Whether a POST or PATCH was done that failed in the middle, nobody knows.
 *
 * @param asked what the request or the client was told
 */
export function mayRepeat(method: string, asked: boolean | undefined): boolean {
  return asked ?? IDEMPOTENT.test(method);
}

/** `Retry-After` in milliseconds (RFC 9110, 10.2.3): seconds, here also with a fraction, or a date. */
export function retryAfter(given: string | null, now: number): number | undefined {
  if (given === null) return undefined;
  const text = given.trim();
  const ms = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** 1, 2, 4, … seconds, and up to a quarter more so that not all come back at once. */
export function pauseBefore(attempt: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 2)) * (1 + Math.random() / 4);
}
