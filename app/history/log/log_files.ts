/** Files of logs that have outgrown what is kept at hand: one a run, compressed, written while the run goes on. */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { codeOf, messageOf } from "../../base/errors.ts";
import { makePrivateFolder } from "../../base/private_file.ts";
import type { EpochMs } from "../../base/time.ts";
import type { NumberedLine } from "../../model/run.ts";
import { idFloor } from "../run_id.ts";
import { type Block, decodeBlock, encodeBlock, HEADER_BYTES, readHeader } from "./block.ts";

export interface LogLimits {
  /** Bytes of one run's file, compressed. */
  readonly runBytes: number;
  /** Bytes of all files; the oldest go first. */
  readonly totalBytes: number;
}

export const DEFAULT_LIMITS: LogLimits = { runBytes: 50_000_000, totalBytes: 2_000_000_000 };

/** Lines and characters that are compressed together. */
const BLOCK_LINES = 1_000;
const BLOCK_CHARACTERS = 250_000;
/** Blocks that are passed over at a time on the way to a line. */
const PASSED_A_PART = 500;
/** Files that are removed in one step. */
const REMOVED_A_STEP = 20;
const ENDING = ".log.gz";

/** Some lines that follow each other in a file. */
export interface LogPart {
  readonly lines: readonly NumberedLine[];
  /** Number of the line behind them. */
  readonly next: number;
  /** Where the next part begins in the file. */
  readonly position: number;
}

/** Where a block is. */
type BlockPlace = Pick<Block, "first" | "position">;

/** The file of a run that is going on. */
interface Writing {
  blocks: BlockPlace[];
  waiting: NumberedLine[];
  characters: number;
  bytes: number;
  /** Nothing more is written: the file is as long as it may be. */
  full: boolean;
  /** The last block could not be written, which was said. The next one is tried again. */
  failing: boolean;
}

export class LogFiles {
  readonly #writing = new Map<string, Writing>();
  /** Bytes of the files, by run; read once. */
  #sizes: Map<string, number> | undefined;

  /** @param onTrouble called with a sentence when a file cannot be written */
  constructor(
    readonly folder: string,
    readonly limits: LogLimits,
    readonly onTrouble: (sentence: string, error: unknown) => void,
  ) {}

  /** True for a run whose lines are written to a file. */
  isWriting(runId: string): boolean {
    return this.#writing.has(runId);
  }

  add(runId: string, lines: readonly NumberedLine[]): void {
    const writing = this.#writing.get(runId) ??
      { blocks: [], waiting: [], characters: 0, bytes: 0, full: false, failing: false };
    this.#writing.set(runId, writing);
    for (const line of lines) {
      if (writing.full) return;
      writing.waiting.push(line);
      writing.characters += line.text.length;
      if (writing.waiting.length >= BLOCK_LINES || writing.characters >= BLOCK_CHARACTERS) {
        this.#write(runId, writing);
      }
    }
  }

