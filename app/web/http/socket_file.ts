/** A socket of the file system as a way in. */
import { OperatorError } from "../../base/errors.ts";
import { systemReason } from "../../base/system_error.ts";
import type { Entrance, Visit } from "./entrance.ts";

/** Longest path that the system takes: `sun_path` of unix(7), with its end. */
export const LONGEST_PATH = 107;

export class SocketFile implements Entrance {
  readonly name = "localhost";
  /** Undefined where its file is gone and could not be made anew yet. */
  #listener: Deno.UnixListener | undefined;
  #taken = Promise.withResolvers<void>();
  #last: Promise<Deno.Conn> | undefined;
  #isClosed = false;

  private constructor(readonly path: string, readonly kind: "socket" | "own", readonly mode: number) {
    this.#listener = listen(path, mode);
  }

  /**
   * Takes the path; what a Carillon which was killed has left there is replaced.
   *
   * @param kind whom it is for
   * @param mode rights on the file
   * @throws OperatorError where it cannot be taken
   */
  static async open(path: string, kind: "socket" | "own", mode: number): Promise<SocketFile> {
    if (new TextEncoder().encode(path).length > LONGEST_PATH) {
      throw new OperatorError(
        `${path} is longer than the ${LONGEST_PATH} bytes that a socket's path may have`,
      );
    }
    await removeLeftOver(path);
    return new SocketFile(path, kind, mode);
  }

  async accept(): Promise<Visit> {
    for (;;) {
      const listener = this.#listener;
      if (!listener) {
        await this.#taken.promise;
        continue;
      }
      const next = listener.accept();
      this.#last = next;
      try {
        return { conn: await next, peer: { kind: this.kind } };
      } catch (error) {
        if (this.#isClosed || listener === this.#listener) throw error;
      }
    }
  }

  /**
   * Makes the file anew where somebody has removed it, with its folder perhaps: without it nobody finds the way in. True where
   * it was made.
   *
   * @throws OperatorError where it cannot be made: then nobody comes in by it until this is called again
   */
  async renew(): Promise<boolean> {
    if (this.#isClosed || isThere(this.path)) return false;
    this.#listener?.close();
    this.#listener = undefined;
    // The runtime removes the file of a listener that ends: it must have ended before there is a new one.
    await this.#last?.catch(() => {});
    if (this.#isClosed) return false;
    this.#listener = listen(this.path, this.mode);
    this.#taken.resolve();
    this.#taken = Promise.withResolvers();
    return true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener?.close();
    this.#taken.reject(new Error("the socket is closed"));
    this.#taken.promise.catch(() => {});
    try {
      Deno.removeSync(this.path);
    } catch {
      // The runtime has removed it, or somebody tidied it away.
    }
  }
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    // That it cannot be looked at is the same for those who look for it.
    return false;
  }
}

function listen(path: string, mode: number): Deno.UnixListener {
  // From its first moment on nobody else can open it.
  const before = Deno.umask(0o777 & ~mode);
  try {
    return Deno.listen({ transport: "unix", path });
  } catch (cause) {
    throw new OperatorError(`${path} cannot be made: ${systemReason(cause)}`, { cause });
  } finally {
    Deno.umask(before);
  }
}

async function removeLeftOver(path: string): Promise<void> {
  try {
    if (!Deno.lstatSync(path).isSocket) throw new OperatorError(`${path} is there already and is no socket`);
    if (await answers(path)) throw new OperatorError(`another program listens on ${path}`);
    Deno.removeSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error instanceof OperatorError
      ? error
      : new OperatorError(`${path} cannot be replaced: ${systemReason(error)}`, { cause: error });
  }
}

async function answers(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return true;
  } catch {
    // Nobody listens any more.
    return false;
  }
}
