/** Hosts that are there when needed: started on demand up to a limit, kept warm for a while, then ended. */
import { type Clock, sleep } from "../scheduler/clock.ts";
import type { TaskHost } from "./task_host.ts";

/** How long an idle host is kept. */
const IDLE_MS = 30_000;

interface Idle {
  readonly key: string;
  readonly host: TaskHost;
}

export interface HostPoolOptions {
  /** Most hosts at work at one time; idle ones are as many at the most. */
  readonly limit: number;
  readonly clock: Clock;
  readonly create: () => TaskHost;
}

/** A host serves requests of one key only, so that nothing of one task is left over for another. */
export class HostPool {
  /** The one that was used last is last. */
  readonly #idle: Idle[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #closing = new AbortController();
  #busy = 0;
  #reaping = false;

  constructor(readonly options: HostPoolOptions) {}

  /** How many hosts are at work. */
  get busy(): number {
    return this.#busy;
  }

  /** How many hosts there are. */
  get size(): number {
    return this.#busy + this.#idle.length;
  }

  /** Does something with a host, waiting where all are busy. Requests are served in their order. */
  async use<T>(key: string, work: (host: TaskHost) => Promise<T>): Promise<T> {
    if (this.#busy >= this.options.limit) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#busy++;
    }
    const host = this.#take(key);
    try {
      return await work(host);
    } finally {
      this.#giveBack(key, host);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("the pool is closed"));
    await Promise.all(this.#idle.splice(0).map(({ host }) => host.end("Carillon is stopping")));
  }

  #take(key: string): TaskHost {
    const place = this.#idle.findLastIndex((each) => each.key === key);
    const warm = place === -1 ? undefined : this.#idle.splice(place, 1)[0];
    return warm && !warm.host.ended ? warm.host : this.options.create();
  }

  #giveBack(key: string, host: TaskHost): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#busy--;
    if (host.ended) return;
    if (this.#closing.signal.aborted) {
      void host.end("Carillon is stopping");
      return;
    }
    this.#idle.push({ key, host });
    if (this.#idle.length > this.options.limit) void this.#idle.shift()?.host.end("idle");
    void this.#reap();
  }

  /** Ends the hosts that have been idle for {@link IDLE_MS}, and stops looking once there are none. */
  async #reap(): Promise<void> {
    if (this.#reaping) return;
    this.#reaping = true;
    try {
      while (this.#idle.length > 0) {
        const before = new Set(this.#idle);
        await sleep(this.options.clock, IDLE_MS, this.#closing.signal);
        const stale = this.#idle.filter((each) => before.has(each));
        for (const each of stale) this.#idle.splice(this.#idle.indexOf(each), 1);
        await Promise.all(stale.map(({ host }) => host.end("idle")));
      }
    } catch (error) {
      if (!this.#closing.signal.aborted) throw error;
    } finally {
      this.#reaping = false;
    }
  }
}
