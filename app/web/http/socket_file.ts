/** A socket of the file system as a way in. */
import { OperatorError } from "../../base/errors.ts";
import { systemReason } from "../../base/system_error.ts";
import type { Entrance, Visit } from "./entrance.ts";

/** Longest path that the system takes: `sun_path` of unix(7), with its end. */
export const LONGEST_PATH = 107;

export class SocketFile implements Entrance {
  readonly name = "localhost";

  private constructor(
    readonly path: string,
    readonly kind: "socket" | "own",
    readonly listener: Deno.UnixListener,
  ) {}

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
    return new SocketFile(path, kind, listen(path, mode));
  }

  async accept(): Promise<Visit> {
    return { conn: await this.listener.accept(), peer: { kind: this.kind } };
  }

  close(): void {
    this.listener.close();
    try {
      Deno.removeSync(this.path);
    } catch {
      // Somebody tidied it away.
    }
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
