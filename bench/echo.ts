/**
 * What a machine leaves to any two processes that exchange 10,000 messages a second: one answers the other at once, both do
 * nothing but pass some time. `deno run -A bench/echo.ts <socket>` is the one that answers.
 */
import { setImmediate } from "node:timers";
import { percentile } from "./measure.ts";

const MESSAGE_BYTES = 100;
/** What a message takes on either side, about half of what a run in the shared host does. Microseconds. */
const BUSY = 20;

export interface Echoed {
  /** Milliseconds from the instant at which messages were due until they were back. */
  readonly p50: number;
  readonly p99: number;
  readonly aSecond: number;
}

/** @param together so many messages are due at once @param every milliseconds from one such instant to the next */
export async function echo(seconds: number, together: number, every: number): Promise<Echoed> {
  const path = Deno.makeTempFileSync({ prefix: "carillon-echo-" });
  Deno.removeSync(path);
  const listener = Deno.listen({ transport: "unix", path });
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", new URL(import.meta.url).pathname, path],
  }).spawn();
  const connection = await listener.accept();
  const rounds = Math.round(seconds * 1_000 / every);
  const took: number[] = [];
  const begin = performance.now() + 100;
  const back = (async () => {
    const buffer = new Uint8Array(65_536);
    for (let bytes = 0; took.length < rounds * together;) {
      bytes += await connection.read(buffer) ?? 0;
      while ((took.length + 1) * MESSAGE_BYTES <= bytes) {
        pass();
        took.push(performance.now() - begin - Math.floor(took.length / together) * every);
      }
    }
  })();
  const batch = new Uint8Array(together * MESSAGE_BYTES);
  for (let round = 0; round < rounds; round++) {
    const due = begin + round * every;
    const ahead = due - performance.now() - 1;
    if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
    while (performance.now() < due) await new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < together; i++) pass();
    for (let at = 0; at < batch.length;) at += await connection.write(batch.subarray(at));
  }
  await back;
  connection.close();
  listener.close();
  await child.status;
  return { p50: percentile(took, 0.5), p99: percentile(took, 0.99), aSecond: took.length / seconds };
}

async function answer(path: string): Promise<void> {
  const connection = await Deno.connect({ transport: "unix", path });
  const buffer = new Uint8Array(65_536);
  for (let passed = 0, bytes = 0;;) {
    const read = await connection.read(buffer);
    if (read === null) break;
    for (bytes += read; (passed + 1) * MESSAGE_BYTES <= bytes; passed++) pass();
    for (let at = 0; at < read;) at += await connection.write(buffer.subarray(at, read));
  }
  connection.close();
}

function pass(): void {
  for (const end = performance.now() + BUSY / 1_000; performance.now() < end;);
}

if (import.meta.main) await answer(Deno.args[0] ?? "");
