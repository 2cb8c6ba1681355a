/** Which file an import of a package means (Node.js, "ES modules: resolution algorithm"). */
import type { Sentence, SentenceValue } from "../../base/sentence.ts";
import { sentence } from "../../locale/sentence.ts";
import { isBuiltin } from "node:module";
import { dirname, join, resolve as resolvePath } from "node:path";
import { fileURLToPath } from "node:url";
import { exports as exportedFiles, imports as importedFiles } from "resolve.exports";
import { messageOf } from "../../base/errors.ts";
import { foldersAbove, installedIn, type InstalledPackage, isFile, packageOf } from "./installed.ts";
import { PackageError } from "./problem.ts";

export type Resolved =
  | { readonly kind: "file"; readonly path: string }
  /** Part of the runtime, or a `data:` address. */
  | { readonly kind: "address"; readonly address: string };

/** By `import`, or by `require`. */
export type ImportStyle = "import" | "require";

/** `name`, `@scope/name`, and what follows: `lodash/fp` is `./fp` of `lodash`. */
const BARE = /^(?<name>(?:@[^/\\%]+\/)?[^./\\%@][^/\\%]*)(?:\/(?<inner>.+))?$/;
/** `npm:lodash@4.17.21/fp` is `lodash/fp`: the version is the one that is installed. */
const NPM = /^npm:\/?((?:@[^/@]+\/)?[^/@]+)(?:@[^/]*)?(\/.*)?$/;

/** What a specifier is called in `node_modules`. */
export function bareOf(specifier: string): string {
  return specifier.replace(NPM, "$1$2").replace(/\/$/, "");
}

/** True for what is looked for in `node_modules`: no path, no address, not `carillon`. */
export function isPackage(specifier: string): boolean {
  const bare = bareOf(specifier);
  if (bare === "carillon" || /^(?:[./#]|[a-z][a-z+.-]*:)/i.test(bare)) return false;
  return !isBuiltin(bare) && BARE.test(bare);
}

/** True for an import of a task file that its copy in the mirror cannot have as it is. */
export function isForeign(specifier: string): boolean {
  if (/^\.{1,2}\/(?:.*\/)?node_modules\//.test(specifier)) return true;
  return isPackage(specifier) || (isBuiltin(specifier) && !specifier.startsWith("node:"));
}

/**
 * Resolves an import in a file of a package.
 *
 * @throws PackageError that names what is missing
 */
export function resolveIn(file: string, specifier: string, style: ImportStyle): Resolved {
  if (specifier.startsWith("file:")) return { kind: "file", path: fileURLToPath(specifier) };
  if (/^\.{0,2}\//.test(specifier)) return { kind: "file", path: relativeFile(file, specifier, style) };
  if (specifier.startsWith("#")) return internal(file, specifier, style);
  if (isBuiltin(specifier)) return { kind: "address", address: nodeName(specifier) };
  if (!isPackage(specifier)) return { kind: "address", address: specifier };
  const self = packageOf(file);
  const place = sentence("mistake.package.itself", { name: self.manifest.name });
  return {
    kind: "file",
    path: resolvePackage(specifier, foldersAbove(dirname(file)), style, { self, place }),
  };
}

/** The file of a package that a specifier means. @param folders where `node_modules` is looked for, nearest first */
export function resolvePackage(
  specifier: string,
  folders: readonly string[],
  style: ImportStyle,
  from: { readonly self?: InstalledPackage | undefined; readonly place: SentenceValue },
): string {
  const { name = "", inner } = BARE.exec(bareOf(specifier))?.groups ?? {};
  const own = from.self?.manifest.name === name && from.self.manifest.exports !== undefined;
  const found = own ? from.self : installedIn(folders, name);
  if (!found) {
    throw new PackageError(sentence("mistake.package.missing", { place: from.place, name }));
  }
  return fileOf(found, inner, style);
}

/** The runtime's own modules, by the name that every importer understands. */
export function nodeName(specifier: string): string {
  return specifier.startsWith("node:") ? specifier : `node:${specifier}`;
}

function fileOf(found: InstalledPackage, inner: string | undefined, style: ImportStyle): string {
  const { folder, manifest } = found;
  const entry = inner === undefined ? "." : `./${inner}`;
  if (manifest.exports !== undefined && manifest.exports !== null) {
    const path = firstOf(manifest.name, () => exportedFiles(manifest, entry, conditions(style)));
    if (path !== undefined && isFile(join(folder, path))) return inside(found, join(folder, path));
    throw new PackageError(missingFile(found, path ?? entry));
  }
  const path = inner ?? manifest.main ?? "index.js";
  const file = withEnding(join(folder, path)) ??
    (inner === undefined ? withEnding(join(folder, "index")) : undefined);
  if (file === undefined) throw new PackageError(missingFile(found, path));
  return inside(found, file);
}

/** @throws PackageError for a file that is none of the package's own */
function inside({ folder, manifest: { name } }: InstalledPackage, file: string): string {
  if (file.startsWith(`${folder}/`)) return file;
  throw new PackageError(sentence("mistake.package.outside", { name, file }));
}

function internal(file: string, specifier: string, style: ImportStyle): Resolved {
  const own = packageOf(file);
  const target = firstOf(own.manifest.name, () => importedFiles(own.manifest, specifier, conditions(style)));
  if (target === undefined) throw new PackageError(missingFile(own, specifier));
  return target.startsWith("./")
    ? { kind: "file", path: inside(own, join(own.folder, target)) }
    : resolveIn(file, target, style);
}

/** `require`, and the old way of naming a package's main file, leave the ending out. */
function relativeFile(file: string, specifier: string, style: ImportStyle): string {
  const path = resolvePath(dirname(file), decodeURI(specifier.replace(/[?#].*$/, "")));
  const found = style === "require" ? withEnding(path) : isFile(path) ? path : undefined;
  if (found !== undefined) return found;
  throw new PackageError(missingFile(packageOf(file), path));
}

function withEnding(path: string): string | undefined {
  return ["", ".js", ".json", ".node", "/index.js", "/index.json"].map((end) => path + end).find(isFile);
}

function conditions(style: ImportStyle): { readonly require: boolean } {
  return { require: style === "require" };
}

/** @throws PackageError with what the package says of itself */
function firstOf(name: string, look: () => readonly string[] | void): string | undefined {
  try {
    return look()?.[0];
  } catch (cause) {
    const said = sentence("mistake.package.exports", { name, why: messageOf(cause) });
    throw new PackageError(said, { cause });
  }
}

function missingFile({ folder, manifest: { name } }: InstalledPackage, path: string): Sentence {
  return sentence("mistake.package.file", { name, folder, path });
}
