/** Lines of a file, from its beginning or from its end, a piece of the file at a time. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { codeOf } from "../base/errors.ts";

/** A line that is longer was not written by us. */
export const MAX_LINE = 64 * 1024;
const CHUNK = 64 * 1024;

/** A file of lines, open to be read. */
interface Reading {
  readonly descriptor: number;
  readonly size: number;
}

/**
 * The lines of a file, the first one first, and what is behind the last line feed where there is something. One that is
 * too long comes as its first {@link MAX_LINE} bytes.
 */
export function* linesOf(path: string, from = 0): Iterable<string> {
  const opened = open(path);
  if (!opened) return;
  const { descriptor, size } = opened;
  try {
    let begun = new Uint8Array(0);
    for (let at = from; at < size;) {
      const chunk = new Uint8Array(Math.min(CHUNK, size - at));
      const read = readSync(descriptor, chunk, 0, chunk.length, at);
      if (read === 0) break;
      at += read;
      let start = 0;
      for (let end = chunk.indexOf(10); end !== -1 && end < read; end = chunk.indexOf(10, start)) {
        yield textOf(begun, chunk.subarray(start, end));
        begun = new Uint8Array(0);
        start = end + 1;
      }
      begun = joined(begun, chunk.subarray(start, read));
    }
    if (begun.length > 0) yield textOf(begun, new Uint8Array(0));
  } finally {
    closeSync(descriptor);
  }
}

/** The lines of a file, the last one first. */
export function* linesBackwards(path: string): Iterable<string> {
  const opened = open(path);
  if (!opened) return;
  const { descriptor, size } = opened;
  try {
    let rest = new Uint8Array(0);
    for (let end = size; end > 0;) {
      const from = Math.max(0, end - CHUNK);
      const chunk = new Uint8Array(end - from);
      const read = readSync(descriptor, chunk, 0, chunk.length, from);
      if (read < chunk.length) break;
      end = from;
      let stop = chunk.length;
      for (let at = chunk.lastIndexOf(10); at !== -1; at = at === 0 ? -1 : chunk.lastIndexOf(10, at - 1)) {
        const line = textOf(chunk.subarray(at + 1, stop), rest);
        rest = new Uint8Array(0);
        stop = at;
        if (line !== "") yield line;
      }
      rest = joined(chunk.subarray(0, stop), rest);
    }
    const first = textOf(rest, new Uint8Array(0));
    if (first !== "") yield first;
  } finally {
    closeSync(descriptor);
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(Math.min(a.length + b.length, MAX_LINE));
  both.set(a.subarray(0, MAX_LINE));
  if (a.length < MAX_LINE) both.set(b.subarray(0, MAX_LINE - a.length), a.length);
  return both;
}

const decoder = new TextDecoder();

function textOf(begin: Uint8Array, end: Uint8Array): string {
  return decoder.decode(begin.length === 0 ? end.subarray(0, MAX_LINE) : joined(begin, end));
}

function open(path: string): Reading | undefined {
  try {
    const descriptor = openSync(path, "r");
    return { descriptor, size: fstatSync(descriptor).size };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** True where a file does not end with a line feed: its last line was cut off. */
export function lacksLineFeed(path: string): boolean {
  const opened = open(path);
  if (!opened) return false;
  const { descriptor, size } = opened;
  try {
    const last = new Uint8Array(1);
    return size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== 10;
  } finally {
    closeSync(descriptor);
  }
}
