/** A worker thread with a heap limit, from this side. */
import { Worker } from "node:worker_threads";
import {
  type FromHost,
  type HostAnswer,
  type HostRequest,
  type HostSettings,
  outOfMemory,
  type RunNews,
  type ToHost,
} from "./messages.ts";
import { PendingRequest, type TaskHost } from "./task_host.ts";

export class TaskThread implements TaskHost {
  readonly #worker: Worker;
  readonly #pending = new PendingRequest();
  #ended = false;

  constructor(readonly settings: HostSettings) {
    this.#worker = new Worker(new URL("./worker_main.ts", import.meta.url), {
      workerData: settings,
      resourceLimits: { maxOldGenerationSizeMb: settings.memoryMb },
    });
    this.#worker.on("message", (message: FromHost) => {
      if (message.kind === "log" || message.kind === "progress") this.#pending.tell(message);
      else if (message.kind === "failed" && message.fatal) void this.#endWith(message);
      else this.#pending.settle(message);
    });
    this.#worker.on("error", (error: unknown) => this.#lose(error));
    this.#worker.on("exit", () => this.#lose(new Error("the worker ended before the task did")));
  }

  get ended(): boolean {
    return this.#ended;
  }

  ask(request: HostRequest, onNews?: (news: RunNews) => void): Promise<HostAnswer> {
    if (this.#ended) throw new Error("the worker has ended");
    const answer = this.#pending.begin(onNews);
    this.#worker.postMessage(request);
    return answer;
  }

  abort(reason: string): void {
    if (!this.#ended) this.#worker.postMessage({ kind: "abort", reason } satisfies ToHost);
  }

  async end(reason: string): Promise<void> {
    this.#lose(new Error(reason));
    await this.#worker.terminate();
  }

  async #endWith(answer: HostAnswer): Promise<void> {
    this.#ended = true;
    this.#pending.settle(answer);
    await this.#worker.terminate();
  }

  #lose(cause: unknown): void {
    this.#ended = true;
    const heapReached = typeof cause === "object" && cause !== null && "code" in cause &&
      cause.code === "ERR_WORKER_OUT_OF_MEMORY";
    if (heapReached) this.#pending.fail(new RangeError(outOfMemory(this.settings.memoryMb)));
    else this.#pending.fail(cause instanceof Error ? cause : new Error(String(cause)));
  }
}
