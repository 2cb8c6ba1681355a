/** Child processes of a run: what they write, in lines, and how they are ended with it. */
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";

/** How long a process may take to end after SIGTERM, until SIGKILL. */
const END_MS = 5_000;

/** Ends a child when a signal is aborted. */
export function endWith(signal: AbortSignal | undefined, child: Deno.ChildProcess): { release(): void } {
  const end = () => void endChild(child);
  signal?.addEventListener("abort", end, { once: true });
  return { release: () => signal?.removeEventListener("abort", end) };
}

async function endChild(child: Deno.ChildProcess): Promise<void> {
  send(child.pid, "SIGTERM");
  const gone = new AbortController();
  void child.status.then(() => gone.abort());
  try {
    await pause(END_MS, undefined, { signal: gone.signal });
  } catch {
    // It has ended in time.
    return;
  }
  send(child.pid, "SIGKILL");
}

function send(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended in the meantime.
  }
}

/** The lines of an output, the last one also without a line end. A line is held in memory as a whole. */
export async function* linesOf(output: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pieces: string[] = [];
  for await (const bytes of output) {
    const [first = "", ...others] = decoder.decode(bytes, { stream: true }).split("\n");
    pieces.push(first);
    for (const next of others) {
      yield pieces.join("");
      pieces = [next];
    }
  }
  const rest = pieces.join("") + decoder.decode();
  if (rest !== "") yield rest;
}

/** Writes to a child's input as much as it reads. */
export async function writeTo(writer: WritableStreamDefaultWriter<Uint8Array>, text: string): Promise<void> {
  try {
    await writer.write(new TextEncoder().encode(text));
  } catch (error) {
    // It has closed its input, or ended: how it ended says whether that was right.
    if (!(error instanceof Deno.errors.BrokenPipe || error instanceof TypeError)) throw error;
  }
}
