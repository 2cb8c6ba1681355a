/** Workers that are there when needed: started on demand up to a limit, kept warm for a while, then ended. */
import { type Clock, sleep } from "../scheduler/clock.ts";
import type { WorkerSettings } from "./messages.ts";
import { TaskWorker } from "./task_worker.ts";

/** How long an idle worker is kept. */
const IDLE_MS = 30_000;

export class WorkerPool {
  readonly #idle: TaskWorker[] = [];
  readonly #waiting: ((worker: TaskWorker) => void)[] = [];
  readonly #closing = new AbortController();
  #busy = 0;
  #reaping = false;

  /** @param limit most workers at one time */
  constructor(readonly limit: number, readonly settings: WorkerSettings, readonly clock: Clock) {}

  /** How many workers are at work. */
  get busy(): number {
    return this.#busy;
  }

  /** How many workers there are. */
  get size(): number {
    return this.#busy + this.#idle.length;
  }

  /** True while a further request would have to wait for a worker. */
  get full(): boolean {
    return this.#busy >= this.limit;
  }

  /** Does something with a worker, waiting for a free one where all are busy. Requests are served in their order. */
  async use<T>(work: (worker: TaskWorker) => Promise<T>): Promise<T> {
    const worker = await this.#take();
    try {
      return await work(worker);
    } finally {
      this.#giveBack(worker);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("the pool is closed"));
    await Promise.all(this.#idle.splice(0).map((worker) => worker.end("Carillon is stopping")));
  }

  async #take(): Promise<TaskWorker> {
    if (this.full) return await new Promise<TaskWorker>((resolve) => this.#waiting.push(resolve));
    this.#busy++;
    return this.#fresh();
  }

  #fresh(): TaskWorker {
    const warm = this.#idle.pop();
    return warm && !warm.ended ? warm : new TaskWorker(this.settings);
  }

  #giveBack(worker: TaskWorker): void {
    const next = this.#waiting.shift();
    if (next) {
      next(worker.ended ? new TaskWorker(this.settings) : worker);
      return;
    }
    this.#busy--;
    if (worker.ended) return;
    if (this.#closing.signal.aborted) {
      void worker.end("Carillon is stopping");
      return;
    }
    this.#idle.push(worker);
    void this.#reap();
  }

  /** Ends the workers that have been idle for {@link IDLE_MS}, and stops looking once there are none. */
  async #reap(): Promise<void> {
    if (this.#reaping) return;
    this.#reaping = true;
    try {
      while (this.#idle.length > 0) {
        const before = new Set(this.#idle);
        await sleep(this.clock, IDLE_MS, this.#closing.signal);
        // The last of the list was used last: what is still at the front has not been touched.
        while (this.#idle[0] && before.has(this.#idle[0])) {
          const worker = this.#idle.shift();
          before.delete(worker as TaskWorker);
          await worker?.end("idle");
        }
      }
    } catch (error) {
      if (!this.#closing.signal.aborted) throw error;
    } finally {
      this.#reaping = false;
    }
  }
}
