/** An Oracle listener that never lets anybody in: it refuses, it is silent, or it hangs up. */

export type TnsAnswer = { readonly refuse: number } | "silence" | "hang up";

export interface TnsListener extends AsyncDisposable {
  readonly port: number;
  /** What the clients asked for, as they wrote it. */
  readonly asked: readonly string[];
}

/** Bytes of a packet's header, and its type in the fifth of them (Oracle Net's transparent network substrate). */
const HEADER = 8;
const REFUSE = 4;

export function startTnsListener(answer: TnsAnswer): TnsListener {
  const asked: string[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.TcpConn>();
  const accepting = (async () => {
    for await (const connection of listener) {
      open.add(connection);
      asked.push(await whatIsAsked(connection));
      if (answer === "silence") continue;
      if (answer !== "hang up") await connection.write(refusal(answer.refuse));
      connection.close();
      open.delete(connection);
    }
  })();
  return {
    port: listener.addr.port,
    asked,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) connection.close();
      await accepting;
    },
  };
}

/** A long request comes in two packets. */
async function whatIsAsked(connection: Deno.TcpConn): Promise<string> {
  const buffer = new Uint8Array(4_096);
  let text = "";
  while (!text.includes("CONNECT_DATA")) {
    const count = await connection.read(buffer);
    if (count === null) break;
    text += new TextDecoder("latin1").decode(buffer.subarray(0, count));
  }
  return text.replace(/^[^(]*/, "");
}

/** What a listener says that lets nobody in. */
export function refusal(code: number): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(
    `(DESCRIPTION=(TMP=)(VSNNUM=0)(ERR=${code})(ERROR_STACK=(ERROR=(CODE=${code}))))`,
  );
  const bytes = new Uint8Array(HEADER + 4 + text.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, bytes.length);
  bytes[4] = REFUSE;
  view.setUint16(HEADER + 2, text.length);
  bytes.set(text, HEADER + 4);
  return bytes;
}
