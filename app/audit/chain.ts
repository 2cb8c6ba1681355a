/**
 * Writes lines to the chain. Each append holds the lock for its own duration, so that a command beside the server writes
 * to the same chain, and begins with what the files say: a line that is missing is noted by the line after it.
 */
import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { messageOf, OperatorError } from "../base/errors.ts";
import { openLockFile } from "../history/lock_file.ts";
import type { EpochMs } from "../base/time.ts";
import {
  dayFileOf,
  dayFiles,
  giveToOwner,
  headPath,
  headText,
  makeFolder,
  readHead,
  sizeOf,
  tailOf,
} from "./files.ts";
import { type AuditRecord, type Link, sealedAfter } from "./line.ts";

/** Another program writes to the chain at this moment. */
export class ChainBusyError extends OperatorError {
  override readonly name = "ChainBusyError";
}

/** What the chain was found to be where it does not go on as it was left. */
export type Fault =
  /** Lines that were written are not there. */
  | { readonly kind: "missing"; readonly from: number; readonly to: number }
  /** The last line was cut off in the middle. */
  | { readonly kind: "cut" };

/** How the files were when this program wrote last. */
interface Known {
  readonly file: string;
  readonly size: number;
  readonly link: Link;
}

export class Chain {
  #known: Known | undefined;
  /** Path of the file that has lines which may be in the system's memory only. */
  #unsynced: string | undefined;

  /** @param noteOf the record that is written where the chain is not as it was left */
  constructor(readonly folder: string, readonly noteOf: (fault: Fault, now: EpochMs) => AuditRecord) {}

  /**
   * Writes the records, all of them or none.
   *
   * @throws ChainBusyError, or what the system says of files that cannot be written
   */
  append(records: readonly AuditRecord[], now: EpochMs): Link {
    makeFolder(this.folder);
    const path = headPath(this.folder);
    const isNew = sizeOf(path) === undefined;
    using lock = openLockFile(path);
    if (isNew) giveToOwner(path);
    if (!lock) throw new ChainBusyError(`another program writes to ${this.folder}`);
    const { link: before, isCut, faults } = this.#end();
    let link = before;
    let text = isCut ? "\n" : "";
    for (const record of [...faults.map((fault) => this.noteOf(fault, now)), ...records]) {
      const sealed = sealedAfter(link, record);
      link = sealed.link;
      text += `${sealed.text}\n`;
    }
    const file = this.#fileFor(now);
    const place = join(this.folder, file);
    const size = appendTo(place, text);
    this.#unsynced = place;
    // It is written now, whatever becomes of the head: one that is behind accuses nobody.
    this.#known = { file, size, link };
    lock.file.seekSync(0, Deno.SeekMode.Start);
    lock.file.writeSync(new TextEncoder().encode(headText(link)));
    return link;
  }

  /** Has the system bring to the disk what was written: a kill loses nothing, and a power cut what is younger than this. */
  async sync(): Promise<void> {
    const path = this.#unsynced;
    if (path === undefined) return;
    this.#unsynced = undefined;
    using file = await Deno.open(path, { read: true });
    await file.syncData();
  }

  /** Where the chain goes on, and what is wrong there. */
  #end(): { readonly link: Link; readonly isCut: boolean; readonly faults: readonly Fault[] } {
    const head = readHead(this.folder);
    const known = this.#known;
    if (known && head?.hash === known.link.hash && sizeOf(join(this.folder, known.file)) === known.size) {
      return { link: known.link, isCut: false, faults: [] };
    }
    const { link: tail, isCut } = tailOf(this.folder);
    // What this program wrote, or the head says, was there: the chain goes on behind it.
    const last = [head, known?.link].reduce((a, b) => b && b.n > (a?.n ?? 0) ? b : a) ?? tail;
    const faults: Fault[] = isCut ? [{ kind: "cut" }] : [];
    if (last.n > tail.n) faults.push({ kind: "missing", from: tail.n + 1, to: last.n });
    return { link: last.n >= tail.n ? last : tail, isCut, faults };
  }

  /** The file of today, or the newest one where the clock was set back: lines stand in the order of their numbers. */
  #fileFor(now: EpochMs): string {
    const today = dayFileOf(now);
    const newest = dayFiles(this.folder).at(-1);
    return newest !== undefined && newest > today ? newest : today;
  }
}

/** Adds a text to a file, whole or not at all. The answer is the file's size then. */
function appendTo(path: string, text: string): number {
  const descriptor = openSync(path, "a", 0o600);
  const before = sizeOf(path) ?? 0;
  if (before === 0) giveToOwner(path);
  const bytes = new TextEncoder().encode(text);
  try {
    for (let written = 0; written < bytes.length;) {
      written += writeSync(descriptor, bytes, written);
    }
    return before + bytes.length;
  } catch (cause) {
    try {
      ftruncateSync(descriptor, before);
    } catch {
      // The next append finds a line that is cut off, and says so.
    }
    throw new OperatorError(`${path} cannot be written: ${messageOf(cause)}`, { cause });
  } finally {
    closeSync(descriptor);
  }
}
