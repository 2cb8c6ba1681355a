/**
 * One question to PostgreSQL and its answer, in the messages of its protocol (PostgreSQL, chapter 55). The driver takes such
 * an object in place of a text, as it does from its own cursors: every method whose name begins with `handle` is called by it.
 */
import type { Buffer } from "node:buffer";
import { messageOf } from "../../../app/base/errors.ts";

/** The messages that a client may send, as the driver offers them. */
export interface Wire {
  parse(query: { readonly name: string; readonly text: string; readonly types: readonly number[] }): void;
  bind(binding: { readonly portal: string; readonly values: readonly unknown[] }): void;
  describe(what: { readonly type: "P"; readonly name: string }): void;
  execute(what: { readonly portal: string; readonly rows: number }): void;
  close(what: { readonly type: "P"; readonly name: string }): void;
  query(text: string): void;
  sync(): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(reason: string): void;
  readonly stream: {
    readonly writableNeedDrain: boolean;
    cork(): void;
    uncork(): void;
    on(event: "drain" | "close", listener: () => void): void;
    off(event: "drain" | "close", listener: () => void): void;
  };
}

export interface FieldFacts {
  readonly name: string;
  /** Object id of its type. */
  readonly dataTypeID: number;
}

/** The texts of a row, as the server wrote them. */
export type TextRow = readonly (string | null)[];

export interface ExchangeAnswer {
  readonly fields: readonly FieldFacts[];
  readonly rows: readonly TextRow[];
  /** What was done, such as `INSERT 0 3`; undefined while a portal has more rows. */
  readonly tag: string | undefined;
}

/** Asks once; what it sends ends with a `Sync`, or is a query of the simple protocol, so that its end is always told. */
export class Exchange {
  readonly #answered = Promise.withResolvers<ExchangeAnswer>();
  readonly #rows: TextRow[] = [];
  #fields: readonly FieldFacts[];
  #tag: string | undefined;

  constructor(readonly send: (wire: Wire) => void, fields: readonly FieldFacts[] = []) {
    this.#fields = fields;
  }

  get answered(): Promise<ExchangeAnswer> {
    return this.#answered.promise;
  }

  submit(wire: Wire): void {
    // The messages go in one piece.
    wire.stream.cork();
    this.send(wire);
    wire.stream.uncork();
  }

  handleRowDescription({ fields }: { readonly fields: readonly FieldFacts[] }): void {
    this.#fields = fields;
  }

  handleDataRow({ fields }: { readonly fields: TextRow }): void {
    this.#rows.push(fields);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#tag = text;
  }

  handleEmptyQuery(): void {
    this.#tag = "";
  }

  handlePortalSuspended(): void {
    this.#tag = undefined;
  }

  handleCopyInResponse(wire: Wire): void {
    wire.sendCopyFail("COPY … FROM STDIN is what insertMany() and copyRows() are for");
  }

  handleCopyData(): void {
    // The rows of a COPY … TO STDOUT, which are not wanted: they are read so that its end is reached.
  }

  handleError(error: unknown): void {
    this.#answered.reject(error);
  }

  handleReadyForQuery(): void {
    this.#answered.resolve({ fields: this.#fields, rows: this.#rows, tag: this.#tag });
  }
}

/** A statement: parsed, given its values and executed up to a number of rows; 0 is all of them. */
export function statementExchange(
  text: string,
  values: readonly unknown[],
  { portal = "", rows = 0 }: { readonly portal?: string; readonly rows?: number } = {},
): Exchange {
  return new Exchange((wire) => {
    wire.parse({ name: "", text, types: [] });
    wire.bind({ portal, values });
    wire.describe({ type: "P", name: portal });
    wire.execute({ portal, rows });
    wire.sync();
  });
}

/** The next rows of a portal, which lives until its transaction ends: other statements may go in between. */
export function fetchExchange(portal: string, rows: number, fields: readonly FieldFacts[]): Exchange {
  return new Exchange((wire) => {
    wire.execute({ portal, rows });
    wire.sync();
  }, fields);
}

export function closeExchange(portal: string): Exchange {
  return new Exchange((wire) => {
    wire.close({ type: "P", name: portal });
    wire.sync();
  });
}

/** `COPY … FROM STDIN` with all of its rows. */
export class CopyExchange extends Exchange {
  #refused = false;

  constructor(text: string, readonly pieces: readonly Buffer[]) {
    super((wire) => wire.query(text));
  }

  override handleCopyInResponse(wire: Wire): void {
    this.#write(wire).catch((error) => wire.sendCopyFail(messageOf(error)));
  }

  async #write(wire: Wire): Promise<void> {
    for (const piece of this.pieces) {
      // What the server refuses at a row it tells at once; it leaves out the rest.
      if (this.#refused) return;
      wire.sendCopyFromChunk(piece);
      if (wire.stream.writableNeedDrain) await drained(wire);
    }
    if (!this.#refused) wire.endCopyFrom();
  }

  override handleError(error: unknown): void {
    this.#refused = true;
    super.handleError(error);
  }
}

/** Resolves when there is room again, or nobody is there any more. */
function drained({ stream }: Wire): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off("drain", done);
      stream.off("close", done);
      resolve();
    };
    stream.on("drain", done);
    stream.on("close", done);
  });
}
