/** The body of a request, read whole before the request is answered: it is small, or it is refused. */
import { Buffer } from "node:buffer";
import { RequestProblem } from "../request_problem.ts";
import { fieldLines, type Head, wrong } from "./head.ts";
import type { Incoming } from "./incoming.ts";
import { ALL_BODIES_BYTES } from "./limits.ts";

const CHUNK_LINE_BYTES = 256;

/** The memory that the bodies of all connections take. */
export class BodyMemory {
  #bytes = 0;

  /** @throws RequestProblem where there is no room for more just now */
  take(bytes: number): void {
    if (this.#bytes + bytes > ALL_BODIES_BYTES) throw new RequestProblem(503, "problem.many_bodies");
    this.#bytes += bytes;
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** One body; disposing it gives its memory back. */
export class Body implements Disposable {
  readonly #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(readonly incoming: Incoming, readonly most: number, readonly memory: BodyMemory) {}

  /** @throws RequestProblem where it is too large or malformed */
  async read(length: Head["body"]): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (length.kind === "none") return undefined;
    if (length.kind === "length") {
      // Said before a byte of it has come.
      if (length.bytes > this.most) throw this.#tooLarge();
      await this.#append(length.bytes);
    } else {
      await this.#readChunks();
    }
    return new Uint8Array(Buffer.concat(this.#pieces));
  }

  [Symbol.dispose](): void {
    this.memory.giveBack(this.#bytes);
  }

  async #readChunks(): Promise<void> {
    for (;;) {
      const line = await this.incoming.line(CHUNK_LINE_BYTES);
      const size = /^([\da-fA-F]{1,8})[ \t]*(?:;.*)?$/.exec(line ?? "")?.[1];
      if (size === undefined) throw wrong("a chunk of the body has no size");
      const bytes = Number.parseInt(size, 16);
      if (bytes === 0) break;
      await this.#append(bytes);
      if (await this.incoming.line(0) !== "") throw wrong("a chunk of the body is longer than it says");
    }
    // Fields behind the last chunk are of no use here.
    await fieldLines(this.incoming);
  }

  async #append(bytes: number): Promise<void> {
    if (this.#bytes + bytes > this.most) throw this.#tooLarge();
    for (let left = bytes; left > 0;) {
      const piece = await this.incoming.some(left);
      this.memory.take(piece.length);
      this.#bytes += piece.length;
      this.#pieces.push(piece);
      left -= piece.length;
    }
  }

  #tooLarge(): RequestProblem {
    return new RequestProblem(413, "problem.body_too_large", { most: Math.floor(this.most / 1024) });
  }
}
