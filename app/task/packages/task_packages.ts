/** The packages that task files import: `node_modules` in the tasks folder or above it, up to the working folder. */
import { toldBy } from "../../locale/sentence.ts";
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { messageOf } from "../../base/errors.ts";
import type { SourceFile, SourceProblem } from "../source.ts";
import { PackageCopies } from "./copies.ts";
import { glanceAt, stateOf } from "./installation.ts";
import { foldersAbove, isThere } from "./installed.ts";
import { isForeign, isPackage, nodeName, resolvePackage } from "./resolve.ts";
import { type KnownImport, placeOf, rewriteImports } from "./rewrite.ts";

export class TaskPackages {
  readonly #copies: PackageCopies;
  readonly #tasks: string;
  readonly #top: string;
  #installed = "";
  /** The `node_modules` folders that files of the tasks folder look into. */
  #looked: readonly string[] = [];
  #glance = "";

  /** @param copies folder for copies of packages; @param kept one for the code of CommonJS packages */
  constructor(tasks: string, working: string, copies: string, kept: string) {
    this.#copies = new PackageCopies(copies, kept);
    this.#tasks = resolve(tasks);
    const top = resolve(working);
    this.#top = foldersAbove(this.#tasks).includes(top) ? top : dirname(this.#tasks);
  }

  /** All folders whose packages a task may have, and where they lie if they are symbolic links. */
  get folders(): readonly string[] {
    const named = foldersAbove(this.#tasks, this.#top).map((folder) => join(folder, "node_modules"));
    return [...new Set(named.flatMap((each) => isThere(each) ? [each, realpathSync(each)] : [each]))];
  }

  /** Says which packages are installed: another text after each installation. Taken by {@link look}. */
  get installed(): string {
    return this.#installed;
  }

  /** Looks which packages are installed. @param files of the tasks folder */
  async look(files: Iterable<SourceFile>): Promise<void> {
    const folders = new Set<string>();
    for (const { usesPackages, path } of files) {
      if (usesPackages) { for (const each of this.#foldersOf(path)) folders.add(join(each, "node_modules")); }
    }
    this.#looked = [...folders].sort();
    // Before the rest: what is installed meanwhile is news.
    this.#glance = this.#glanceNow();
    if (folders.size === 0) return;
    const hash = createHash("sha256");
    for (const folder of this.#looked) hash.update(`${folder}\0${await stateOf(folder)}\0`);
    this.#installed = hash.digest("hex").slice(0, 12);
    this.#copies.open(this.#installed);
  }

  /**
   * What something that was installed, replaced or removed since the last {@link look} has made of the folders, as a text
   * that changes while it goes on; undefined where nothing was. It costs some 20 µs.
   */
  news(): string | undefined {
    const now = this.#glanceNow();
    return now === this.#glance ? undefined : now;
  }

  #glanceNow(): string {
    return this.#looked.map((folder) => `${folder}\n${glanceAt(folder)}`).join("\n");
  }

  /** Removes what was made for installations other than these and the last one. */
  prune(installed: ReadonlySet<string>): Promise<void> {
    return this.#copies.prune(installed);
  }

  /** The copies are gone: they are made anew. */
  remake(): void {
    this.#copies.forget();
    if (this.#installed !== "") this.#copies.open(this.#installed);
  }

  /** False where somebody has removed some of the copies. */
  get areThere(): boolean {
    return this.#copies.areThere;
  }

  /** Makes those copies again that somebody has removed. Rejects where they cannot be. */
  restore(): Promise<void> {
    return this.#copies.restore();
  }

  /** A file with the addresses of the packages it imports. What cannot be found is left as it is, and named. */
  async linked(
    file: SourceFile,
  ): Promise<{ readonly code: string; readonly problem?: SourceProblem | undefined }> {
    if (!file.usesPackages) return { code: file.code };
    const addresses = new Map<string, string>();
    let problem: SourceProblem | undefined;
    const wanted: KnownImport[] = [];
    rewriteImports(file.code, file.path, (each) => (wanted.push(each), undefined));
    for (const each of wanted.filter(({ specifier }) => isForeign(specifier))) {
      try {
        addresses.set(each.specifier, await this.#addressOf(each.specifier, file.path));
      } catch (error) {
        if (each.dynamic) addresses.set(each.specifier, this.#copies.failing(messageOf(error)));
        else {problem ??= {
            path: file.path,
            ...toldBy(error),
            place: placeOf(file.code, each.start),
          };}
      }
    }
    const code = rewriteImports(file.code, file.path, ({ specifier }) => addresses.get(specifier));
    return { code, problem };
  }

  /** Puts the paths of the packages in place of their copies' in an error's text. */
  original(text: string): string {
    return this.#copies.original(text);
  }

  async #addressOf(specifier: string, path: string): Promise<string> {
    if (!isPackage(specifier) && !specifier.startsWith(".")) return nodeName(specifier);
    const file = specifier.startsWith(".")
      ? resolve(this.#tasks, dirname(path), specifier)
      : resolvePackage(specifier, this.#foldersOf(path), "import", { place: path });
    await this.#copies.add(file);
    return this.#copies.addressOf(file);
  }

  /** Where a file of the tasks folder looks for packages, nearest first. */
  #foldersOf(path: string): string[] {
    return foldersAbove(resolve(this.#tasks, dirname(path)), this.#top);
  }
}
