/** Waits that have a limit: a statement is cancelled on its server when its signal is aborted or its time is up. */
import { QueryCancelledError, QueryTimeoutError } from "./errors.ts";
import type { CallOptions } from "./database.ts";

/** A server that does not stop so long after it was asked to loses the connection. */
const CANCEL_GRACE_MS = 3_000;

/** A limit that is none: the longest that a timer can have, 24 days. */
export const FOREVER_MS = 2 ** 31 - 1;

export interface Stoppable {
  /** Asks the server to stop. */
  readonly cancel: () => void;
  /** Cuts the connection. */
  readonly destroy: () => void;
}

/**
 * Does the work. When its signal is aborted or its time is up it is cancelled, and where that does not help its connection
 * is cut; whatever the work then fails with is told as what it is.
 *
 * @param label begins the sentence, such as `PostgreSQL test_db`
 */
export async function cancellable<T>(
  label: string,
  { signal, timeoutMs }: Pick<CallOptions, "signal" | "timeoutMs">,
  { cancel, destroy }: Stoppable,
  work: () => Promise<T>,
): Promise<T> {
  if (signal?.aborted) throw cancelledError(label, signal);
  let late = false;
  const gone = Promise.withResolvers<never>();
  let grace: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    if (grace !== undefined) return;
    grace = setTimeout(() => {
      destroy();
      gone.reject(new Error("the server did not stop when it was asked to; the connection was cut"));
    }, CANCEL_GRACE_MS);
    cancel();
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => {
    late = true;
    stop();
  }, timeoutMs);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work(), gone.promise]);
  } catch (cause) {
    if (late) {
      throw new QueryTimeoutError(`${label}: the statement took longer than ${timeoutMs} ms`, {}, { cause });
    }
    if (signal?.aborted) throw cancelledError(label, signal);
    throw cause;
  } finally {
    clearTimeout(timer);
    clearTimeout(grace);
    signal?.removeEventListener("abort", stop);
  }
}

/** Waits for something that cannot be cancelled, no longer than a limit and while the signal is not aborted. */
export async function limited<T>(
  waiting: Promise<T>,
  { ms, signal }: { readonly ms: number; readonly signal?: AbortSignal | undefined },
  late: () => Error,
  aborted: () => Error = late,
): Promise<T> {
  if (signal?.aborted) {
    // Nobody is interested any more; what it ends with is told to nobody.
    waiting.catch(() => {});
    throw aborted();
  }
  const ended = Promise.withResolvers<never>();
  const timer = setTimeout(() => ended.reject(late()), ms);
  const stop = () => ended.reject(aborted());
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([waiting, ended.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

export function cancelledError(label: string, signal: AbortSignal | undefined): QueryCancelledError {
  return new QueryCancelledError(`${label}: the statement was cancelled`, {}, { cause: signal?.reason });
}

/** Makes a session ready within a limit; one that does not get there is cut. */
export async function readied<C extends { destroy(): void }>(
  connection: C,
  ready: (connection: C) => Promise<void>,
  ms: number,
  late: () => Error,
): Promise<C> {
  try {
    await limited(ready(connection), { ms }, late);
    return connection;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}
