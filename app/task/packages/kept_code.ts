/**
 * The code of installed packages as it was when the task files were read. CommonJS modules are loaded from it, at any
 * time of a run: what is installed meanwhile is for the runs that begin later, and no run gets half of each.
 */
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  symlinkSync,
} from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import { setImmediate } from "node:timers/promises";
import { codeOf } from "../../base/errors.ts";
import { foldersAbove, type InstalledPackage, isThere, packageIn, packageOf } from "./installed.ts";

/** Endings of files that `require` loads. Others that a package reads, and add-ons, are used where they lie. */
const LOADED = [".js", ".cjs", ".mjs", ".json", ""];
/** A single file beyond that is no module that somebody wrote. */
const MOST_BYTES = 50_000_000;
/** Files that are copied in one turn of the event loop; each takes some 50 µs. */
const AT_A_TIME = 20;

/** Folder of one installation, and the path of the original in it. */
const KEPT = /^(?<root>.+\/mirror\/\d+\/installed\/[\da-f]+)(?<original>\/.+)$/;
const ROOTS = /(?:\/[^\s'":]+)?\/mirror\/\d+\/installed\/[\da-f]+(?=\/)/g;

/** A file of the kept code, by its parts; undefined for any other path. */
export function keptParts(path: string): { readonly root: string; readonly original: string } | undefined {
  const { root, original } = KEPT.exec(path)?.groups ?? {};
  return root === undefined || original === undefined ? undefined : { root, original };
}

export class KeptCode {
  #root = "";
  #count = 0;
  readonly #taken = new Set<string>();

  /** @param folder where it is kept: `mirror/<pid>/installed` */
  constructor(readonly folder: string) {}

  /** @param epoch says which packages are installed */
  open(epoch: string): void {
    this.#root = join(this.folder, epoch);
  }

  /** What was kept is gone: it is kept anew. */
  forget(): void {
    this.#taken.clear();
  }

  /** Where the code of a file is kept. */
  pathOf(file: string): string {
    return join(this.#root, file);
  }

  /** Keeps the package of a file with all that it says it needs. @throws what the system says where it cannot be written */
  async keep(file: string): Promise<void> {
    const waiting = [packageOf(file)];
    for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
      const { folder } = each;
      const target = this.pathOf(folder);
      if (this.#taken.has(target)) continue;
      this.#taken.add(target);
      await this.#copy(folder, target);
      waiting.push(...this.#needsOf(each));
    }
  }

  /** Removes what no epoch of these needs. */
  async prune(epochs: ReadonlySet<string>): Promise<void> {
    if (!existsSync(this.folder)) return;
    for (const epoch of readdirSync(this.folder)) {
      const root = join(this.folder, epoch);
      if (epochs.has(epoch) || root === this.#root) continue;
      await Deno.remove(root, { recursive: true });
      for (const each of this.#taken) if (each.startsWith(`${root}/`)) this.#taken.delete(each);
    }
  }

  /** Puts the paths of the originals in place of those of the kept code. */
  original(text: string): string {
    return text.replaceAll(ROOTS, "");
  }

  #needsOf({ folder, manifest: { needs } }: InstalledPackage): InstalledPackage[] {
    return needs.flatMap((name) => {
      const places = foldersAbove(folder).map((each) => join(each, "node_modules", name));
      const place = places.find((each) => isThere(join(each, "package.json")));
      if (place === undefined) return [];
      const found = packageIn(realpathSync(place));
      if (found === undefined) return [];
      if (found.folder !== place) this.#link(place, found.folder);
      return [found];
    });
  }

  /** Package managers that keep packages elsewhere link them (pnpm): so they are found as among the originals. */
  #link(place: string, folder: string): void {
    const link = this.pathOf(place);
    if (lstatSync(link, { throwIfNoEntry: false })) return;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(relative(dirname(link), this.pathOf(folder)), link);
  }

  async #copy(folder: string, target: string): Promise<void> {
    mkdirSync(target, { recursive: true });
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && entry.name !== "node_modules") {
        await this.#copy(path, join(target, entry.name));
      }
      if (!entry.isFile() || !LOADED.includes(extname(entry.name))) continue;
      if (this.#count++ % AT_A_TIME === 0) await setImmediate();
      try {
        if (lstatSync(path).size <= MOST_BYTES) copyFileSync(path, join(target, entry.name));
      } catch (error) {
        // It went away, or may not be read: whoever loads it is told so.
        if (!["ENOENT", "EACCES"].includes(codeOf(error) ?? "")) throw error;
      }
    }
  }
}
