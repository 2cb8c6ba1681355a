/** Answers that come piece by piece: server-sent events, lines of JSON, text, bytes. */

import { lastingName } from "../web/asker.ts";

/** So long nothing is sent before a sign of life is: a client that has gone is found out by it. */
const IDLE_MS = 15_000;

export const EVENT_STREAM = "text/event-stream" as const;
export const NDJSON = "application/x-ndjson" as const;
export const PLAIN_TEXT = "text/plain" as const;

/** What a body is sent in. */
export type Piece = string | Uint8Array;

/** One event of a stream (WHATWG HTML, 9.2). */
export interface ServerEvent {
  readonly id?: string | undefined;
  readonly event?: string | undefined;
  readonly data: unknown;
}

/** JSON has no line breaks of its own, so an event is one `data` line. */
export function eventText({ id, event, data }: ServerEvent): string {
  const lines = [
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(event === undefined ? [] : [`event: ${event}`]),
    `data: ${JSON.stringify(data)}`,
  ];
  return `${lines.join("\n")}\n\n`;
}

/** A comment between events, which clients pass over. */
const ALIVE = ":\n\n";

/** The pieces, with a sign of life wherever there is none for a while. */
export async function* keptAlive(
  pieces: AsyncIterable<Piece>,
  sleep: (ms: number, signal: AbortSignal) => Promise<void>,
): AsyncGenerator<Piece> {
  const iterator = pieces[Symbol.asyncIterator]();
  try {
    for (let next = iterator.next();;) {
      const timer = new AbortController();
      const idle = sleep(IDLE_MS, timer.signal).then(() => undefined, () => undefined);
      const came = await Promise.race([next, idle]);
      timer.abort("over");
      if (!came) {
        yield ALIVE;
        continue;
      }
      if (came.done) return;
      yield came.value;
      next = iterator.next();
    }
  } finally {
    // What is being waited for ends by the request's own signal.
    void iterator.return?.();
  }
}

/** The pieces as the body of an answer. @param onGone called when the client reads no further */
export function bodyOf(
  pieces: AsyncIterable<Piece>,
  onGone: (reason: unknown) => void,
): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  const name = lastingName();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await name.as(() => iterator.next());
      if (!done && !name.isStill) {
        onGone("whoever asked may not see it any more");
        void iterator.return?.();
        controller.close();
      } else if (done) controller.close();
      else controller.enqueue(typeof value === "string" ? encoder.encode(value) : value);
    },
    cancel(reason) {
      onGone(reason);
      void iterator.return?.();
    },
  });
}
