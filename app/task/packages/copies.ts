/** ES modules of packages as copies that any host can import, and facades for the CommonJS ones; made once a version. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { setImmediate } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { messageOf } from "../../base/errors.ts";
import { writePrivateFile } from "../../base/private_file.ts";
import { sentence } from "../../locale/sentence.ts";
import { commonJsNames, facadeOf, RUNTIME } from "./facade.ts";
import { type InstalledPackage, kindOfFile, packageOf, remembering } from "./installed.ts";
import { KeptCode } from "./kept_code.ts";
import { MadeFiles } from "./made_files.ts";
import { PackageError } from "./problem.ts";
import { resolveIn } from "./resolve.ts";
import { hasModuleSyntax, type KnownImport, rewriteImports } from "./rewrite.ts";

/** A single file beyond that is no module that somebody wrote. */
const MOST_BYTES = 50_000_000;

/** What a file among the copies was made of: a file of a package, or the message with which it fails. */
type Made = { readonly original: string } | { readonly message: string };

export class PackageCopies {
  readonly #folder: string;
  /** Originals by the name of their package's folder among the copies. */
  readonly #packages = new Map<string, string>();
  /** Files that are there with all they import. */
  #complete = new Set<string>();
  /** Those that something was made for. */
  readonly #epochs = new Set<string>();
  /** The package of all files in a folder. */
  #owners = new Map<string, InstalledPackage>();
  #epoch = "";
  #made = new MadeFiles<Made>();
  readonly #kept: KeptCode;
  /** Files that load CommonJS code, which is not kept yet. */
  readonly #commonJs = new Set<string>();

  /** @param folder where the copies are; @param kept where the code of CommonJS packages is */
  constructor(folder: string, kept: string) {
    this.#folder = folder;
    this.#kept = new KeptCode(kept);
  }

  /** The folder that the copies are in. */
  get folder(): string {
    return this.#folder;
  }

