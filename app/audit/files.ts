/** The files of the audit: one a day, and beside them `head`, which says what the last line was and is the lock of all. */
import { chownSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { codeOf } from "../base/errors.ts";
import type { EpochMs } from "../base/time.ts";
import { BEGINNING, type Link, readLine } from "./line.ts";
import { lacksLineFeed, linesBackwards, linesOf } from "./read_lines.ts";

const DAY_FILE = /^\d{4,6}-\d\d-\d\d\.ndjson$/;
export function headPath(folder: string): string {
  return join(folder, "head");
}

/** Names of the day files, the oldest first; none where there is no folder. */
export function dayFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => DAY_FILE.test(name)).sort();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

/** Name of the file of a day, in UTC. */
export function dayFileOf(now: EpochMs): string {
  const { year, month, day } = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO("UTC");
  const two = (n: number) => String(n).padStart(2, "0");
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}.ndjson`;
}

export function makeFolder(folder: string): void {
  if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) giveToOwner(folder);
}

/** What an administrator's command has made belongs to whoever owns the folder around it: the server goes on writing it. */
export function giveToOwner(path: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dirname(path));
  if (uid !== 0) chownSync(path, uid, gid);
}

/** What `head` says; undefined where there is none, or it cannot be read. */
export function readHead(folder: string): Link | undefined {
  const text = [...linesOf(headPath(folder))][0];
  if (text === undefined) return undefined;
  try {
    const read: unknown = JSON.parse(text.trim());
    if (typeof read !== "object" || read === null || !("n" in read) || !("hash" in read)) return undefined;
    const { n, hash } = read;
    if (typeof n !== "number" || !Number.isSafeInteger(n) || n < 0) return undefined;
    return typeof hash === "string" && /^[\da-f]{64}$/.test(hash) ? { n, hash } : undefined;
  } catch {
    // Cut off in the middle: as good as none.
    return undefined;
  }
}

/** `head`, always of one length, so that writing it anew takes no room. */
export function headText({ n, hash }: Link): string {
  return `${JSON.stringify({ n, hash }).padEnd(110)}\n`;
}

/** Where a file of lines ends: the last line that can be read, and whether a line feed is missing after it. */
export interface Tail {
  readonly link: Link;
  readonly isCut: boolean;
}

/** The end of the newest file that has a line. */
export function tailOf(folder: string): Tail {
  let isCut = false;
  for (const [i, name] of dayFiles(folder).reverse().entries()) {
    const path = join(folder, name);
    if (i === 0) isCut = lacksLineFeed(path);
    for (const text of linesBackwards(path)) {
      const line = readLine(text);
      if (line) return { link: { n: line.n, hash: line.hash }, isCut };
    }
  }
  return { link: BEGINNING, isCut };
}

/** Size of a file; undefined where there is none. */
export function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}
