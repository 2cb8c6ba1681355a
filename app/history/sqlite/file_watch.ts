/** Whether the files are still those that were opened, and only written by this program. */
import { type BigIntStats, statSync } from "node:fs";
import { codeOf } from "../../base/errors.ts";

/** What somebody did to the files meanwhile: `gone` has another file, or none, in its place; `touched` was written to. */
export type FileChange = "gone" | "touched";

interface Seen {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
}

export class FileWatch {
  readonly #file: string;
  #main: Seen | undefined;
  #wal: Seen | undefined;
  readonly #lock: Seen | undefined;

  constructor(file: string) {
    this.#file = file;
    this.#lock = seen(`${file}.lock`);
    this.accept();
  }

  /** The main file was written by SQLite: it is as it should be. */
  accept(): void {
    this.#main = seen(this.#file);
    this.#wal = seen(`${this.#file}-wal`);
  }

  /** What was changed from outside since. */
  look(): FileChange | undefined {
    const main = seen(this.#file);
    if (!sameFile(main, this.#main)) return "gone";
    const wal = seen(`${this.#file}-wal`);
    const touched = main?.size !== this.#main?.size || main?.mtimeNs !== this.#main?.mtimeNs ||
      // It comes into being with the first write.
      (this.#wal && (!sameFile(wal, this.#wal) || (wal?.size ?? 0n) < this.#wal.size)) ||
      !sameFile(seen(`${this.#file}.lock`), this.#lock);
    this.#wal = wal;
    return touched ? "touched" : undefined;
  }
}

function sameFile(a: Seen | undefined, b: Seen | undefined): boolean {
  return a?.dev === b?.dev && a?.ino === b?.ino;
}

function seen(path: string): Seen | undefined {
  try {
    const { dev, ino, size, mtimeNs }: BigIntStats = statSync(path, { bigint: true });
    return { dev, ino, size, mtimeNs };
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}
