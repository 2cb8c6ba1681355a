/** Files that runs have left: a folder a run, which goes with the run, or before it where all together are too much. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { codeOf } from "../base/errors.ts";
import { systemReason } from "../base/system_error.ts";
import type { EpochMs } from "../base/time.ts";
import { type ArtifactLimits, type ArtifactPiece, MAX_ARTIFACTS } from "../model/artifact.ts";
import type { Artifact } from "../model/history.ts";
import { isRunId } from "./run_id.ts";

export interface ArtifactSettings extends ArtifactLimits {
  /** Bytes of all files of all runs; those of the oldest runs go first. */
  readonly totalBytes: number;
}

export const DEFAULT_ARTIFACT_LIMITS: ArtifactSettings = {
  fileBytes: 20_000_000,
  runBytes: 100_000_000,
  totalBytes: 2_000_000_000,
};

/** What a piece led to: the file is whole, or it is not kept; nothing while it goes on. */
export type Taken = { readonly artifact: Artifact } | { readonly problem: string } | undefined;

/** A name of a file that is being written ends so; none that is kept can. */
const PART = "~";
const READ_BYTES = 65_536;
/** Bytes of UTF-8 that a name has at the most; file systems take 255. */
const MAX_NAME_BYTES = 180;

/** What files of runs are called. */
const NAME = /^[\p{L}\p{N}_-][\p{L}\p{N}._-]*$/u;

interface Writing {
  readonly descriptor: number;
  readonly path: string;
  bytes: number;
}

/** What a run that goes on has left so far: in all of its attempts, and by id what its present one has begun. */
interface OfRun {
  count: number;
  bytes: number;
  readonly writing: Map<number, Writing>;
  /** Files that are not kept: what comes of them is passed over. */
  readonly refused: Set<number>;
}

export class ArtifactFiles {
  readonly #runs = new Map<string, OfRun>();
  /** Bytes of all files, by run; read once. */
  #sizes: Map<string, number> | undefined;

  constructor(readonly folder: string, readonly limits: ArtifactSettings) {}

  take(runId: string, piece: ArtifactPiece, at: EpochMs): Taken {
    if (!isRunId(runId)) return { problem: "there is no such run" };
    const run = this.#runs.get(runId) ?? { count: 0, bytes: 0, writing: new Map(), refused: new Set() };
    this.#runs.set(runId, run);
    if (run.refused.has(piece.id)) return undefined;
    try {
      const problem = this.#limit(run, piece);
      return problem === undefined
        ? this.#write(runId, run, piece, at)
        : this.#refuse(run, piece.id, problem);
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      return this.#refuse(run, piece.id, systemReason(error));
    }
  }

  /** An attempt is over: what is not whole is not kept, and another attempt counts its files from 1 again. */
  endAttempt(runId: string): void {
    const run = this.#runs.get(runId);
    if (!run) return;
    for (const id of [...run.writing.keys()]) this.#drop(run, id);
    run.refused.clear();
  }

  /** The run has ended, and its last attempt with it. */
  end(runId: string): void {
    this.endAttempt(runId);
    this.#runs.delete(runId);
  }

  /** The bytes of a file, piece by piece; undefined where it is not there. @param path as its run has it */
  open(runId: string, path: string): AsyncIterable<Uint8Array> | undefined {
    if (!isRunId(runId) || !NAME.test(path)) return undefined;
    const file = join(this.folder, runId, path);
    return existsSync(file) ? read(file) : undefined;
  }

