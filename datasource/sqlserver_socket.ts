/** The connection to SQL Server: one that tells of its end after what came before it has been read. */
import { connect, type Socket } from "node:net";

/**
 * A server that refuses a login says why and hangs up. The driver reads what was said in several steps, and this runtime
 * tells of the end at once: without a pause the reason would be lost.
 */
const PAUSE_MS = 50;

/** Connects; fails with the system's own error, or when the signal is aborted. */
export function patientSocket(host: string, port: number, signal: AbortSignal | undefined): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect({ host, port });
  const { emit } = socket;
  socket.emit = (event: string, ...values: unknown[]) => {
    // Where this side has hung up there is nothing more to read.
    if ((event !== "end" && event !== "close") || socket.writableEnded) {
      return emit.call(socket, event, ...values);
    }
    setTimeout(() => emit.call(socket, event, ...values), PAUSE_MS);
    return true;
  };
  const give = (settle: () => void) => {
    signal?.removeEventListener("abort", stop);
    socket.off("error", refuse);
    settle();
  };
  const refuse = (error: unknown) => give(() => reject(error));
  const stop = () => {
    socket.destroy();
    refuse(signal?.reason);
  };
  signal?.addEventListener("abort", stop, { once: true });
  socket.once("error", refuse);
  socket.once("connect", () => give(() => resolve(socket)));
  return promise;
}
