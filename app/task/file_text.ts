/** Reads the text of a task file: a plain file of a limited size, through one descriptor, so that what was looked at is what is read. */
import { refusedBySystem, sentence, SentenceError } from "../locale/sentence.ts";
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  type Stats,
} from "node:fs";
import { sep } from "node:path";
import { codeOf } from "../base/errors.ts";
import { NotUtf8Error, utf8 } from "../base/utf8.ts";
import { whyNotPlain } from "./folder.ts";
import { PlacedError } from "./placed_error.ts";

const MAX_FILE_BYTES = 5_000_000;

/** The system refuses to read the file; it may be readable at the next try, though nothing in the folder has changed. */
export class UnreadableFileError extends SentenceError {
  override readonly name = "UnreadableFileError";
}

/**
 * The text, with its byte order mark.
 *
 * @param runsFromDisk true for what the system runs from its own bytes (`.sh`, `.py`), which may be in another encoding:
 * its text is only looked at and shown
 * @throws UnreadableFileError, PlacedError; the error of the system where there is no such file (any more)
 */
export function readText(file: string, runsFromDisk = false): string {
  try {
    const bytes = read(file);
    return runsFromDisk ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) : utf8(bytes);
  } catch (cause) {
    if (cause instanceof NotUtf8Error) {
      throw new PlacedError(sentence("mistake.file.not_utf8"), cause.line, cause.column);
    }
    const code = codeOf(cause);
    if (code === undefined || code === "ENOENT") throw cause;
    const said = sentence("mistake.file.unreadable", { why: refusedBySystem(cause) });
    throw new UnreadableFileError(said, { cause });
  }
}

/**
 * True for a link out of the folder: what it leads to need not be code, and is not shown.
 *
 * @param folder its real path
 */
export function leadsOut(file: string, folder: string): boolean {
  return lstatSync(file).isSymbolicLink() && !realpathSync(file).startsWith(folder + sep);
}

function read(file: string): Uint8Array {
  // Without the flag the opening of a pipe, which may have come since the folder was listed, would wait for a writer.
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const size = sizeOf(fstatSync(descriptor));
    const bytes = new Uint8Array(size);
    let length = 0;
    for (let got = 1; got > 0 && length < size; length += got) {
      got = readSync(descriptor, bytes, length, size - length, null);
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

function sizeOf(facts: Stats): number {
  const reason = whyNotPlain(facts);
  if (reason !== undefined) throw new SentenceError(reason);
  if (facts.size <= MAX_FILE_BYTES) return facts.size;
  throw new SentenceError(sentence("mistake.file.bytes", { n: facts.size, most: MAX_FILE_BYTES }));
}