  /** Removes the files of the oldest run where all together are too much. True for more. */
  removeSome(): boolean {
    const sizes = this.#sizes ??= this.#readSizes();
    let total = 0;
    for (const bytes of sizes.values()) total += bytes;
    if (total <= this.limits.totalBytes) return false;
    const [oldest] = [...sizes.keys()].filter((id) => !this.#runs.has(id)).sort();
    if (oldest === undefined) return false;
    this.remove(oldest);
    return true;
  }

  remove(runId: string): void {
    this.#sizes?.delete(runId);
    if (isRunId(runId)) rmSync(join(this.folder, runId), { recursive: true, force: true });
  }

  #limit(run: OfRun, { id, bytes }: ArtifactPiece): string | undefined {
    const { fileBytes, runBytes } = this.limits;
    const writing = run.writing.get(id);
    if (!writing && run.count >= MAX_ARTIFACTS) return `a run leaves ${MAX_ARTIFACTS} files at the most`;
    if ((writing?.bytes ?? 0) + bytes.length > fileBytes) {
      return `it has more than ${fileBytes} bytes ([history] artifact_size)`;
    }
    if (run.bytes + bytes.length <= runBytes) return undefined;
    return `the files of its run have more than ${runBytes} bytes ([history] artifacts_of_run)`;
  }

  #write(runId: string, run: OfRun, piece: ArtifactPiece, at: EpochMs): Taken {
    const writing = run.writing.get(piece.id) ?? this.#begin(runId, run, piece);
    for (let written = 0; written < piece.bytes.length;) {
      written += writeSync(writing.descriptor, piece.bytes, written);
    }
    writing.bytes += piece.bytes.length;
    run.bytes += piece.bytes.length;
    if (!piece.last) return undefined;
    run.writing.delete(piece.id);
    closeSync(writing.descriptor);
    const { path, bytes } = writing;
    const file = join(this.folder, runId, path);
    renameSync(`${file}${PART}`, file);
    this.#sizes?.set(runId, (this.#sizes.get(runId) ?? 0) + bytes);
    return { artifact: { title: piece.title, path, bytes, at } };
  }

  #begin(runId: string, run: OfRun, { id, name }: ArtifactPiece): Writing {
    const path = safeName(`${++run.count}-${name}`);
    const folder = join(this.folder, runId);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const writing = {
      descriptor: openSync(join(folder, `${path}${PART}`), "w", 0o600),
      path,
      bytes: 0,
    };
    run.writing.set(id, writing);
    return writing;
  }

  #refuse(run: OfRun, id: number, problem: string): Taken {
    this.#drop(run, id);
    run.refused.add(id);
    return { problem };
  }

  #drop(run: OfRun, id: number): void {
    const writing = run.writing.get(id);
    if (!writing) return;
    run.writing.delete(id);
    run.bytes -= writing.bytes;
    closeSync(writing.descriptor);
    for (const [runId, each] of this.#runs) {
      if (each === run) rmSync(join(this.folder, runId, `${writing.path}${PART}`), { force: true });
    }
  }

  #readSizes(): Map<string, number> {
    const sizes = new Map<string, number>();
    for (const runId of namesIn(this.folder).filter(isRunId)) {
      let bytes = 0;
      for (const name of namesIn(join(this.folder, runId))) {
        bytes += statSync(join(this.folder, runId, name), { throwIfNoEntry: false })?.size ?? 0;
      }
      sizes.set(runId, bytes);
    }
    return sizes;
  }
}

/** Letters, digits, `.`, `_` and `-`, with the ending kept: it names no folder, no hidden file, and nothing that a shell reads. */
export function safeName(name: string): string {
  const clean = name.normalize("NFC").replaceAll(/[^\p{L}\p{N}._-]/gu, "_").replace(/^\.+/, "_");
  const [, stem = "", ending = ""] = /^(.*?)((?:\.[\p{L}\p{N}]{1,10}){0,2})$/u.exec(clean) ?? [, clean];
  let short = stem;
  while (new TextEncoder().encode(short).length > MAX_NAME_BYTES) {
    short = [...short].slice(0, -1).join("");
  }
  return `${short}${ending}` || "_";
}

async function* read(file: string): AsyncIterable<Uint8Array> {
  const descriptor = openSync(file, "r");
  try {
    for (;;) {
      const bytes = new Uint8Array(READ_BYTES);
      const count = readSync(descriptor, bytes, 0, READ_BYTES, null);
      if (count === 0) return;
      yield bytes.subarray(0, count);
      // A large file must not hold up the clock.
      await setImmediate();
    }
  } finally {
    closeSync(descriptor);
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // There is no such folder yet, or it cannot be read: then nothing of it can be removed either.
    return [];
  }
}
