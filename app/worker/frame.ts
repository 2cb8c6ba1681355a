/** Frames: how messages are told apart on a connection. A frame is a length, 32 bits, big endian, and so many bytes of JSON. */

/** Bytes of the longest frame that either side takes. */
export const MAX_FRAME_BYTES = 8_000_000;
const HEADER_BYTES = 4;

/** What arrived is not made of frames; the connection is of no use any more. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

// Held from the start: task code in a host can replace what the globals offer.
const { parse, stringify } = JSON;
const encoder = new TextEncoder();
const encode = encoder.encode.bind(encoder);
const decoder = new TextDecoder("utf-8", { fatal: true });
const decode = decoder.decode.bind(decoder);

/** A message as a frame. @throws FrameError for one that is too long */
export function frameOf(message: unknown): Uint8Array<ArrayBuffer> {
  const body = encode(stringify(message));
  if (body.length > MAX_FRAME_BYTES) {
    throw new FrameError(`a message of ${body.length} bytes; ${MAX_FRAME_BYTES} are allowed`);
  }
  const frame = new Uint8Array(HEADER_BYTES + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, HEADER_BYTES);
  return frame;
}

/** Puts chunks of a stream together again. */
export class FrameReader {
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerBytes = 0;
  /** The frame that is being filled, and how much of it is there. */
  #body: Uint8Array | undefined;
  #bodyBytes = 0;

  /** @param longest bytes of the longest frame that is taken */
  constructor(readonly longest: number = MAX_FRAME_BYTES) {}

  /** The messages that a chunk completes. @throws FrameError */
  push(chunk: Uint8Array): unknown[] {
    const messages: unknown[] = [];
    for (let at = 0; at < chunk.length;) {
      const body = this.#body;
      if (body) {
        const part = chunk.subarray(at, at + body.length - this.#bodyBytes);
        body.set(part, this.#bodyBytes);
        this.#bodyBytes += part.length;
        at += part.length;
      } else {
        this.#header[this.#headerBytes++] = chunk[at++] ?? 0;
        if (this.#headerBytes < HEADER_BYTES) continue;
        const length = new DataView(this.#header.buffer).getUint32(0);
        if (length > this.longest) {
          throw new FrameError(`a frame of ${length} bytes; ${this.longest} are allowed`);
        }
        // A frame that is here as a whole, as nearly all are, is read where it is.
        if (at + length <= chunk.length) {
          this.#headerBytes = 0;
          messages.push(read(chunk.subarray(at, at + length)));
          at += length;
          continue;
        }
        this.#body = new Uint8Array(length);
        this.#bodyBytes = 0;
      }
      if (this.#body && this.#bodyBytes === this.#body.length) {
        messages.push(read(this.#body));
        this.#body = undefined;
        this.#headerBytes = 0;
      }
    }
    return messages;
  }
}

function read(body: Uint8Array): unknown {
  try {
    return parse(decode(body));
  } catch (cause) {
    throw new FrameError("a frame that is not JSON", { cause });
  }
}
