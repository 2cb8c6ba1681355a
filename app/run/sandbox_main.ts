/** What the sandbox of a task process runs: a worker with the task's permissions alone. */
// What tasks import is loaded before their permissions could keep it from being read.
import "../sdk.ts";
import { serveHost } from "./host_side.ts";
import type { HostSettings, ToHost } from "./messages.ts";

/** The part of a dedicated worker's global scope (HTML standard) that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
}

const scope = globalThis as unknown as WorkerScope;
scope.onmessage = ({ data: settings }: MessageEvent<HostSettings>) => {
  const take = serveHost(settings, (news) => scope.postMessage(news));
  scope.onmessage = ({ data }: MessageEvent<ToHost>) => take(data);
  scope.postMessage({ kind: "ready" });
};