  /** Writes what waits, of all runs. */
  flush(): void {
    for (const [runId, writing] of this.#writing) this.#write(runId, writing);
  }

  /** The run has ended. */
  end(runId: string): void {
    const writing = this.#writing.get(runId);
    if (!writing) return;
    this.#write(runId, writing);
    this.#writing.delete(runId);
  }

  /** Bytes of a run's file; undefined where it has none. */
  bytes(runId: string): number | undefined {
    return statSync(this.#path(runId), { throwIfNoEntry: false })?.size;
  }

  /**
   * The next part of a run's file: the lines of the first block that has some from a number on. Of a long file some blocks
   * are passed over at a time: then the part has none. Undefined at the end.
   *
   * @param position where the part before it ended
   */
  read(runId: string, from: number, position = this.#start(runId, from)): LogPart | undefined {
    const descriptor = this.#open(runId);
    if (descriptor === undefined) return undefined;
    try {
      let part: LogPart | undefined;
      for (let passed = 0; passed < PASSED_A_PART; passed++) {
        const at = part?.position ?? position;
        const block = readHeader(readAt(descriptor, at, HEADER_BYTES), at);
        if (!block) return part;
        const next = block.first + block.lines;
        part = { lines: [], next, position: at + block.bytes };
        if (next > from) return { ...part, lines: decodeBlock(block, readAt(descriptor, at, block.bytes)) };
      }
      return part;
    } finally {
      closeSync(descriptor);
    }
  }

  /** Where to begin with a line: of a run that is followed the file is not looked through each time. */
  #start(runId: string, from: number): number {
    return this.#writing.get(runId)?.blocks.findLast(({ first }) => first <= from)?.position ?? 0;
  }

  /** Removes some files of runs that were queued before a moment, and the oldest of more than are kept. True for more. */
  removeSome(before: EpochMs): boolean {
    const sizes = this.#sizes ??= this.#readSizes();
    const floor = idFloor(before);
    let total = 0;
    let isOld = false;
    for (const [runId, bytes] of sizes) {
      total += bytes;
      isOld ||= runId < floor;
    }
    if (!isOld && total <= this.limits.totalBytes) return false;
    let removed = 0;
    for (const [runId, bytes] of [...sizes].toSorted(([a], [b]) => a < b ? -1 : 1)) {
      if (runId >= floor && total <= this.limits.totalBytes) return false;
      if (this.#writing.has(runId)) continue;
      if (removed++ === REMOVED_A_STEP) return true;
      this.remove(runId);
      total -= bytes;
    }
    return false;
  }

  remove(runId: string): void {
    this.#sizes ??= this.#readSizes();
    if (this.#sizes.delete(runId)) rmSync(this.#path(runId), { force: true });
  }

  #write(runId: string, writing: Writing): void {
    const { waiting } = writing;
    if (waiting.length === 0) return;
    writing.waiting = [];
    writing.characters = 0;
    const block = encodeBlock(waiting);
    let position: number;
    try {
      position = append(this.#path(runId), block, writing.bytes);
    } catch (error) {
      if (!writing.failing) {
        this.onTrouble(
          `the log of run ${runId} cannot be written to ${this.folder}: ${messageOf(error)}`,
          error,
        );
      }
      writing.failing = true;
      return;
    }
    writing.failing = false;
    // Somebody may have removed the file.
    if (position < writing.bytes) writing.blocks = [];
    writing.blocks.push({ first: waiting[0]?.number ?? 0, position });
    writing.bytes = position + block.length;
    writing.full = writing.bytes >= this.limits.runBytes;
    this.#sizes?.set(runId, writing.bytes);
  }

  #readSizes(): Map<string, number> {
    const sizes = new Map<string, number>();
    for (const name of namesIn(this.folder)) {
      if (!name.endsWith(ENDING)) continue;
      const size = statSync(join(this.folder, name), { throwIfNoEntry: false })?.size ?? 0;
      sizes.set(name.slice(0, -ENDING.length), size);
    }
    return sizes;
  }

  #open(runId: string): number | undefined {
    try {
      return openSync(this.#path(runId), "r");
    } catch (error) {
      if (codeOf(error) !== "ENOENT" && codeOf(error) !== "ENOTDIR") throw error;
      return undefined;
    }
  }

  /** Ids come from requests too: what is none leads nowhere. */
  #path(runId: string): string {
    return join(this.folder, `${runId.replaceAll(/[^0-9a-zA-Z-]/g, "_")}${ENDING}`);
  }
}

/**
 * Answers with where the bytes are in the file.
 *
 * @param length of the file so far: what a write that failed has left behind it is overwritten
 */
function append(path: string, bytes: Uint8Array, length: number): number {
  makePrivateFolder(dirname(path));
  const descriptor = openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o600);
  try {
    const position = Math.min(length, fstatSync(descriptor).size);
    ftruncateSync(descriptor, position);
    for (let written = 0; written < bytes.length;) {
      written += writeSync(descriptor, bytes, written, bytes.length - written, position + written);
    }
    return position;
  } finally {
    closeSync(descriptor);
  }
}

function readAt(descriptor: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // There is no such folder yet, or it cannot be read: then no file of it can be removed either.
    return [];
  }
}
