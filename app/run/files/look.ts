/** Looks at the folders of a task's patterns: which files are there now. The one place that reads them. */
import { join, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { codeOf } from "../../base/errors.ts";
import { type Glob, isMeant, type Places, readGlob, startOf, step } from "../../base/glob.ts";
import { systemReason } from "../../base/system_error.ts";
import type { FileVersion } from "../../model/arrival.ts";

/** A file that a pattern means. */
export interface FoundFile {
  /** Absolute. */
  readonly path: string;
  /** As its pattern writes it: what the task is given. */
  readonly shown: string;
  readonly version: FileVersion;
}

export interface Look {
  /** By path. */
  readonly files: ReadonlyMap<string, FoundFile>;
  /** Folders that could not be read, absolute: what lies in them may be there. */
  readonly unread: readonly string[];
  /** Why not, and what else is wrong, in sentences. */
  readonly troubles: readonly string[];
}

/** Files of one task; what is more is looked at once others are gone. */
const MAX_FILES = 100_000;
/** Folders of one task. */
const MAX_FOLDERS = 10_000;
/** Names that are looked at before others get their turn. */
const AT_A_TIME = 1_000;
/** Files whose facts are asked for at one time. */
const AT_ONCE = 32;

/** A folder that patterns lead to. */
interface Visit {
  readonly folder: string;
  readonly shown: string;
  readonly glob: Glob;
  readonly places: Places;
}

/** @param folder the working folder, from which relative patterns are meant */
export async function look(patterns: readonly string[], folder: string): Promise<Look> {
  return await new Looker().look(patterns, folder);
}

/** The version of a file; undefined for one that is gone, and for what is no plain file: links, pipes, folders. */
export async function versionOf(path: string): Promise<FileVersion | undefined> {
  try {
    const { isFile, size, mtime, ctime, ino } = await Deno.lstat(path);
    if (!isFile) return undefined;
    return {
      bytes: size,
      modified: mtime?.getTime() ?? 0,
      changed: ctime?.getTime() ?? 0,
      inode: ino ?? undefined,
    };
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

class Looker {
  readonly #files = new Map<string, FoundFile>();
  readonly #unread = new Set<string>();
  readonly #troubles = new Set<string>();
  /** Several patterns lead to the same folders. */
  readonly #listed = new Map<string, readonly Deno.DirEntry[]>();

  async look(patterns: readonly string[], folder: string): Promise<Look> {
    const visits: Visit[] = patterns.flatMap((pattern) => readGlob(pattern)).map((glob) => ({
      folder: resolve(folder, glob.base),
      shown: glob.base,
      glob,
      places: startOf(glob),
    }));
    for (let visit = visits.pop(); visit; visit = visits.pop()) visits.push(...await this.#visit(visit));
    return { files: this.#files, unread: [...this.#unread], troubles: [...this.#troubles] };
  }

  /** Takes the files of a folder, and answers with the folders beneath that matter. */
  async #visit(visit: Visit): Promise<Visit[]> {
    const beneath: Visit[] = [];
    const wanted: Omit<FoundFile, "version">[] = [];
    const entries = await this.#list(visit.folder);
    for (const [index, { name, isDirectory, isFile }] of entries.entries()) {
      if (index % AT_A_TIME === AT_A_TIME - 1) await setImmediate();
      const places = step(visit.glob, visit.places, name);
      if (places.size === 0) continue;
      const path = join(visit.folder, name);
      const shown = visit.shown === "" ? name : `${visit.shown === "/" ? "" : visit.shown}/${name}`;
      if (isDirectory) beneath.push({ ...visit, folder: path, shown, places });
      else if (isFile && isMeant(visit.glob, places) && !this.#files.has(path)) wanted.push({ path, shown });
    }
    for (let at = 0; at < wanted.length; at += AT_ONCE) {
      await Promise.all(wanted.slice(at, at + AT_ONCE).map((each) => this.#take(visit.folder, each)));
    }
    return beneath;
  }

  async #list(folder: string): Promise<readonly Deno.DirEntry[]> {
    const before = this.#listed.get(folder);
    if (before) return before;
    if (this.#listed.size >= MAX_FOLDERS) {
      this.#leaveOut(folder, `more than ${MAX_FOLDERS} folders are to be looked through`);
      return [];
    }
    let entries: readonly Deno.DirEntry[] = [];
    try {
      entries = await Array.fromAsync(Deno.readDir(folder));
    } catch (error) {
      this.#leaveOut(folder, `the folder ${folder} cannot be read: ${systemReason(error)}`);
    }
    this.#listed.set(folder, entries);
    return entries;
  }

  async #take(folder: string, file: Omit<FoundFile, "version">): Promise<void> {
    if (this.#files.size >= MAX_FILES) {
      this.#leaveOut(folder, `more than ${MAX_FILES} files are there; take away those that are done`);
      return;
    }
    try {
      const version = await versionOf(file.path);
      if (version) this.#files.set(file.path, { ...file, version });
      else if (file.path.includes("\uFFFD")) this.#troubles.add(UNREADABLE_NAME(file.path));
    } catch (error) {
      this.#leaveOut(folder, `the file ${file.path} cannot be looked at: ${systemReason(error)}`);
    }
  }

  #leaveOut(folder: string, why: string): void {
    this.#unread.add(folder);
    this.#troubles.add(why);
  }
}

const UNREADABLE_NAME = (path: string) =>
  `the name of the file ${path} is not UTF-8; it is passed over until it is renamed`;

function isGone(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes(codeOf(error) ?? "");
}
