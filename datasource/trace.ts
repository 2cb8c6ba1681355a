/** What a run tells of itself while it is traced: how long each query, call of an API and copy took. */
import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import { messageOf } from "../app/base/errors.ts";
import type { AttemptSpan } from "../app/model/order.ts";

interface Trace {
  readonly traceId: string;
  readonly parentSpanId: string;
  readonly flags: string;
  readonly tell: (span: AttemptSpan) => void;
}

/** An attempt that asks a thousand times tells of the first ones. */
const MAX_SPANS = 200;

const current = new AsyncLocalStorage<Trace>();

/** Does the work of an attempt as one that is traced. @param traceparent of the attempt (W3C Trace Context) */
export function traceWork<T>(traceparent: string, tell: (span: AttemptSpan) => void, work: () => T): T {
  const [, traceId = "", parentSpanId = "", flags = "01"] = traceparent.split("-");
  let told = 0;
  const some = (span: AttemptSpan) => {
    if (told++ < MAX_SPANS) tell(span);
  };
  return current.run({ traceId, parentSpanId, flags, tell: some }, work);
}

/**
 * Does a piece of work, and tells how long it took where the run is traced.
 *
 * @param work gets the `traceparent` that goes out with what it sends
 */
export function traced<T>(
  name: string,
  attributes: AttemptSpan["attributes"],
  work: (traceparent: string | undefined) => Promise<T>,
): Promise<T> {
  const trace = current.getStore();
  return trace ? inSpan(trace, name, attributes, work) : work(undefined);
}

async function inSpan<T>(
  trace: Trace,
  name: string,
  attributes: AttemptSpan["attributes"],
  work: (traceparent: string) => Promise<T>,
): Promise<T> {
  const { traceId, parentSpanId, flags, tell } = trace;
  const spanId = randomBytes(8).toString("hex");
  const begin = performance.now();
  const end = (error?: string) =>
    tell({ spanId, parentSpanId, name, ms: performance.now() - begin, attributes, error });
  try {
    const done = await current.run(
      { ...trace, parentSpanId: spanId },
      () => work(`00-${traceId}-${spanId}-${flags}`),
    );
    end();
    return done;
  } catch (error) {
    end(messageOf(error));
    throw error;
  }
}
