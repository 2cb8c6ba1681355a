/** The task folder as the disk has it: which of its files may be read, and which of its entries cannot be. */
import { refusedBySystem, sentence } from "../locale/sentence.ts";
import { lstatSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "../base/errors.ts";
import type { Sentence, SentenceValue } from "../base/sentence.ts";

/** Something in the folder that cannot be read, and why. */
export interface BadEntry {
  readonly path: string;
  readonly reason: SentenceValue;
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
      const reason = codeOf(error) === "ENOENT" ? whyNoName(path, folder) : refusedBySystem(error);
      if (reason !== undefined) badFolders.push({ path, reason });
    }
  }

  function take(path: string, isFile: boolean): void {
    const reason = isFile ? whyNoName(path, folder) : whyNoFile(join(folder, path));
    if (reason === undefined) paths.push(path);
    else if (reason !== "folder") badFiles.push({ path, reason });
  }
}

/** The runtime puts U+FFFD in place of bytes that are no UTF-8, and such a path leads nowhere. */
function whyNoName(path: string, folder: string): SentenceValue | undefined {
  return path.includes("\ufffd") && lstatSync(join(folder, path), { throwIfNoEntry: false }) === undefined
    ? sentence("mistake.file.name")
    : undefined;
}

/** Why what is no plain file, and may be a link to one, cannot be read; undefined where it can. A link to a folder is no file. */
function whyNoFile(file: string): Sentence | "folder" | undefined {
  try {
    const facts = statSync(file);
    return facts.isDirectory() ? "folder" : whyNotPlain(facts);
  } catch (error) {
    return codeOf(error) === "ENOENT"
      ? sentence("mistake.file.dangling")
      : sentence("mistake.file.unreadable", { why: refusedBySystem(error) });
  }
}

/** Why an entry of this kind cannot be read as a file; undefined where it can. */
export function whyNotPlain(facts: Stats): Sentence | undefined {
  if (facts.isFile()) return undefined;
  if (facts.isDirectory()) return sentence("mistake.file.folder");
  if (facts.isFIFO()) return sentence("mistake.file.pipe");
  return sentence(facts.isSocket() ? "mistake.file.socket" : "mistake.file.device");
}
