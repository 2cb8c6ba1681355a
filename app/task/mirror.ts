/** The folder the task files are imported from: their JavaScript under the same names, one folder a generation. */
import process from "node:process";
import { pathToFileURL } from "node:url";
import { dirname, join } from "node:path";
import type { SourceFile } from "./source.ts";

/** Generations kept beside those in use: a run that has begun may still import from an older one. */
const KEPT_GENERATIONS = 5;

/**
 * Imports are remembered by address, so a changed file needs a new one. Every reload that changes something writes all
 * files to a new folder; relative imports work unchanged, and the folder's files never change afterwards.
 */
export class Mirror {
  readonly #root: string;
  #generation = 0;

  /** @param data Carillon's data folder; @param tasks the folder that is mirrored */
  constructor(data: string, readonly tasks: string) {
    this.#root = join(data, "mirror", String(Deno.pid));
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
    await Deno.mkdir(this.#root);
  }

  /** Writes a generation; the answer gives a file's address in it. */
  async write(files: Iterable<SourceFile>): Promise<(path: string) => string> {
    const folder = join(this.#root, String(++this.#generation));
    for (const file of files) {
      const target = join(folder, file.path);
      await Deno.mkdir(dirname(target), { recursive: true });
      await Deno.writeTextFile(target, file.code);
    }
    return (path) => pathToFileURL(join(folder, path)).href;
  }

  /** Removes the generations that none of the addresses in use points into, but for the newest few. */
  async prune(inUse: Iterable<string>): Promise<void> {
    const used = new Set([...inUse].map((url) => this.#generationOf(url)));
    for (let old = 1; old <= this.#generation - KEPT_GENERATIONS; old++) {
      if (used.has(old)) continue;
      await Deno.remove(join(this.#root, String(old)), { recursive: true }).catch(ignoreNotFound);
    }
  }

  /** Puts the path of the task file in place of the mirror's in an error's text. */
  original(text: string): string {
    const url = pathToFileURL(this.#root).href;
    return [url, this.#root].reduce(
      (words, prefix) => words.replaceAll(new RegExp(`${escapeRegExp(prefix)}/\\d+/`, "g"), `${this.tasks}/`),
      text,
    );
  }

  async close(): Promise<void> {
    await Deno.remove(this.#root, { recursive: true }).catch(ignoreNotFound);
  }

  #generationOf(url: string): number {
    const prefix = `${pathToFileURL(this.#root).href}/`;
    return url.startsWith(prefix) ? Number(url.slice(prefix.length).split("/", 1)[0]) : 0;
  }
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

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
