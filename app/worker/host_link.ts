/** In the clock: the connection to one host. Only the child that was given the token gets it. */
import { join } from "node:path";
import { checkedMessage, MessageError } from "./check_message.ts";
import { FrameError, frameOf, FrameReader } from "./frame.ts";
import type { FromHost, ToHost } from "./messages.ts";
import { Allowance, pause, type TurnBudget } from "./pace.ts";

const READ_BYTES = 65_536;
/** How long somebody who connects has to show the token, and how large it is. */
const TOKEN_MS = 5_000;
const TOKEN_BYTES = 200;

/** A place where one host is expected. */
export class Rendezvous {
  readonly path: string;
  readonly token: string = crypto.randomUUID();
  readonly #listener: Deno.UnixListener;

  /**
   * @param folder one for {@link makePrivate}; its path has 90 bytes at the most
   * @throws Error where it is somebody else's by now
   */
  constructor(folder: string) {
    makePrivate(folder);
    this.path = join(folder, crypto.randomUUID().slice(0, 8));
    this.#listener = Deno.listen({ transport: "unix", path: this.path });
  }

  /** The connection of the one who knows the token; everybody else is turned away. Rejects once it is closed. */
  async accept(): Promise<Deno.UnixConn> {
    for (;;) {
      const connection = await this.#listener.accept();
      if (await showsToken(connection, this.token)) return connection;
      connection.close();
    }
  }

  /** Nobody is expected any more; the socket is gone from its folder. */
  close(): void {
    try {
      this.#listener.close();
    } catch (error) {
      // Closed before: by the end of the child, or by its connection.
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
    try {
      Deno.removeSync(this.path);
    } catch (error) {
      // The listener's close has removed it, where it does so.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/**
 * Makes a folder that nobody else may look into, where whoever tidies up temporary files has taken it away.
 *
 * @throws Error where it is somebody else's by now
 */
export function makePrivate(folder: string): void {
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = Deno.lstatSync(folder);
  if (uid === Deno.uid() && ((mode ?? 0) & 0o077) === 0) return;
  throw new Error(`the folder ${folder} is open to others, and not used`);
}

async function showsToken(connection: Deno.UnixConn, token: string): Promise<boolean> {
  const timer = setTimeout(() => connection.close(), TOKEN_MS);
  try {
    const reader = new FrameReader(TOKEN_BYTES);
    const bytes = new Uint8Array(TOKEN_BYTES);
    for (;;) {
      const count = await connection.read(bytes);
      if (count === null) return false;
      const [first, ...more] = reader.push(bytes.subarray(0, count));
      if (first === undefined) continue;
      const message = checkedMessage(first);
      return more.length === 0 && message.kind === "token" && message.token === token;
    }
  } catch {
    // Somebody else, or something that is not made of frames: turned away like a wrong token.
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** What becomes of what the host says. */
export interface LinkEvents {
  onMessage(message: FromHost): void;
  /** The host has broken the protocol, or handling what it said has failed; nothing more is read. */
  onFault(sentence: string): void;
  /** It has said so much that nothing is read for a while: who writes on waits. */
  onHeldBack?(ms: number): void;
}

export class HostLink {
  readonly #allowance = new Allowance();
  #unsent: Uint8Array<ArrayBuffer>[] = [];
  #writing = false;
  #closed = false;
  #isHeldBack = false;

  constructor(readonly connection: Deno.UnixConn, readonly budget: TurnBudget, readonly events: LinkEvents) {}

  /** True while nothing is read, because so much was said. */
  get isHeldBack(): boolean {
    return this.#isHeldBack;
  }

  /** Sends a message; all those of one turn leave together. @throws FrameError for one that is too long */
  send(message: ToHost): void {
    if (this.#closed) return;
    this.#unsent.push(frameOf(message));
    if (this.#writing) return;
    this.#writing = true;
    queueMicrotask(() => void this.#write());
  }

  /** Lets the host say so many bytes more than it may as a rule. */
  grant(bytes: number): void {
    this.#allowance.grant(bytes);
  }

  /** Reads until the host is gone. Never rejects. */
  async read(): Promise<void> {
    const reader = new FrameReader();
    const bytes = new Uint8Array(READ_BYTES);
    try {
      for (;;) {
        const count = await this.connection.read(bytes);
        if (count === null) return;
        let lines = 0;
        for (const message of reader.push(bytes.subarray(0, count))) {
          if (this.budget.isSpent) await this.budget.available();
          if (this.#closed) return;
          this.budget.spend(() => {
            const checked = checkedMessage(message);
            if (checked.kind === "news") lines++;
            this.events.onMessage(checked);
          });
        }
        const wait = lines === 0 ? 0 : this.#allowance.take(count, lines);
        if (wait > 0) await this.#pause(wait);
      }
    } catch (error) {
      if (this.#closed || isBroken(error)) return;
      this.events.onFault(faultOf(error));
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.connection.close();
  }

  async #pause(ms: number): Promise<void> {
    this.#isHeldBack = true;
    this.events.onHeldBack?.(ms);
    await pause(ms);
    this.#isHeldBack = false;
  }

  async #write(): Promise<void> {
    try {
      while (this.#unsent.length > 0) {
        const frames = this.#unsent;
        this.#unsent = [];
        const bytes = frames.length === 1 ? frames[0] : joined(frames);
        for (let at = 0; bytes && at < bytes.length;) at += await this.connection.write(bytes.subarray(at));
      }
    } catch {
      // A host that is gone takes nothing more; its end is reported by its exit.
      this.#unsent = [];
    } finally {
      this.#writing = false;
    }
  }
}

function joined(frames: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const frame of frames) {
    all.set(frame, at);
    at += frame.length;
  }
  return all;
}

function isBroken(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted ||
    error instanceof Deno.errors.ConnectionAborted;
}

function faultOf(error: unknown): string {
  if (error instanceof FrameError || error instanceof MessageError) {
    return `its host sent ${error.message}, which is not part of the protocol: the task's code has tampered with it`;
  }
  return `handling what its host sent has failed: ${error instanceof Error ? error.message : String(error)}`;
}
