/** The connections of a section of database.ini: made when they are needed, lent to one user at a time, closed when idle. */
import { cancelledError, FOREVER_MS, limited } from "./cancel.ts";
import type { CallOptions, Connection, Driver } from "./database.ts";
import { CannotConnectError, QueryTimeoutError } from "./errors.ts";

export interface PoolTimes {
  /** How long somebody waits for a connection at most. */
  readonly waitMs: number;
  /** An idle connection is closed after this long. */
  readonly idleMs: number;
  /** One that was idle for so long is tried before it is used. */
  readonly tryAfterMs: number;
}

export const POOL_TIMES: PoolTimes = { waitMs: 30_000, idleMs: 30_000, tryAfterMs: 500 };

/** A connection that somebody uses, until it is given back. */
interface Lease {
  readonly connection: Connection;
  /** What it is used for, in words: `transaction`, `stream of "select …"`. */
  readonly use: string;
  readonly since: number;
}

/** Whoever uses a connection when the pool is closed may finish what he does for so long. */
const CLOSE_GRACE_MS = 1_000;
interface Idle {
  readonly connection: Connection;
  readonly since: number;
}

export class ConnectionPool {
  readonly #leases = new Set<Lease>();
  readonly #idle: Idle[] = [];
  readonly #waiting: (() => void)[] = [];
  /** Those that were woken and have not looked yet: what is free is theirs. */
  #woken = 0;
  /** Connections in all: in use, idle, being made or made fresh. */
  #size = 0;
  #sweeper: ReturnType<typeof setInterval> | undefined;
  #closed = false;
  #emptied: PromiseWithResolvers<void> | undefined;

  constructor(readonly driver: Driver, readonly times: PoolTimes = POOL_TIMES) {}

  /** Lends a connection for as long as the work takes. */
  async use<T>(use: string, call: CallOptions, work: (connection: Connection) => Promise<T>): Promise<T> {
    const lease = await this.#take(use, call);
    try {
      return await work(lease.connection);
    } finally {
      this.#giveBack(lease);
    }
  }

  async #take(use: string, call: CallOptions): Promise<Lease> {
    const end = performance.now() + this.times.waitMs;
    let isNew = true;
    for (;;) {
      if (call.signal?.aborted) {
        if (!isNew) this.#wake();
        throw cancelledError(this.driver.label, call.signal);
      }
      this.#refuseClosed();
      // Who waits longest is first: whoever comes later does not overtake.
      if (!isNew || !this.#isOvertaking()) {
        const connection = await this.#free(call);
        if (connection) {
          if (this.#closed) this.#drop(connection);
          this.#refuseClosed();
          const lease = { connection, use, since: performance.now() };
          this.#leases.add(lease);
          return lease;
        }
      }
      await this.#turn(end - performance.now(), call, isNew);
      this.#woken--;
      isNew = false;
    }
  }

