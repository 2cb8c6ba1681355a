/** What a client may take: connections, time and bytes. */

export interface Limits {
  /** Connections that are open at one time. */
  readonly connections: number;
  /** Milliseconds until the head of a request must be there. */
  readonly headerMs: number;
  /** Milliseconds until the body of a request must be there. */
  readonly bodyMs: number;
  /** Milliseconds that a connection without a request stays open, and that a client may leave an answer unread. */
  readonly idleMs: number;
  readonly bodyBytes: number;
  /** Path and question of an address. */
  readonly addressBytes: number;
}

/** All header fields of a request. */
export const HEADER_BYTES = 32 * 1024;
/** The bodies of all requests that are being read and answered. */
export const ALL_BODIES_BYTES = 64 * 1024 * 1024;

/** What took longer than it may. */
export class Expired extends Error {
  override readonly name = "Expired";
}

/** The result of `work`, or Expired after `ms`; the work itself must be ended by whoever catches it. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Expired(`not done in ${ms} ms`)), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
