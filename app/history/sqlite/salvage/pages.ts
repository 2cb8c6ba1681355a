/** The pages of a history file that SQLite cannot read any more, with those of its WAL in front. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { headerSum } from "./checksum.ts";

/** Ours have no other size. */
export const PAGE_BYTES = 4_096;
export const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** A number of this size is no page of ours: 4 TB. */
const MAX_PAGE = 1_000_000_000;

export class Pages {
  readonly #main: number;
  readonly #wal: number | undefined;
  /** Where in the WAL the newest content of a page is. */
  readonly #frames: ReadonlyMap<number, number>;
  readonly #inWal: readonly number[];
  readonly #mainCount: number;

  /** @param main path, or a descriptor that is closed with this */
  constructor(main: string | number, walPath?: string) {
    this.#main = typeof main === "number" ? main : openSync(main, "r");
    this.#wal = walPath === undefined ? undefined : openIfThere(walPath);
    this.#frames = this.#wal === undefined ? new Map() : readFrames(this.#wal);
    this.#inWal = [...this.#frames.keys()];
    this.#mainCount = Math.floor(fstatSync(this.#main).size / PAGE_BYTES);
  }

  /** How many pages the WAL has. */
  get walCount(): number {
    return this.#inWal.length;
  }

  /** How many pages there are to look at: those of the WAL first, then those of the file. */
  get count(): number {
    return this.#frames.size + this.#mainCount;
  }

  /** The content of one of them, and the offset of its header: the first page begins with that of the file. */
  at(position: number): { readonly bytes: Uint8Array; readonly start: number } {
    const fromWal = this.#inWal[position];
    const number = fromWal ?? position - this.#frames.size + 1;
    const bytes = fromWal === undefined ? this.#readMain(number) : this.#read(number);
    return { bytes, start: number === 1 ? 100 : 0 };
  }

  /** The newest content of a page; shorter where the file ends. */
  overflow(number: number): Uint8Array {
    return number > 0 && number < MAX_PAGE ? this.#read(number) : new Uint8Array();
  }

  close(): void {
    closeSync(this.#main);
    if (this.#wal !== undefined) closeSync(this.#wal);
  }

  #read(number: number): Uint8Array {
    const frame = this.#frames.get(number);
    return frame === undefined || this.#wal === undefined
      ? this.#readMain(number)
      : readAt(this.#wal, frame, PAGE_BYTES);
  }

  #readMain(number: number): Uint8Array {
    return readAt(this.#main, (number - 1) * PAGE_BYTES, PAGE_BYTES);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch {
    // There is no WAL, or none that can be read: the file alone is what there is.
    return undefined;
  }
}

export function readAt(descriptor: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position));
}

/** Frames of the WAL's last round have the salts of its header (sqlite.org/fileformat2.html#walformat). */
function readFrames(wal: number): Map<number, number> {
  const frames = new Map<number, number>();
  for (const { number, at } of framesOf(wal)) frames.set(number, at);
  return frames;
}

export interface Frame {
  /** Number of the page that it is the content of. */
  readonly number: number;
  /** Where its content begins. */
  readonly at: number;
  readonly header: Uint8Array;
  /** True for the last of a transaction. */
  readonly commits: boolean;
}

/** The frames of the WAL's last round, whether their checksums are right or not. */
export function framesOf(wal: number): readonly Frame[] {
  const { size } = fstatSync(wal);
  const rounds = new Map<string, Frame[]>();
  for (let at = WAL_HEADER_BYTES; at + FRAME_HEADER_BYTES + PAGE_BYTES <= size;) {
    const header = readAt(wal, at, FRAME_HEADER_BYTES);
    const view = new DataView(header.buffer);
    const number = view.getUint32(0);
    at += FRAME_HEADER_BYTES;
    if (number > 0 && number < MAX_PAGE) {
      const salts = saltsAt(header, 8);
      const round = rounds.get(salts) ?? [];
      round.push({ number, at, header, commits: view.getUint32(4) > 0 });
      rounds.set(salts, round);
    }
    at += PAGE_BYTES;
  }
  const header = readAt(wal, 0, WAL_HEADER_BYTES);
  const current = rounds.get(saltsAt(header, 16));
  // A new round has a header before it has a frame: those of the round before it are in the file itself.
  if (current || (header.length === WAL_HEADER_BYTES && headerSum(header))) return current ?? [];
  // The header is what is damaged: then it is the round with the most frames.
  return [...rounds.values()].toSorted((a, b) => b.length - a.length)[0] ?? [];
}

function saltsAt(bytes: Uint8Array, from: number): string {
  return bytes.subarray(from, from + 8).join(" ");
}
