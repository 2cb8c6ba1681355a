/** The folder the task files are imported from: their JavaScript under the same names, one folder a generation. */
import { existsSync, writeFileSync } from "node:fs";
import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { dirname, join } from "node:path";
import { OperatorError } from "../base/errors.ts";
import { makePrivateFolder, writePrivateFile } from "../base/private_file.ts";
import { systemReason } from "../base/system_error.ts";
import { TaskPackages } from "./packages/task_packages.ts";
import { isScript } from "./script.ts";
import type { SourceFile, SourceProblem } from "./source.ts";

/** Generations kept beside those in use: a run that has begun may still import from an older one. */
const KEPT_GENERATIONS = 5;

/** Files that are written in one turn of the event loop. */
const AT_A_TIME = 20;

/** What was written. */
export interface Generation {
  /** A file's address in it. */
  readonly urlOf: (path: string) => string;
  /** Files whose imports cannot be found, by path. */
  readonly problems: ReadonlyMap<string, SourceProblem>;
}

interface Written {
  readonly hash: string;
  readonly problem?: SourceProblem | undefined;
  readonly file: string;
}

/**
 * Imports are remembered by address, so a changed file needs a new one. Every reload that changes something writes all
 * files to a new folder; relative imports work unchanged, and the folder's files never change afterwards.
 */
export class Mirror {
  readonly #root: string;
  #generation = 0;
  /** Those that are not removed yet, each with what says which packages were installed. */
  readonly #kept = new Map<number, string>();
  /** The files of the newest generation. */
  #written: ReadonlyMap<string, Written> = new Map();
  #remaking: Promise<void> = Promise.resolve();

  readonly packages: TaskPackages;

