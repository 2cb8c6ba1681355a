/** Files of the data folder, for this user alone. */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** Writes a file that others may be reading: it is there whole or not at all. Its folders are made where they are missing. */
export function writePrivateFile(file: string, text: string): void {
  makePrivateFolder(dirname(file));
  const aside = `${file}.${crypto.randomUUID().slice(0, 8)}`;
  writeFileSync(aside, text, { mode: 0o600 });
  renameSync(aside, file);
}