  /** Begins again where other packages are installed. @param epoch says which are */
  open(epoch: string): void {
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#epochs.add(epoch);
    this.#kept.open(epoch);
    this.#complete = new Set();
    this.#owners = new Map();
    this.#made = new MadeFiles();
    writePrivateFile(this.#runtimeFile, RUNTIME);
  }

  /** False where somebody has removed some of them. */
  get areThere(): boolean {
    return this.#epoch === "" || (existsSync(this.#runtimeFile) && this.#made.lost().length === 0);
  }

  /**
   * Makes those again that somebody has removed. Where something of a package is missing by now, its files are passed
   * over: whoever imports them is told so, and nobody else.
   *
   * @throws what the system says where they cannot be written
   */
  async restore(): Promise<void> {
    if (!existsSync(this.#runtimeFile)) writePrivateFile(this.#runtimeFile, RUNTIME);
    for (const each of this.#made.lost()) {
      if ("message" in each) this.failing(each.message);
      else await remembering(() => this.#remake(each.original));
    }
  }

  async #remake(original: string): Promise<void> {
    try {
      // One in a turn of the event loop, as they were made. What it imports is complete, but where it has changed.
      await setImmediate();
      await this.#addAll(this.#make(original));
    } catch (error) {
      if (!(error instanceof PackageError) && existsSync(original)) throw error;
      this.#made.forget(this.#copyOf(original));
    }
  }

  /** Its files are gone. */
  forget(): void {
    this.#epoch = "";
    this.#kept.forget();
  }

  /** Removes what was made for installations that no generation in use was made with. */
  async prune(epochs: ReadonlySet<string>): Promise<void> {
    await this.#kept.prune(epochs);
    for (const epoch of this.#epochs) {
      if (epochs.has(epoch) || epoch === this.#epoch) continue;
      await Deno.remove(join(this.#folder, epoch), { recursive: true }).catch(() => {
        // Somebody was there first.
      });
      this.#epochs.delete(epoch);
    }
  }

  /**
   * Makes a file of a package importable, with all that it imports.
   *
   * @throws PackageError where something of it is missing
   */
  add(file: string): Promise<void> {
    return remembering(() => this.#addAll([file]));
  }

  async #addAll(files: readonly string[]): Promise<void> {
    const waiting = [...files];
    const seen = new Set<string>();
    for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
      if (seen.has(each) || this.#complete.has(each)) continue;
      // One in a turn of the event loop: some are large.
      await setImmediate();
      seen.add(each);
      waiting.push(...this.#make(each));
      if (this.#commonJs.delete(each)) await this.#kept.keep(each);
    }
    for (const each of seen) {
      this.#complete.add(each);
      this.#made.add(this.#copyOf(each), { original: each });
    }
  }

  /** Address to import a file of a package by. */
  addressOf(file: string): string {
    return pathToFileURL(this.#copyOf(file)).href;
  }

  /** Address of a module that fails as it is loaded, with a message. */
  failing(message: string): string {
    const file = join(this.#folder, this.#epoch, "missing", `${hashOf(message)}.mjs`);
    writePrivateFile(
      file,
      `throw Object.assign(new Error(${JSON.stringify(message)}), { code: "ERR_MODULE_NOT_FOUND" });\n`,
    );
    this.#made.add(file, { message });
    return pathToFileURL(file).href;
  }

  /** Puts the paths of the originals in place of the copies' in an error's text. */
  original(text: string): string {
    let words = this.#kept.original(text);
    for (const [name, folder] of this.#packages) {
      for (const prefix of [pathToFileURL(join(this.#folder, name)).href, join(this.#folder, name)]) {
        words = words.replaceAll(`${prefix}/`, `${folder}/`);
      }
    }
    return words.replace(/(\/node_modules\/[^\s'":]*\.(?:c?js|node))\.mjs\b/g, "$1");
  }

  /** Writes the copy or facade of one file, and answers with the files it imports. */
  #make(file: string): string[] {
    const copy = this.#copyOf(file);
    if (file.endsWith(".node")) {
      writePrivateFile(copy, this.#facade(file, []));
      return [];
    }
    const { size } = statSync(file);
    if (size > MOST_BYTES) {
      throw new PackageError(sentence("mistake.package.bytes", { file, n: size }));
    }
    const code = readFileSync(file, "utf8");
    switch (kindOfFile(file, () => hasModuleSyntax(code, file))) {
      case "json":
        writePrivateFile(copy, code);
        return [];
      case "commonjs":
        writePrivateFile(copy, this.#facade(file, commonJsNames(file)));
        return [];
      case "module": {
        const { text, imports } = this.#rewritten(file, code);
        if (code.includes("createRequire")) this.#commonJs.add(file);
        writePrivateFile(copy, text);
        return imports;
      }
    }
  }

  #facade(file: string, names: readonly string[]): string {
    this.#commonJs.add(file);
    return facadeOf(this.#kept.pathOf(file), names, this.#runtime);
  }

  get #runtime(): string {
    return pathToFileURL(this.#runtimeFile).href;
  }

  get #runtimeFile(): string {
    return join(this.#folder, "runtime.mjs");
  }

  #rewritten(file: string, code: string): { text: string; imports: string[] } {
    const imports: string[] = [];
    const addressOf = ({ specifier, dynamic }: KnownImport): string => {
      try {
        const found = resolveIn(file, specifier, "import");
        if (found.kind === "address") return found.address;
        imports.push(found.path);
        return this.addressOf(found.path);
      } catch (error) {
        // What is imported on demand may be missing: packages try what is there.
        if (!dynamic) throw error;
        return this.failing(messageOf(error));
      }
    };
    const body = rewriteImports(code.replace(/^#!/, "//"), file, addressOf, "$carillonMeta");
    const head = `import { metaOf as $carillonMetaOf } from ${JSON.stringify(this.#runtime)}; ` +
      `const $carillonMeta = $carillonMetaOf(${JSON.stringify(pathToFileURL(file).href)}); `;
    return { text: body.includes("$carillonMeta") ? head + body : body, imports };
  }

  /** Ends in `.mjs`, but for JSON: so it is an ES module whatever package.json there is above. */
  #copyOf(file: string): string {
    const owner = this.#owners.get(dirname(file)) ?? packageOf(file);
    this.#owners.set(dirname(file), owner);
    const { folder, manifest: { name, version } } = owner;
    const title = `${name}@${version ?? "0"}`.replaceAll(/[^\w.@-]/g, "+").slice(0, 100);
    const own = `${this.#epoch}/${title}-${hashOf(folder).slice(0, 8)}`;
    this.#packages.set(own, folder);
    const path = join(this.#folder, own, relative(folder, file));
    return /\.(?:mjs|json)$/.test(path) ? path : `${path}.mjs`;
  }
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
