/** In a sandbox host: the main thread, which hands messages on between the clock and a web Worker that has the task's permissions. */
import type { Permissions } from "../model/order.ts";
import type { HostSocket } from "./host_socket.ts";
import type { FromHost, HostSettings, ToHost } from "./messages.ts";

/** What the worker is given first: a channel that task code has no way to, and the count of what is on its way. */
export interface SandboxStart {
  readonly port: MessagePort;
  /** One number of 32 bits: characters that the worker has sent and the clock has not taken. */
  readonly unsent: SharedArrayBuffer;
}

export type FromSandbox =
  | { readonly kind: "ready" }
  | { readonly kind: "message"; readonly size: number; readonly message: FromHost };

/** Starts the worker, and answers with what takes the clock's messages. */
export async function startSandbox(
  { permissions, readable = [] }: HostSettings,
  socket: HostSocket,
): Promise<(message: ToHost) => void> {
  if (!permissions) throw new Error("a sandbox is started with permissions");
  const worker = new Worker(new URL("./sandbox_main.ts", import.meta.url), {
    type: "module",
    deno: { permissions: workerPermissions(permissions, readable) },
  });
  const ready = Promise.withResolvers<void>();
  const { port1, port2 } = new MessageChannel();
  const unsent = new SharedArrayBuffer(4);
  const count = new Int32Array(unsent);
  port1.onmessage = ({ data }: MessageEvent<FromSandbox>) => {
    if (data.kind === "ready") return ready.resolve();
    socket.send(data.message);
    Atomics.sub(count, 0, data.size);
    Atomics.notify(count, 0);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    socket.send({ kind: "stray", error: { name: "Error", message: event.message.slice(0, 1_000) } });
    ready.reject(new Error(event.message));
  };
  worker.postMessage({ port: port2, unsent } satisfies SandboxStart, [port2]);
  await ready.promise;
  return (message) => port1.postMessage(message);
}

/** Packages look at the processors as they are loaded; how many there are `navigator.hardwareConcurrency` tells everybody. */
const ALWAYS_TOLD = ["cpus"];

function workerPermissions(
  { net, read, write, env, run, sys }: Permissions,
  readable: readonly string[],
): Deno.PermissionOptionsObject {
  return {
    net: granted(net),
    read: read === true ? true : [...(read === false ? [] : read), ...readable],
    write: granted(write),
    env: granted(env),
    run: granted(run),
    sys: sys === true ? true : [...new Set([...(sys === false ? [] : sys), ...ALWAYS_TOLD])],
    ffi: false,
    import: false,
  };
}

function granted(allowed: boolean | readonly string[]): boolean | string[] {
  return typeof allowed === "boolean" ? allowed : [...allowed];
}
