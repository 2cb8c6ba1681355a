/**
 * One Carillon a data folder, whatever its port: a lock that the system gives back when its holder ends, however it ends,
 * so that a lock file left behind locks nothing.
 */
import { readFileSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { codeOf, messageOf, OperatorError } from "../base/errors.ts";
import type { EpochMs } from "../base/time.ts";
import { locked, type LockFile, openLockFile } from "./lock_file.ts";

const NAME = "carillon.lock";
/** How often a lock file is opened anew that goes as it is opened; file systems whose numbers do not last are believed then. */
const TRIES = 20;
/** What the system says where nothing can be written. */
const READ_ONLY: ReadonlySet<string> = new Set(["EROFS", "EACCES", "EPERM"]);

export class FolderLock implements Disposable {
  readonly #path: string;
  readonly #text: string;
  #taken: Taken;

  /**
   * Takes the folder.
   *
   * @param address where this Carillon is reached, for whoever finds it in the way
   * @throws OperatorError where another Carillon is active in the folder, or the lock cannot be written
   */
  constructor(readonly folder: string, address: string, now: EpochMs) {
    this.#path = join(folder, NAME);
    this.#text = `process ${Deno.pid} on ${hostname()}, ${address}, since ${new Date(now).toISOString()}\n`;
    this.#taken = this.#take();
  }

  /** Takes the folder again whose lock file somebody has removed. False where another Carillon was faster. */
  renew(): boolean {
    const { file } = this.#taken.lock;
    if (isSameFile(file, this.#path) || isSameFile(file, this.folder)) return true;
    try {
      const taken = this.#take();
      this.#taken.lock[Symbol.dispose]();
      this.#taken = taken;
      return true;
    } catch (error) {
      if (error instanceof OperatorError) return false;
      throw error;
    }
  }

  /** Gives the folder back; the file goes while it is still locked, so that no other Carillon has it already. */
  [Symbol.dispose](): void {
    using lock = this.#taken.lock;
    if (!this.#taken.isWritable || !isSameFile(lock.file, this.#path)) return;
    try {
      Deno.removeSync(this.#path);
    } catch {
      // A file that nobody holds locks nothing.
    }
  }

  #take(): Taken {
    const taken = lockOf(this.#path, this.folder);
    if (!taken) {
      throw new OperatorError(
        `another Carillon is active in ${this.folder}: ${
          holderOf(this.#path)
        }; stop it, or set [scheduler] data to another folder`,
      );
    }
    const { lock, isWritable } = taken;
    if (isWritable) {
      lock.file.truncateSync();
      lock.file.writeSync(new TextEncoder().encode(this.#text));
    }
    return taken;
  }
}

interface Taken {
  readonly lock: LockFile;
  readonly isWritable: boolean;
}

/** The lock file, or the folder itself where nothing can be written to it; undefined where another Carillon has it. */
function lockOf(path: string, folder: string): Taken | undefined {
  try {
    for (let tries = 1;; tries++) {
      const lock = openLockFile(path);
      if (!lock) return undefined;
      // One that has been removed by its last holder meanwhile locks nothing: there is a new one under its name.
      if (tries >= TRIES || isSameFile(lock.file, path)) return { lock, isWritable: true };
      lock[Symbol.dispose]();
    }
  } catch (cause) {
    if (!READ_ONLY.has(codeOf(cause) ?? "")) {
      throw new OperatorError(`${path} cannot be written: ${messageOf(cause)}`, { cause });
    }
  }
  const lock = locked(Deno.openSync(folder, { read: true }));
  return lock && { lock, isWritable: false };
}

function holderOf(path: string): string {
  try {
    return readFileSync(path, "utf8").trim().slice(0, 300) || "it does not say which";
  } catch {
    // Who it is is told besides; that somebody is there is what counts.
    return "it does not say which";
  }
}

function isSameFile(file: Deno.FsFile, path: string): boolean {
  const here = statSync(path, { throwIfNoEntry: false });
  return here !== undefined && here.ino === file.statSync().ino;
}
