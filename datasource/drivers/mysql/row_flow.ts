/** The rows of one statement of MySQL in batches: the server waits while a batch is worked on. */
import { EventEmitter } from "node:events";
import type { Connection as MysqlClient, FieldPacket } from "mysql2";
import type { TcpStream } from "../tcp_stream.ts";

export class RowFlow {
  readonly #rows: (readonly unknown[])[] = [];
  readonly #end = Promise.withResolvers<void>();
  #wanted: PromiseWithResolvers<void> | undefined;
  #ended = false;
  #error: unknown;
  #discarded = false;
  #results = 0;
  /** Columns of the first result; the rows of others are not given. */
  fields: readonly FieldPacket[] = [];

  readonly #closed = () =>
    this.#finish(Object.assign(new Error("closed"), { code: "PROTOCOL_CONNECTION_LOST" }));

  readonly #finish = (error: unknown): void => {
    if (this.#ended) return;
    this.#ended = true;
    this.client.off("error", this.#finish);
    this.client.off("end", this.#closed);
    this.tcp.off("close", this.#closed);
    this.tcp.release();
    this.#error = error;
    if (error === undefined) this.#end.resolve();
    else this.#end.reject(error);
    this.#wanted?.resolve();
  };

  constructor(
    readonly client: MysqlClient,
    readonly tcp: TcpStream,
    command: unknown,
    readonly batch: number,
  ) {
    // The driver's commands are emitters, whatever its types say.
    const events = command as EventEmitter;
    this.#end.promise.catch(() => {});
    events.on("fields", (found: FieldPacket[] | undefined) => {
      if (found && this.#results++ === 0) this.fields = found;
    });
    events.on("result", (row: unknown) => {
      if (!Array.isArray(row) || this.#results > 1 || this.#discarded) return;
      this.#rows.push(row);
      if (this.#rows.length < batch) return;
      this.tcp.hold();
      this.#wanted?.resolve();
    });
    events.on("error", (error: unknown) => this.#finish(error));
    events.on("end", () => this.#finish(undefined));
    // An error of the connection itself reaches no command that is in the middle of its rows.
    client.on("error", this.#finish);
    client.on("end", this.#closed);
    // Where this side has cut the connection the driver says nothing.
    tcp.on("close", this.#closed);
  }

  get ended(): boolean {
    return this.#ended && this.#rows.length === 0;
  }

  /** Settles with the statement. */
  get end(): Promise<void> {
    return this.#end.promise;
  }

  /** The next batch; the last one may be shorter, or empty. */
  async next(): Promise<readonly (readonly unknown[])[]> {
    if (!this.#ended && this.#rows.length < this.batch) {
      this.#wanted = Promise.withResolvers();
      this.tcp.release();
      await this.#wanted.promise;
    }
    if (this.#error !== undefined) throw this.#error;
    return this.#rows.splice(0, this.batch);
  }

  /** Rows that are still to come are not wanted. */
  discard(): void {
    this.#discarded = true;
    this.#rows.length = 0;
    this.tcp.release();
  }
}
