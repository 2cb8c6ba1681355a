/** An answer as bytes of HTTP/1.1 (RFC 9112): its head, and its body with a length, in chunks, or until the end. */
import { Buffer } from "node:buffer";
import { STATUS_CODES } from "node:http";

/** Fields that belong to the connection and are written by it alone. */
const OF_CONNECTION: ReadonlySet<string> = new Set(["connection", "keep-alive", "transfer-encoding"]);

export interface AnswerOptions {
  /** `HEAD`: the head alone. */
  readonly isHeadOnly: boolean;
  /** HTTP/1.0, which knows no chunks. */
  readonly isOld: boolean;
  readonly stays: boolean;
  readonly write: (bytes: Uint8Array) => Promise<void>;
}

/** Writes it; true where the connection can be used further. */
export async function writeAnswer(response: Response, options: AnswerOptions): Promise<boolean> {
  const { isHeadOnly, isOld, write } = options;
  const hasNone = isHeadOnly || response.status === 204 || response.status === 304;
  const reader = response.body?.getReader();
  try {
    if (hasNone || !reader) {
      const empty = hasNone || response.headers.has("content-length") ? [] : ["content-length: 0"];
      await write(headOf(response, options.stays, empty));
      return options.stays;
    }
    const isSized = response.headers.has("content-length");
    const isChunked = !isSized && !isOld;
    const stays = options.stays && (isSized || isChunked);
    let head: Buffer | undefined = headOf(response, stays, isChunked ? ["transfer-encoding: chunked"] : []);
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      if (piece.value.length === 0) continue;
      await write(joined(head, piece.value, isChunked));
      head = undefined;
    }
    if (head) await write(head);
    if (isChunked) await write(Buffer.from("0\r\n\r\n"));
    return stays;
  } finally {
    // Nobody reads the rest where the client has gone.
    await reader?.cancel();
  }
}

function joined(head: Buffer | undefined, piece: Uint8Array, isChunked: boolean): Uint8Array {
  const parts: Uint8Array[] = head ? [head] : [];
  if (!isChunked) return head ? Buffer.concat([head, piece]) : piece;
  return Buffer.concat([
    ...parts,
    Buffer.from(`${piece.length.toString(16)}\r\n`),
    piece,
    Buffer.from("\r\n"),
  ]);
}

function headOf(response: Response, stays: boolean, more: readonly string[]): Buffer {
  const lines = [
    `HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ""}`,
    ...[...response.headers].filter(([name]) => !OF_CONNECTION.has(name)).map(([name, value]) =>
      `${name}: ${value}`
    ),
    ...(response.headers.has("date") ? [] : [`date: ${new Date().toUTCString()}`]),
    ...more,
    `connection: ${stays ? "keep-alive" : "close"}`,
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}
