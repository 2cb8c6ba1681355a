/** Files of a folder that each hold one record: written so that they are there as a whole after a crash. */
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { codeOf } from "../base/errors.ts";

/** Names in a folder that are of records; none where the folder is not there yet. */
export function recordNames(folder: string, pattern: RegExp): string[] {
  try {
    return readdirSync(folder).filter((name) => pattern.test(name));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

/**
 * Writes a file that is on the disk when this returns.
 *
 * @param how `wx` refuses a file that is there, `w` replaces it
 */
export function writeRecord(path: string, text: string, how: "w" | "wx"): void {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, how, 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
