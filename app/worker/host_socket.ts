/** A host's end of its connection to the clock. What is said leaves at once, also from code that never awaits. */
import { readdirSync } from "node:fs";
import { FrameError, frameOf, FrameReader } from "./frame.ts";
import type { FromHost, ToHost } from "./messages.ts";
import type { SystemCalls } from "./system_calls.ts";

const READ_BYTES = 65_536;

export class HostSocket {
  readonly #reader = new FrameReader();
  /** Without system calls: frames that leave one after the other. */
  #sending: Promise<void> = Promise.resolve();

  private constructor(
    readonly connection: Deno.UnixConn,
    readonly calls: SystemCalls | undefined,
    /** The connection's number among the descriptors of this process. */
    readonly descriptor: number | undefined,
  ) {}

  static async connect(path: string, calls: SystemCalls | undefined): Promise<HostSocket> {
    const connection = await Deno.connect({ transport: "unix", path });
    const descriptor = descriptors().find((each) => calls?.peerPath(each) === path);
    return new HostSocket(connection, calls, descriptor);
  }

  /** Sends a message; with system calls it has left when this returns. @throws FrameError for one that is too long */
  send(message: FromHost): void {
    const frame = frameOf(message);
    if (this.calls && this.descriptor !== undefined) {
      if (!this.calls.send(this.descriptor, frame)) endProcess();
      return;
    }
    this.#sending = this.#sending.then(() => this.#write(frame)).catch(endProcess);
  }

  async #write(frame: Uint8Array<ArrayBuffer>): Promise<void> {
    for (let at = 0; at < frame.length;) at += await this.connection.write(frame.subarray(at));
  }

  /** Hands on what arrives until the clock is gone, which ends this process: nobody would hear it any more. */
  async receive(take: (message: ToHost) => void): Promise<never> {
    const bytes = new Uint8Array(READ_BYTES);
    try {
      for (;;) {
        const count = await this.connection.read(bytes);
        if (count === null) break;
        for (const message of this.#reader.push(bytes.subarray(0, count))) take(message as ToHost);
      }
    } catch (error) {
      if (error instanceof FrameError) throw error;
      // A connection that breaks is one that has ended.
    }
    return endProcess();
  }
}

// Held from the start: a task's `Deno.exit` is refused.
const exit: (code: number) => never = Deno.exit;

function endProcess(): never {
  return exit(0);
}

function descriptors(): number[] {
  try {
    return readdirSync("/proc/self/fd").map(Number);
  } catch {
    // A system without /proc has none of the system calls either.
    return [];
  }
}
