/**
 * The server of the dashboard: by each of its entrances it accepts connections, bounds them, and outlives whatever accepting one of them meets.
 *
 * `Deno.serve` has neither a limit of time for heads nor one for connections, and ends where the process has no
 * descriptor left; `node:http` has them in some versions of the runtime only.
 */
import { messageOf } from "../../base/errors.ts";
import type { Journal } from "../../base/journal.ts";
import { BodyMemory } from "./body.ts";
import { type Answer, Connection } from "./connection.ts";
import { connectionsFor } from "./descriptors.ts";
import type { Entrance } from "./entrance.ts";
import type { Limits } from "./limits.ts";

export interface ListenOptions {
  readonly entrances: readonly Entrance[];
  readonly limits: Limits;
  readonly answer: Answer;
  readonly journal: Journal;
}

/** The client has gone before it was accepted: accept(2), and getpeername(2), which the runtime asks next. */
const GONE = [Deno.errors.ConnectionAborted, Deno.errors.ConnectionReset, Deno.errors.NotConnected];
/** How long accepting waits for a descriptor. */
const PAUSE_MS = 250;
/** How often the same trouble is said. */
const SAID_MS = 60_000;
/** How long answers that are being written may take once the server stops. */
const STOP_MS = 5_000;
/** The same for streams of events, which have nothing more to say: their clients come back. */
const STOP_STREAMS_MS = 500;

export class Listener {
  readonly #connections = new Map<Connection, Promise<void>>();
  readonly #memory = new BodyMemory();
  readonly #most: number;
  #accepting: Promise<unknown> | undefined;
  #stopping = Promise.withResolvers<void>();
  #isStopping = false;
  #ended = Promise.withResolvers<void>();
  #saidAt = -Infinity;

  constructor(readonly options: ListenOptions) {
    this.#most = connectionsFor(options.limits.connections);
  }

  /** Connections that are open. */
  get size(): number {
    return this.#connections.size;
  }

  start(): void {
    const { journal, limits } = this.options;
    if (this.#most < limits.connections) {
      journal.warn(
        `at most ${this.#most} connections at one time, not ${limits.connections}: the system allows this process too few open files (ulimit -n)`,
      );
    }
    this.#accepting ??= Promise.all(this.options.entrances.map((each) => this.#acceptAll(each)));
  }

  /** Accepts nothing more, and waits for the answers that are being written. */
  async stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#stopping.resolve();
    for (const entrance of this.options.entrances) entrance.close();
    for (const connection of this.#connections.keys()) connection.end();
    const timers = [
      setTimeout(() => this.#closeAll(({ isStream }) => isStream), STOP_STREAMS_MS),
      setTimeout(() => this.#closeAll(() => true), STOP_MS),
    ];
    await this.#accepting;
    await Promise.all(this.#connections.values());
    for (const timer of timers) clearTimeout(timer);
  }

  async #acceptAll(entrance: Entrance): Promise<void> {
    while (!this.#isStopping) {
      if (this.#connections.size >= this.#most) await this.#room();
      else await this.#acceptOne(entrance);
    }
  }

  async #acceptOne(entrance: Entrance): Promise<void> {
    try {
      const { conn, peer } = await entrance.accept();
      const { answer, limits, journal } = this.options;
      const scheme = peer.kind === "network" && peer.isSecure ? "https" : "http";
      const connection = new Connection(conn, peer, {
        answer,
        limits,
        journal,
        memory: this.#memory,
        place: { scheme, host: entrance.name },
      });
      this.#connections.set(connection, this.#serve(connection));
    } catch (error) {
      if (this.#isStopping || GONE.some((kind) => error instanceof kind)) return;
      // No descriptor is left: the others wait in the system's queue.
      this.#say(`a connection cannot be accepted, others wait: ${messageOf(error)}`);
      this.#closeOldest();
      await this.#pause();
    }
  }

  async #serve(connection: Connection): Promise<void> {
    await connection.serve();
    this.#connections.delete(connection);
    this.#ended.resolve();
    this.#ended = Promise.withResolvers();
  }

  /** Waits until one more may be accepted: the oldest without a request is closed for it, or else the first to end. */
  async #room(): Promise<void> {
    this.#say(`${this.#most} connections are open: the oldest ones without a request are closed for others`);
    const { promise } = this.#ended;
    this.#closeOldest();
    await Promise.race([promise, this.#pause()]);
  }

  #closeAll(which: (connection: Connection) => boolean): void {
    for (const connection of this.#connections.keys()) if (which(connection)) connection.close();
  }

  #closeOldest(): void {
    for (const connection of this.#connections.keys()) {
      if (connection.isWaiting) return connection.close();
    }
  }

  async #pause(): Promise<void> {
    const over = Promise.withResolvers<void>();
    const timer = setTimeout(over.resolve, PAUSE_MS);
    await Promise.race([over.promise, this.#stopping.promise]);
    clearTimeout(timer);
  }

  #say(sentence: string): void {
    const now = performance.now();
    if (now - this.#saidAt < SAID_MS) return;
    this.#saidAt = now;
    this.options.journal.warn(sentence);
  }
}
