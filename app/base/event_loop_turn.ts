/**
 * A turn of the event loop in which the runtime takes in what has arrived. `setImmediate` is not one: as long as
 * something is always ready to be run, the runtime looks at its connections once in some sixty turns, and whoever has
 * written waits so long. Here a byte is waited for that this process sends to itself: all that arrived before it is
 * taken in with it.
 */
import { join } from "node:path";

interface Loop {
  readonly near: Deno.UnixConn;
  readonly far: Deno.UnixConn;
}

const byte = new Uint8Array(1);
/** Larger than what is sent: only a read that does not fill its buffer makes the next one wait for the system's word. */
const received = new Uint8Array(16);

/** Asked for by the first turn; undefined in it where this system has no such connection. */
let opened: Promise<Loop | undefined> | undefined;
/** The turn that is going on; whoever asks for one meanwhile shares it. */
let going: Promise<void> | undefined;

/** Resolves after such a turn, some 20 µs later; where there is no connection to itself, after a timer, 1 to 2 ms later. */
export function eventLoopTurn(): Promise<void> {
  return going ??= turn();
}

async function turn(): Promise<void> {
  const loop = await (opened ??= open());
  try {
    if (loop) await Promise.all([loop.near.write(byte), loop.far.read(received)]);
    else await new Promise((resolve) => setTimeout(resolve, 0));
  } catch {
    // The connection is gone: from now on turns take a timer.
    opened = Promise.resolve(undefined);
  } finally {
    going = undefined;
  }
}

async function open(): Promise<Loop | undefined> {
  try {
    const folder = Deno.makeTempDirSync({ prefix: "carillon-loop-" });
    try {
      const path = join(folder, "loop");
      using listener = Deno.listen({ transport: "unix", path });
      const [near, far] = await Promise.all([Deno.connect({ transport: "unix", path }), listener.accept()]);
      return { near, far };
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  } catch {
    // No place for a socket, or no descriptor left: turns take a timer.
    return undefined;
  }
}
