/** The bytes that a client sends, taken piece by piece: a head, a line, a number of bytes. */
import { Buffer } from "node:buffer";

const READ_BYTES = 16 * 1024;
/** What is read ahead, at the most, while a request is answered. */
const AHEAD_BYTES = 64 * 1024;
const NOTHING = Buffer.alloc(0);

/** The client has closed in the middle of a request, or before it was answered. */
export class CutOff extends Error {
  override readonly name = "CutOff";
}

export class Incoming {
  #kept: Buffer = NOTHING;
  readonly #piece = new Uint8Array(READ_BYTES);
  /** The read that is going on: a connection has one at a time. */
  #reading: Promise<boolean> | undefined;

  constructor(readonly from: { read(into: Uint8Array): Promise<number | null> }) {}

  /** Waits until there is something; false where the client has closed. */
  async something(): Promise<boolean> {
    return this.#kept.length > 0 || await this.#more();
  }

  /** A line without its end, in Latin-1; undefined where it has more than `most` bytes. */
  async line(most: number): Promise<string | undefined> {
    for (let from = 0;;) {
      const at = this.#kept.indexOf("\r\n", from, "latin1");
      if (at > most || (at === -1 && this.#kept.length > most + 1)) return undefined;
      if (at !== -1) return this.#take(at, 2).toString("latin1");
      from = Math.max(0, this.#kept.length - 1);
      if (!await this.#more()) throw new CutOff("the client has closed");
    }
  }

  /** Some bytes, at least one and no more than `most`. */
  async some(most: number): Promise<Buffer> {
    if (!await this.something()) throw new CutOff("the client has closed");
    return this.#take(Math.min(most, this.#kept.length), 0);
  }

  /**
   * Reads ahead while a request is answered: what comes is kept for the next one.
   *
   * @param onGone called where the client has closed or reset the connection, unless this was disposed of before
   */
  readAhead(onGone: () => void): Disposable {
    let isOver = false;
    const untilItGoes = async () => {
      try {
        while (!isOver && this.#kept.length < AHEAD_BYTES) if (!await this.#more()) break;
        if (isOver || this.#kept.length >= AHEAD_BYTES) return;
      } catch {
        // It was reset; whoever reads next is told so.
        if (isOver) return;
      }
      onGone();
    };
    void untilItGoes();
    return {
      [Symbol.dispose]: () => {
        isOver = true;
      },
    };
  }

  #take(bytes: number, behind: number): Buffer {
    const taken = this.#kept.subarray(0, bytes);
    this.#kept = this.#kept.subarray(bytes + behind);
    return taken;
  }

  #more(): Promise<boolean> {
    return this.#reading ??= this.#read().finally(() => this.#reading = undefined);
  }

  async #read(): Promise<boolean> {
    const read = await this.from.read(this.#piece);
    if (read === null) return false;
    this.#kept = Buffer.concat([this.#kept, this.#piece.subarray(0, read)]);
    return true;
  }
}
