/** Packages on the disk: where one is, what its package.json says, and what kind of module a file of it is. */
import { sentence } from "../../locale/sentence.ts";
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { PackageError } from "./problem.ts";

/** The part of a package.json that says how a package is imported. */
export interface Manifest {
  readonly name: string;
  readonly version?: string | undefined;
  readonly type?: string | undefined;
  readonly main?: string | undefined;
  readonly exports?: unknown;
  readonly imports?: unknown;
  /** Names of the packages it says it loads, optional ones and those of its surroundings among them. */
  readonly needs: readonly string[];
}

export interface InstalledPackage {
  /** Its folder, with no symbolic link in the path. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** `module` is an ES module, `commonjs` what is loaded by `require`. */
export type FileKind = "module" | "commonjs" | "json";

/** The folders in which a module looks for `node_modules`, nearest first; `top` is the last of them. */
export function foldersAbove(folder: string, top?: string): string[] {
  const found = [folder];
  for (let each = folder; each !== top && dirname(each) !== each; each = dirname(each)) {
    found.push(dirname(each));
  }
  return found;
}

/** The nearest package of a name; undefined where no folder has it. @param folders nearest first */
export function installedIn(folders: readonly string[], name: string): InstalledPackage | undefined {
  for (const folder of folders) {
    const place = join(folder, "node_modules", name);
    if (isThere(join(place, "package.json"))) return readPackage(realpathSync(place));
  }
  return undefined;
}

/** The package in a folder; undefined where its package.json cannot be read. */
export function packageIn(folder: string): InstalledPackage | undefined {
  try {
    return readPackage(folder);
  } catch {
    // Whoever imports it is told so.
    return undefined;
  }
}

/** The package that a file belongs to. @throws PackageError where there is none, or its package.json is broken */
export function packageOf(file: string): InstalledPackage {
  for (const folder of foldersAbove(dirname(file))) {
    const manifest = join(folder, "package.json");
    // Folders within a package have a package.json of their own that says the type of their files and no more.
    if (isThere(manifest) && readPackage(folder).manifest.name !== "") return readPackage(folder);
  }
  throw new PackageError(sentence("mistake.package.none", { file }));
}

/** What kind of module a file is: by its ending, else by the nearest package.json (Node.js, "Determining module system"). */
export function kindOfFile(file: string, hasModuleSyntax: () => boolean): FileKind {
  const ending = extname(file);
  if (ending === ".json") return "json";
  if (ending === ".mjs") return "module";
  if (ending !== ".js") return "commonjs";
  const folder = foldersAbove(dirname(file)).find((each) => isThere(join(each, "package.json")));
  const type = folder === undefined ? undefined : readPackage(folder).manifest.type;
  if (type === "module" || type === "commonjs") return type;
  return hasModuleSyntax() ? "module" : "commonjs";
}

export function isFile(path: string): boolean {
  return isThere(path) && statSync(path).isFile();
}

/** What a sandbox may not read is not there for it. */
export function isThere(path: string): boolean {
  try {
    return existsSync(path);
  } catch {
    return false;
  }
}

const NEEDS = ["dependencies", "optionalDependencies", "peerDependencies"];

/** A package's own folder in `node_modules`, which has its name where package.json has none. */
const OWN_FOLDER = /\/node_modules\/((?:@[^/]+\/)?[^/]+)$/;

/** What was read since the work began that reads the same files over and over. */
let remembered: Map<string, InstalledPackage> | undefined;

/** Reads each package.json once while the work goes on. Between two pieces of work others may be installed. */
export async function remembering<T>(work: () => Promise<T>): Promise<T> {
  remembered = new Map();
  try {
    return await work();
  } finally {
    remembered = undefined;
  }
}

function readPackage(folder: string): InstalledPackage {
  const known = remembered?.get(folder) ?? parsePackage(folder);
  remembered?.set(folder, known);
  return known;
}

function parsePackage(folder: string): InstalledPackage {
  const file = join(folder, "package.json");
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, "utf8").replace(/^\uFEFF/, ""));
    if (typeof manifest !== "object" || manifest === null) throw new TypeError("it holds no object");
    const fields: Readonly<Record<string, unknown>> = { ...manifest };
    const { name, version, type, main, exports, imports } = fields;
    const own = OWN_FOLDER.exec(folder)?.[1] ?? "";
    return {
      folder,
      manifest: {
        name: textOf(name) || own,
        version: textOf(version),
        type: textOf(type),
        main: textOf(main),
        exports,
        imports,
        needs: [...new Set(NEEDS.flatMap((key) => Object.keys(fields[key] ?? {})))],
      },
    };
  } catch (cause) {
    throw new PackageError(sentence("mistake.package.unreadable", { file }), { cause });
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
