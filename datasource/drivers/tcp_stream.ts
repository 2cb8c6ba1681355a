/**
 * A connection as a stream of Node's whose server can be made to wait.
 *
 * Node's own sockets lose bytes or stall on Deno 2.7 when they are paused and resumed, encrypted or not, which is how the
 * drivers of MySQL and SQL Server make a server wait. Here `hold` makes no further read of the socket, while all that is
 * above goes on flowing.
 */
import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";

export interface TcpAddress {
  readonly host: string;
  readonly port: number;
  /** Path of a unix socket, in place of the two. */
  readonly socket?: string | undefined;
}

const CHUNK_BYTES = 65_536;

export class TcpStream extends Duplex {
  /** The host under whose name `tls.connect` checks a certificate where the caller names none, as in Node's own sockets. */
  readonly _host: string;
  readonly #connecting: Promise<Deno.Conn>;
  #connection: Deno.Conn | undefined;
  readonly #space = new Uint8Array(CHUNK_BYTES);
  #referenced = true;
  #over = false;
  #held: PromiseWithResolvers<void> | undefined;

  /** @param endDelayMs so long after the last bytes the end is told: what reads them in several steps is done then */
  constructor(address: TcpAddress, readonly endDelayMs = 0) {
    super({ allowHalfOpen: false });
    this._host = address.host;
    this.#connecting = connect(address).then((connection) => {
      if (this.destroyed) {
        connection.close();
        throw new Error("the connection was closed while it was made");
      }
      this.#connection = connection;
      this.#apply();
      this.emit("connect");
      return connection;
    });
    this.#connecting.catch((error) => this.destroy(asNodeError(error)));
  }

  /** Nothing more is read from the socket, so that the server waits. */
  hold(): void {
    this.#held ??= Promise.withResolvers();
  }

  release(): void {
    this.#held?.resolve();
    this.#held = undefined;
  }

  override _read(): void {
    void this.#readOnce();
  }

  async #readOnce(): Promise<void> {
    try {
      const connection = this.#connection ?? await this.#connecting;
      await this.#held?.promise;
      const count = await connection.read(this.#space);
      if (count === null) await this.#beforeEnd();
      this.push(count === null ? null : Buffer.from(this.#space.slice(0, count)));
    } catch (error) {
      await this.#beforeEnd();
      this.destroy(asNodeError(error));
    }
  }

  /** True once the other side has ended it, also before that is told. */
  get over(): boolean {
    return this.#over || this.destroyed;
  }

  /** Where this side has hung up there is nothing more to read. */
  async #beforeEnd(): Promise<void> {
    this.#over = true;
    if (this.endDelayMs === 0 || this.writableEnded || this.destroyed) return;
    await new Promise((resolve) => setTimeout(resolve, this.endDelayMs));
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    this.#writeAll(chunk).then(() => done(), (error) => done(asNodeError(error)));
  }

  async #writeAll(chunk: Uint8Array): Promise<void> {
    const connection = this.#connection ?? await this.#connecting;
    for (let at = 0; at < chunk.length;) at += await connection.write(chunk.subarray(at));
  }

  override _final(done: (error?: Error | null) => void): void {
    // A server that has gone already has nothing to be told.
    (this.#connection?.closeWrite() ?? Promise.resolve()).then(() => done(), () => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.release();
    try {
      this.#connection?.close();
    } catch (closing) {
      if (!(closing instanceof Deno.errors.BadResource)) throw closing;
    }
    done(error);
  }

  // What the drivers ask of a socket of Node's.

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    this.#referenced = true;
    this.#apply();
    return this;
  }

  /** From now on it keeps no process going. */
  unref(): this {
    this.#referenced = false;
    this.#apply();
    return this;
  }

  #apply(): void {
    if (this.#referenced) this.#connection?.ref();
    else this.#connection?.unref();
  }
}

async function connect({ host, port, socket }: TcpAddress): Promise<Deno.Conn> {
  if (socket !== undefined) return await Deno.connect({ transport: "unix", path: socket });
  const connection = await Deno.connect({ hostname: host, port });
  // Small requests go at once, and a peer that is gone is noticed.
  connection.setNoDelay(true);
  connection.setKeepAlive(true);
  return connection;
}

/** The codes by which the drivers know what the system said. */
function asNodeError(error: unknown): Error & { code?: string } {
  const known: readonly (readonly [new (...given: never[]) => Error, string])[] = [
    [Deno.errors.ConnectionRefused, "ECONNREFUSED"],
    [Deno.errors.ConnectionReset, "ECONNRESET"],
    [Deno.errors.ConnectionAborted, "ECONNABORTED"],
    [Deno.errors.BrokenPipe, "EPIPE"],
    [Deno.errors.TimedOut, "ETIMEDOUT"],
    [Deno.errors.NotFound, "ENOENT"],
    [Deno.errors.Interrupted, "ECONNRESET"],
    [Deno.errors.BadResource, "ECONNRESET"],
  ];
  if (!(error instanceof Error)) return new Error(String(error));
  const code = "code" in error && typeof error.code === "string"
    ? error.code
    : /failed to lookup address/.test(error.message)
    ? "ENOTFOUND"
    : known.find(([kind]) => error instanceof kind)?.[1];
  return code === undefined ? error : Object.assign(new Error(error.message, { cause: error }), { code });
}
