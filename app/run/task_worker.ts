/** One worker thread, from this side: it answers one request at a time and can be ended whatever it is doing. */
import { Worker } from "node:worker_threads";
import {
  type FromWorker,
  HEAP_LIMIT_MB,
  OUT_OF_MEMORY,
  type ToWorker,
  type WorkerAnswer,
  type WorkerNews,
  type WorkerSettings,
} from "./messages.ts";

type Request = Exclude<ToWorker, { kind: "abort" }>;

interface Waiting {
  readonly resolve: (answer: WorkerAnswer) => void;
  readonly onNews: (news: WorkerNews) => void;
}

export class TaskWorker {
  readonly #worker: Worker;
  #waiting: Waiting | undefined;
  #ended = false;

  constructor(settings: WorkerSettings) {
    this.#worker = new Worker(new URL("./worker_main.ts", import.meta.url), {
      workerData: settings,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT_MB },
    });
    this.#worker.on("message", (message: FromWorker) => {
      if (message.kind === "log" || message.kind === "progress") this.#waiting?.onNews(message);
      else if (message.kind === "failed" && message.fatal) void this.#endWith(message);
      else this.#settle(message);
    });
    this.#worker.on("error", (error: unknown) => this.#lose(error));
    this.#worker.on("exit", () => this.#lose(new Error("the worker ended before the task did")));
  }

  /** True for a worker that can take no more requests. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Asks, and resolves with the answer; an error that ends the worker is an answer too. Never rejects. */
  ask(request: Request, onNews: (news: WorkerNews) => void = () => {}): Promise<WorkerAnswer> {
    if (this.#waiting) throw new Error("a worker answers one request at a time");
    if (this.#ended) throw new Error("the worker has ended");
    return new Promise((resolve) => {
      this.#waiting = { resolve, onNews };
      this.#worker.postMessage(request);
    });
  }

  /** Aborts the signal of the run that is going on; the task may or may not heed it. */
  abort(reason: string): void {
    if (!this.#ended) this.#worker.postMessage({ kind: "abort", reason } satisfies ToWorker);
  }

  /** Ends the thread at once, even in an endless loop; a request that is waiting fails with `reason`. */
  async end(reason: string): Promise<void> {
    this.#lose(new Error(reason));
    await this.#worker.terminate();
  }

  async #endWith(answer: WorkerAnswer): Promise<void> {
    this.#ended = true;
    this.#settle(answer);
    await this.#worker.terminate();
  }

  #lose(cause: unknown): void {
    this.#ended = true;
    const heapReached = typeof cause === "object" && cause !== null && "code" in cause &&
      cause.code === "ERR_WORKER_OUT_OF_MEMORY";
    const error = heapReached
      ? new RangeError(OUT_OF_MEMORY)
      : cause instanceof Error
      ? cause
      : new Error(String(cause));
    const { name, message, stack } = error;
    this.#settle({ kind: "failed", error: { name, message, ...(stack === undefined ? {} : { stack }) } });
  }

  #settle(answer: WorkerAnswer): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(answer);
  }
}