  /** True where what is free is for others, who came before. */
  #isOvertaking(): boolean {
    const free = this.#idle.length + this.driver.most - this.#size;
    return this.#waiting.length > 0 || (this.#woken > 0 && free <= this.#woken);
  }

  /** An idle connection that answers, or a new one; undefined where all are in use. */
  async #free(call: CallOptions): Promise<Connection | undefined> {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      const { connection, since } = idle;
      if (!connection.alive) this.#drop(connection);
      else if (performance.now() - since < this.times.tryAfterMs) return connection;
      else if (await this.#made(this.#tried(connection), call)) return connection;
    }
    if (this.#size >= this.driver.most) return undefined;
    this.#size++;
    const making = this.driver.connect().catch((error) => {
      this.#size--;
      this.#wake();
      throw error;
    });
    return await this.#made(making, call);
  }

  /** A connection that answers; one that does not is dropped, whether or not its user still waits. */
  #tried(connection: Connection): Promise<Connection | undefined> {
    return connection.ping().then(() => connection, () => {
      this.#drop(connection);
      return undefined;
    });
  }

  /** Waits for a connection; where its user gives up meanwhile, it is for the next one. */
  async #made(making: Promise<Connection | undefined>, call: CallOptions): Promise<Connection | undefined> {
    const { label } = this.driver;
    const { signal, timeoutMs } = call;
    try {
      return await limited(
        making,
        { ms: timeoutMs ?? FOREVER_MS, signal },
        () => new QueryTimeoutError(`${label}: waited ${timeoutMs} ms for a connection to be made`),
        () => cancelledError(label, signal),
      );
    } catch (error) {
      making.then((connection) => connection && this.#putIdle(connection), () => {});
      throw error;
    }
  }

  #drop(connection: Connection): void {
    connection.destroy();
    this.#size--;
    this.#wake();
  }

  #refuseClosed(): void {
    if (this.#closed) throw new CannotConnectError(`${this.driver.label}: it was closed meanwhile`);
  }

  /** Waits until a connection may be free; whoever was woken for nothing keeps his place. */
  async #turn(leftMs: number, { signal, timeoutMs }: CallOptions, isNew: boolean): Promise<void> {
    this.#refuseClosed();
    const woken = Promise.withResolvers<void>();
    const wake = () => woken.resolve();
    if (isNew) this.#waiting.push(wake);
    else this.#waiting.unshift(wake);
    const ms = Math.max(0, Math.min(leftMs, timeoutMs ?? leftMs));
    try {
      await limited(
        woken.promise,
        { ms, signal },
        () => this.#tooLong(timeoutMs),
        () => cancelledError(this.driver.label, signal),
      );
    } catch (error) {
      // Woken and gone at once: the next one's turn.
      const at = this.#waiting.indexOf(wake);
      if (at < 0) {
        this.#woken--;
        this.#wake();
      } else this.#waiting.splice(at, 1);
      throw error;
    }
  }

  #tooLong(timeoutMs: number | undefined): Error {
    const now = performance.now();
    const uses = [...this.#leases].map(({ use, since }) =>
      `${use} (${((now - since) / 1_000).toFixed(1)} s)`
    );
    const { label, most } = this.driver;
    const users = uses.length === 0
      ? `${this.#size} of ${most} are being made`
      : `${uses.length} of ${most} in use by ${uses.join(", ")}`;
    const text = `for a connection: ${users}`;
    return timeoutMs !== undefined && timeoutMs < this.times.waitMs
      ? new QueryTimeoutError(`${label}: waited ${timeoutMs} ms ${text}`)
      : new CannotConnectError(`${label}: waited ${this.times.waitMs / 1_000} s ${text}`);
  }

  #giveBack(lease: Lease): void {
    this.#leases.delete(lease);
    if (this.#leases.size === 0) this.#emptied?.resolve();
    const { connection } = lease;
    if (!connection.alive || this.#closed) return this.#drop(connection);
    if (!connection.changed) return this.#putIdle(connection);
    void connection.reset().then(() => this.#putIdle(connection), () => this.#drop(connection));
  }

  #putIdle(connection: Connection): void {
    if (this.#closed || !connection.alive) return this.#drop(connection);
    this.#idle.push({ connection, since: performance.now() });
    if (this.#sweeper === undefined && !this.driver.keepsIdle) {
      this.#sweeper = setInterval(() => this.#sweep(), this.times.idleMs / 2);
      // It alone keeps no process going.
      Deno.unrefTimer(Number(this.#sweeper));
    }
    this.#wake();
  }

  #wake(): void {
    const wake = this.#waiting.shift();
    if (!wake) return;
    this.#woken++;
    wake();
  }

  #sweep(): void {
    const oldest = performance.now() - this.times.idleMs;
    while (this.#idle[0] && this.#idle[0].since <= oldest) {
      const idle = this.#idle.shift();
      this.#size--;
      // It is not needed any more: that it could not say goodbye is of no interest.
      idle?.connection.close().catch(() => idle.connection.destroy());
    }
    if (this.#idle.length > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  /** Closes all connections; those that are still in use a moment later are cut. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweeper);
    while (this.#waiting.length > 0) this.#wake();
    const idle = this.#idle.splice(0);
    await Promise.all(idle.map(({ connection }) => connection.close().catch(() => connection.destroy())));
    if (this.#leases.size === 0) return;
    this.#emptied = Promise.withResolvers();
    await limited(this.#emptied.promise, { ms: CLOSE_GRACE_MS }, () => new Error("still in use")).catch(
      () => {
        for (const { connection } of this.#leases) connection.destroy();
      },
    );
  }
}
