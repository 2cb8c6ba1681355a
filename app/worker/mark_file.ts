/** In the clock: the file in which a host notes what it is at. It can be read when the host itself does not answer any more. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BEGUN, EXECUTED, MARK_BYTES } from "./run_mark.ts";

export class MarkFile {
  private constructor(readonly path: string) {}

  /** Undefined where no file can be written: the host then says what it begins, and nobody knows what it is at. */
  static make(folder: string): MarkFile | undefined {
    const path = join(folder, `${crypto.randomUUID().slice(0, 8)}.mark`);
    try {
      writeFileSync(path, new Uint8Array(MARK_BYTES), { mode: 0o600, flag: "wx" });
      return new MarkFile(path);
    } catch {
      return undefined;
    }
  }

  /** Number of the run whose code was executed last; 0 where none was, or it is not known. */
  executed(): number {
    return this.#read(EXECUTED);
  }

  /** Number of the last run that was begun: numbers go up, and each is begun before the next. */
  begun(): number {
    return this.#read(BEGUN);
  }

  remove(): void {
    try {
      rmSync(this.path, { force: true });
    } catch {
      // A task has put something else in its place: it goes with the folder.
    }
  }

  #read(place: number): number {
    try {
      return new Int32Array(readFileSync(this.path).buffer.slice(0, MARK_BYTES))[place] ?? 0;
    } catch {
      return 0; // The folder was cleared away, or the file is damaged.
    }
  }
}
