/** A file that one program at a time holds: the system's own lock (flock), which ends with its holder. */
import { closeSync, openSync } from "node:fs";

/** The open file, locked until it is disposed of. */
export class LockFile implements Disposable {
  constructor(readonly file: Deno.FsFile) {}

  /**
   * Gives the lock back at once. Closing alone is not enough: a child that is being started has the same open file until
   * its program begins, and holds the lock as long.
   */
  [Symbol.dispose](): void {
    this.file.unlockSync();
    this.file.close();
  }
}

/** Opens or makes the file, and locks it; undefined where another one holds it. */
export function openLockFile(path: string): LockFile | undefined {
  closeSync(openSync(path, "a", 0o600));
  return locked(Deno.openSync(path, { read: true, write: true }));
}

/** Locks what is open; undefined, and closed, where another one holds it. */
export function locked(file: Deno.FsFile): LockFile | undefined {
  if (file.tryLockSync(true)) return new LockFile(file);
  file.close();
  return undefined;
}