  /**
   * @param data Carillon's data folder; @param tasks the folder that is mirrored
   * @param working the topmost folder whose `node_modules` counts, where the tasks folder is below it
   */
  constructor(data: string, readonly tasks: string, working: string = dirname(tasks)) {
    this.#root = join(data, "mirror", String(Deno.pid));
    this.packages = new TaskPackages(
      tasks,
      working,
      join(this.#root, "packages"),
      join(this.#root, "installed"),
    );
  }

  /** The folder that all generations are in. */
  get root(): string {
    return this.#root;
  }

  /** Makes the folder and clears away what processes left behind that were killed. */
  async open(): Promise<void> {
    const all = join(this.#root, "..");
    await Deno.mkdir(all, { recursive: true });
    for await (const entry of Deno.readDir(all)) {
      if (entry.name === String(Deno.pid) || !isAlive(Number(entry.name))) {
        await Deno.remove(join(all, entry.name), { recursive: true });
      }
    }
    this.#makeRoot();
  }

  /** Writes a generation, whole or not at all. What has not changed is linked to where it was written. */
  async write(files: Iterable<SourceFile>): Promise<Generation> {
    const folder = join(this.#root, String(++this.#generation));
    this.#kept.set(this.#generation, this.packages.installed);
    try {
      return await this.#writeTo(folder, files);
    } catch (error) {
      // A disk that is full has the room again.
      await Deno.remove(folder, { recursive: true }).catch(ignore);
      throw error;
    }
  }

  /**
   * Sees to it that the files a task was loaded from are there, and the copies of packages, as somebody may have tidied
   * up. A promise where some had to be written again; it rejects where they cannot be.
   *
   * @param module the task's; @param files all that it was loaded from
   */
  ensure(module: string, files: readonly SourceFile[]): Promise<void> | undefined {
    const folder = join(this.#root, String(this.#generationOf(module)));
    const isThere = files.every(({ path }) => existsSync(join(folder, mirrored(path)))) &&
      (!files.some(({ usesPackages }) => usesPackages) || this.packages.areThere);
    if (isThere) return undefined;
    return this.#remaking = this.#remaking.catch(ignore).then(() => this.#remake(folder, files));
  }

  async #remake(folder: string, files: readonly SourceFile[]): Promise<void> {
    try {
      await this.#writeMissing(folder, files);
    } catch (cause) {
      const why = systemReason(cause);
      throw new OperatorError(`the task's code cannot be written to ${this.#root}: ${why}`, { cause });
    }
  }

  async #writeMissing(folder: string, files: readonly SourceFile[]): Promise<void> {
    if (this.#makeRoot()) this.packages.remake();
    for (const file of files) {
      const target = join(folder, mirrored(file.path));
      if (existsSync(target)) continue;
      const { code } = await this.packages.linked(file);
      writePrivateFile(target, code);
    }
    if (!this.packages.areThere) await this.packages.restore();
  }

  async #writeTo(folder: string, files: Iterable<SourceFile>): Promise<Generation> {
    if (this.#makeRoot()) this.packages.remake();
    const written = new Map<string, Written>();
    const problems = new Map<string, SourceProblem>();
    let count = 0;
    let made = "";
    makePrivateFolder(folder);
    for (const file of files) {
      if (count++ % AT_A_TIME === 0) await setImmediate();
      const target = join(folder, mirrored(file.path));
      if (dirname(target) !== made) makePrivateFolder(made = dirname(target));
      const hash = file.usesPackages ? `${file.hash} ${this.packages.installed}` : file.hash;
      const before = this.#written.get(file.path);
      let problem: SourceProblem | undefined;
      // What could not be found may be there by now.
      if (before?.hash !== hash || before.problem || !link(before.file, target)) {
        const { code, problem: found } = await this.packages.linked(file);
        problem = found;
        writeFileSync(target, code, { mode: 0o600 });
      }
      if (problem) problems.set(file.path, problem);
      written.set(file.path, { hash, file: target, problem });
    }
    this.#written = written;
    return { urlOf: (path) => pathToFileURL(join(folder, mirrored(path))).href, problems };
  }

  /** Removes the generations that none of the addresses in use points into, but for the newest few. */
  async prune(inUse: Iterable<string>): Promise<void> {
    const used = new Set([...inUse].map((url) => this.#generationOf(url)));
    for (const old of this.#kept.keys()) {
      if (used.has(old) || old > this.#generation - KEPT_GENERATIONS) continue;
      try {
        await Deno.remove(join(this.#root, String(old)), { recursive: true });
      } catch (error) {
        // What cannot be removed now is tried again after the next reading.
        if (!(error instanceof Deno.errors.NotFound)) continue;
      }
      this.#kept.delete(old);
    }
    await this.packages.prune(new Set(this.#kept.values())).catch(ignore);
  }

  /** Folders that a task with limited permissions must be able to read so that it loads. */
  get readable(): readonly string[] {
    return [this.#root, ...this.packages.folders];
  }

  /** Puts the path of the task file in place of the mirror's in an error's text. */
  original(text: string): string {
    const url = pathToFileURL(this.#root).href;
    return [url, this.#root].reduce(
      (words, prefix) => words.replaceAll(new RegExp(`${escapeRegExp(prefix)}/\\d+/`, "g"), `${this.tasks}/`),
      this.packages.original(text),
    );
  }

  async close(): Promise<void> {
    // What is left behind is cleared away at the next start.
    await Deno.remove(this.#root, { recursive: true }).catch(ignore);
  }

  /** True where it was not there. */
  #makeRoot(): boolean {
    const marker = join(this.#root, "package.json");
    if (existsSync(marker)) return false;
    makePrivateFolder(this.#root);
    // Whatever package.json there is above, files that end in .js are ES modules.
    writePrivateFile(marker, `{ "type": "module" }`);
    return true;
  }

  #generationOf(url: string): number {
    const prefix = `${pathToFileURL(this.#root).href}/`;
    return url.startsWith(prefix) ? Number(url.slice(prefix.length).split("/", 1)[0]) : 0;
  }
}

/** The module that stands for a script is called as it is, and ends as a module does. */
function mirrored(path: string): string {
  return isScript(path) ? `${path}.mjs` : path;
}

/** False where the file system has no links, or the file is gone: then it is written. */
function link(file: string, target: string): boolean {
  try {
    Deno.linkSync(file, target);
    return true;
  } catch {
    return false;
  }
}

function ignore(): void {}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid)) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
