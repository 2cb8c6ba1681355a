/** The task folder as the disk has it: which of its files may be read, and which of its entries cannot be. */
import { lstatSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "../base/errors.ts";
import { systemReason } from "../base/system_error.ts";

/** Something in the folder that cannot be read, and why. */
export interface BadEntry {
  readonly path: string;
  readonly reason: string;
}

export interface Listing {
  /** Relative paths, with `/` between their parts. */
  readonly paths: readonly string[];
  /** Files that cannot be read. */
  readonly badFiles: readonly BadEntry[];
  /** Folders that cannot be read. */
  readonly badFolders: readonly BadEntry[];
}

/** True for an entry that is passed over, with all that is in it. */
export function isPassedOver(name: string): boolean {
  return name.startsWith(".") || name === "node_modules";
}

/**
 * Walks the folder; links to folders are not followed. One bad entry is one bad entry; only the folder itself must be
 * readable.
 *
 * @param isWanted by the name
 */
export async function listFolder(folder: string, isWanted: (name: string) => boolean): Promise<Listing> {
  const paths: string[] = [];
  const badFiles: BadEntry[] = [];
  const badFolders: BadEntry[] = [];
  await walk("");
  return { paths: paths.sort(), badFiles, badFolders };

  async function walk(below: string): Promise<void> {
    for await (const entry of Deno.readDir(join(folder, below))) {
      if (isPassedOver(entry.name)) continue;
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory) await walkInto(path);
      else if (isWanted(entry.name)) take(path, entry.isFile);
    }
  }

  async function walkInto(path: string): Promise<void> {
    try {
      await walk(path);
    } catch (error) {
      // It went away while it was read: then it is not there.
      const reason = codeOf(error) === "ENOENT" ? whyNoName(path, folder) : systemReason(error);
      if (reason !== undefined) badFolders.push({ path, reason });
    }
  }

  function take(path: string, isFile: boolean): void {
    const reason = isFile ? whyNoName(path, folder) : whyNoFile(join(folder, path));
    if (reason === undefined) paths.push(path);
    else if (reason !== IS_FOLDER) badFiles.push({ path, reason });
  }
}

/** The runtime puts U+FFFD in place of bytes that are no UTF-8, and such a path leads nowhere. */
function whyNoName(path: string, folder: string): string | undefined {
  return path.includes("\ufffd") && lstatSync(join(folder, path), { throwIfNoEntry: false }) === undefined
    ? "its name is not in UTF-8; give it another one"
    : undefined;
}

/** A link to a folder is no file, and nothing is wrong with it. */
const IS_FOLDER = "it is a folder";

/** Why what is no plain file, and may be a link to one, cannot be read; undefined where it can. */
function whyNoFile(file: string): string | undefined {
  try {
    return whyNotPlain(statSync(file));
  } catch (error) {
    return codeOf(error) === "ENOENT"
      ? "it is a link that leads nowhere"
      : `it cannot be read: ${systemReason(error)}`;
  }
}

/** Why an entry of this kind cannot be read as a file; undefined where it can. */
export function whyNotPlain(facts: Stats): string | undefined {
  if (facts.isFile()) return undefined;
  if (facts.isDirectory()) return IS_FOLDER;
  if (facts.isFIFO()) return "it is a named pipe (FIFO), not a file";
  return facts.isSocket() ? "it is a socket, not a file" : "it is a device, not a file";
}
