/**
 * In the clock: the file in which a host notes what it is at. It can be read when the host itself does not answer any more,
 * and is held open: whoever tidies up temporary files may take its name away.
 */
import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { BEGUN, EXECUTED, MARK_BYTES } from "./run_mark.ts";

export class MarkFile {
  private constructor(readonly path: string, readonly descriptor: number) {}

  /** Undefined where no file can be written: the host then says what it begins, and nobody knows what it is at. */
  static make(folder: string): MarkFile | undefined {
    const path = join(folder, `${crypto.randomUUID().slice(0, 8)}.mark`);
    let made: MarkFile | undefined;
    try {
      made = new MarkFile(path, openSync(path, "wx+", 0o600));
      writeSync(made.descriptor, new Uint8Array(MARK_BYTES));
      return made;
    } catch {
      made?.remove();
      return undefined;
    }
  }

  /** Number of the run whose code was executed last; 0 where none was, or it is not known. */
  executed(): number {
    return this.#read()?.[EXECUTED] ?? 0;
  }

  /**
   * Number of the last run that was begun: numbers go up, and each is begun before the next. Where a task has damaged the
   * file, all count as begun: none of them is begun twice.
   */
  begun(): number {
    return this.#read()?.[BEGUN] ?? Infinity;
  }

  /** Once its host is gone. */
  remove(): void {
    closeSync(this.descriptor);
    try {
      rmSync(this.path, { force: true });
    } catch {
      // A task has put something else in its place: it goes with the folder.
    }
  }

  #read(): Int32Array | undefined {
    const bytes = new Uint8Array(MARK_BYTES);
    try {
      const count = readSync(this.descriptor, bytes, 0, MARK_BYTES, 0);
      return count === MARK_BYTES ? new Int32Array(bytes.buffer) : undefined;
    } catch {
      return undefined;
    }
  }
}
