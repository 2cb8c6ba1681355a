/** Requests as bytes, as no client that is well behaved would send them, and what comes back. */
import { Buffer } from "node:buffer";

export interface RawAnswer {
  /** 0 where nothing came. */
  readonly status: number;
  readonly head: string;
  readonly body: string;
  readonly text: string;
}

/** Sends pieces and reads until the other side closes; a connection that is cut while sending is no error. */
export async function sendRaw(port: number, ...pieces: readonly (string | Uint8Array)[]): Promise<RawAnswer> {
  return await sendTo(await Deno.connect({ hostname: "127.0.0.1", port }), ...pieces);
}

/** The same over a connection that is open; it is closed afterwards. */
export async function sendTo(
  conn: Deno.Conn,
  ...pieces: readonly (string | Uint8Array)[]
): Promise<RawAnswer> {
  using _conn = conn;
  const sending = (async () => {
    for (const piece of pieces) await writeAll(conn, bytesOf(piece));
  })().catch(() => {});
  const text = await readToEnd(conn);
  await sending;
  // An interim answer asks for the body and says nothing of what comes of it.
  const final = text.replace(/^(?:HTTP\/1\.1 1\d\d [^\r]*\r\n\r\n)+/, "");
  const at = final.indexOf("\r\n\r\n");
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(final)?.[1] ?? 0),
    head: final.slice(0, at),
    body: final.slice(at + 4),
    text,
  };
}

/** Latin-1: each character is a byte. */
function bytesOf(piece: string | Uint8Array): Uint8Array {
  return typeof piece === "string" ? Buffer.from(piece, "latin1") : piece;
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

export async function readToEnd(conn: Deno.Conn): Promise<string> {
  const pieces: string[] = [];
  const decoder = new TextDecoder();
  const into = new Uint8Array(65_536);
  try {
    for (let read = await conn.read(into); read !== null; read = await conn.read(into)) {
      pieces.push(decoder.decode(into.subarray(0, read), { stream: true }));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
  return pieces.join("");
}
