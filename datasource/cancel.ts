/** Cancels a statement on its server when its signal is aborted or its time is up. */
import type { CallOptions } from "./database.ts";
import { QueryCancelledError, QueryTimeoutError } from "./errors.ts";

/**
 * Does the work; `cancel` is called once when it is to stop, and whatever the work then fails with is told as what it
 * is: cancelled, or too late.
 *
 * @param label begins the sentence, such as `PostgreSQL test_db`
 */
export async function cancellable<T>(
  label: string,
  { signal, timeoutMs }: CallOptions,
  cancel: () => void,
  work: () => Promise<T>,
): Promise<T> {
  const cancelled = () =>
    new QueryCancelledError(`${label}: the statement was cancelled`, {}, { cause: signal?.reason });
  if (signal?.aborted) throw cancelled();
  let late = false;
  const stop = () => cancel();
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => {
    late = true;
    cancel();
  }, timeoutMs);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await work();
  } catch (cause) {
    if (late) {
      const limit = `${timeoutMs} ms`;
      throw new QueryTimeoutError(`${label}: the statement took longer than ${limit}`, {}, { cause });
    }
    if (signal?.aborted) throw cancelled();
    throw cause;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}
