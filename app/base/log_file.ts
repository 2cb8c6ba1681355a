/** A file that lines are added to, and that can be opened again after somebody has moved it away. */
import { messageOf } from "./errors.ts";

export class LogFile implements Disposable {
  #file: Deno.FsFile | undefined;
  #failing = false;

  /**
   * @param path of the file; a folder that is missing is not made
   * @param otherwise gets the lines that cannot be written, and a sentence about why
   */
  constructor(readonly path: string, readonly otherwise: (text: string) => void) {
    this.#file = open(path);
  }

  /** Adds a line. Never throws: a full disk must not end what is being logged. */
  write(line: string): void {
    try {
      this.#file ??= open(this.path);
      let bytes = new TextEncoder().encode(line);
      while (bytes.length > 0) bytes = bytes.subarray(this.#file.writeSync(bytes));
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.otherwise(`log file ${this.path} cannot be written: ${messageOf(error)}\n`);
      this.#failing = true;
      this.otherwise(line);
    }
  }

  /** Opens the file again, under the name it was given: a program such as logrotate has moved it. */
  reopen(): void {
    this[Symbol.dispose]();
    try {
      this.#file = open(this.path);
    } catch (error) {
      this.otherwise(`log file ${this.path} cannot be opened: ${messageOf(error)}\n`);
    }
  }

  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = undefined;
  }
}

function open(path: string): Deno.FsFile {
  return Deno.openSync(path, { append: true, create: true, mode: 0o640 });
}
