/** What the web Worker of a sandbox host runs: tasks, with their permissions alone. */
// What tasks import is loaded before their permissions could keep it from being read.
import "../sdk/carillon.ts";
import { answerUmask, readModulesFromDisk } from "./disk_modules.ts";
import type { FromHost, ToHost } from "./messages.ts";
import type { FromSandbox, SandboxStart } from "./sandbox.ts";
import { serveTasks } from "./task_server.ts";

/** Characters on their way beyond which the worker waits. */
const MOST_UNSENT = 500_000;
const WAIT_MS = 1_000;

// Held from the start: whatever a task replaces, the channel stays out of its reach.
const { apply } = Reflect;
const { load, add, wait } = Atomics;
const { stringify } = JSON;
const post = MessagePort.prototype.postMessage;
const dataGetter = Object.getOwnPropertyDescriptor(MessageEvent.prototype, "data")?.get;
const dataOf = (event: MessageEvent): unknown => dataGetter ? apply(dataGetter, event, []) : event.data;

/** The part of a dedicated worker's global scope (HTML standard) that is used here. */
const scope = globalThis as unknown as { onmessage: ((event: MessageEvent<SandboxStart>) => void) | null };

scope.onmessage = ({ data: { port, unsent } }) => {
  scope.onmessage = null;
  hideInternals();
  readModulesFromDisk();
  answerUmask();
  const count = new Int32Array(unsent);
  const hand = (message: FromSandbox) => apply(post, port, [message]);
  const send = (message: FromHost) => {
    const size = stringify(message).length;
    add(count, 0, size);
    hand({ kind: "message", size, message });
    for (let now = load(count, 0); now > MOST_UNSENT; now = load(count, 0)) wait(count, 0, now, WAIT_MS);
  };
  const take = serveTasks({ send, shared: false, tellsBegin: true, clean: undefined });
  port.onmessage = (event) => take(dataOf(event) as ToHost);
  hand({ kind: "ready" });
};

/** The runtime's own operations, which would reach the channel and the process past all permissions. */
function hideInternals(): void {
  const { internal } = Deno as unknown as { readonly internal?: symbol };
  if (internal) delete (Deno as unknown as Record<symbol, unknown>)[internal];
}
