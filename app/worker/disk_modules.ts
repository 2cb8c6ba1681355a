/** In a host: what `require` loads is read from the disk, in the executable too; add-ons for V8 itself are refused. */
import { readFileSync, realpathSync } from "node:fs";
import Module from "node:module";
import { dirname, isAbsolute, join } from "node:path";
import process from "node:process";
import { foldersAbove, isThere } from "../task/packages/installed.ts";
import { keptParts } from "../task/packages/kept_code.ts";
import { isPackage, resolveIn, resolvePackage } from "../task/packages/resolve.ts";

interface LoadedModule {
  exports: unknown;
  _compile(code: string, file: string): void;
}

type Load = (module: LoadedModule, file: string) => void;

/** Parts of node:module that packages know as well: what loads a file with an ending, and which file is meant. */
const modules = Module as unknown as {
  readonly _extensions: Record<string, Load>;
  _resolveFilename(
    specifier: string,
    parent: { readonly filename?: string } | undefined,
    ...more: unknown[]
  ): string;
};
const extensions = modules._extensions;

/** Names in the symbol table of an add-on: V8's own classes, and Node-API. */
const V8_SYMBOL = "_ZN2v8";
const NODE_API_SYMBOL = "napi_";

/** From now on. */
export function readModulesFromDisk(): void {
  const loadBuiltIn = { js: extensions[".js"], node: extensions[".node"] };
  const compile: Load = (module, file) =>
    module._compile(
      readFileSync(file, "utf8").replace(/^\uFEFF/, "").replace(/^#!/, "//"),
      // What it reads beside itself, and what its errors name, lies with the original.
      keptParts(file)?.original ?? file,
    );
  extensions[".cjs"] = compile;
  extensions[".js"] = (module, file) =>
    (typeOf(dirname(file)) === "module" ? loadBuiltIn.js ?? compile : compile)(module, file);
  extensions[".json"] = (module, file) => {
    try {
      module.exports = JSON.parse(readFileSync(file, "utf8").replace(/^\uFEFF/, ""));
    } catch (cause) {
      throw new SyntaxError(`${file} is not JSON: ${String(cause)}`, { cause });
    }
  };
  extensions[".node"] = (module, file) => {
    refuseForeign(file);
    loadBuiltIn.node?.(module, file);
  };
  const resolveBuiltIn = modules._resolveFilename.bind(modules);
  modules._resolveFilename = (specifier, parent, ...more) =>
    keptFile(specifier, parent?.filename, resolveBuiltIn) ??
      installedFile(specifier, parent?.filename) ?? resolveBuiltIn(specifier, parent, ...more);
}

/** Where the code is kept that was loaded last: an ES module of a package may ask for CommonJS code by `createRequire`. */
let lastRoot: string | undefined;

/**
 * The file among the kept code (see kept_code.ts) that is meant by what asks from it, or for it. What is not kept, such as
 * an add-on, is loaded from where it is installed. Undefined for all that has nothing to do with it.
 */
function keptFile(
  specifier: string,
  from: string | undefined,
  resolve: (specifier: string, parent: undefined) => string,
): string | undefined {
  const asked = keptParts(specifier);
  const asking = from === undefined ? undefined : keptParts(from);
  if (asked) lastRoot = asked.root;
  const root = asked?.root ?? asking?.root ?? (from?.includes("/node_modules/") ? lastRoot : undefined);
  const original = asking?.original ?? from;
  if (root === undefined || original === undefined) return undefined;
  const place = asked?.original ?? specifier;
  if (/^(?:\/|\.{1,2}(?:\/|$))/.test(place)) {
    const path = isAbsolute(place) ? place : join(dirname(original), place);
    return firstFound([join(root, path), path].map((each) => () => resolve(each, undefined)));
  }
  if (!isPackage(place) && !place.startsWith("#")) return undefined;
  const inPackage = (file: string) => {
    const found = resolveIn(file, place, "require");
    return found.kind === "address" ? found.address : realpathSync(found.path);
  };
  return firstFound([
    () => inPackage(join(root, original)),
    // Of an ES module the package is not kept, but what it asks for may be.
    () =>
      realpathSync(
        resolvePackage(place, foldersAbove(dirname(join(root, original))), "require", { place: original }),
      ),
    () => inPackage(original),
  ]);
}

function firstFound(tries: readonly (() => string)[]): string | undefined {
  for (const each of tries) {
    try {
      return each();
    } catch {
      // The next one may find it; where none does, the runtime says so in the way that packages know.
    }
  }
  return undefined;
}

/**
 * The file of a package that one in `node_modules` requires. The runtime itself would take one of Carillon's own packages
 * of the same name, and an ES module where one is offered to `require` as well ("module-sync").
 */
function installedFile(specifier: string, from: string | undefined): string | undefined {
  if (from === undefined || !from.includes("/node_modules/") || !isPackage(specifier)) return undefined;
  try {
    const found = resolveIn(from, specifier, "require");
    return found.kind === "file" ? realpathSync(found.path) : undefined;
  } catch {
    // Not there: the runtime says so in the way that packages know.
    return undefined;
  }
}

/** @throws Error for an add-on whose loading would end the process: "symbol lookup error" */
function refuseForeign(file: string): void {
  const bytes = readFileSync(file);
  if (!bytes.includes(V8_SYMBOL) || bytes.includes(NODE_API_SYMBOL)) return;
  const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(file)?.[1] ?? file;
  throw new Error(
    `the package ${name} has a native add-on (${file}) made for V8 inside Node.js, which cannot be loaded here; use a package without one, or one whose add-on uses Node-API`,
  );
}

/** What a process has that changes nothing. */
const USUAL_UMASK = 0o022;

/** In a sandbox: packages ask for the umask as they are loaded, which is no reason to refuse them. */
export function answerUmask(): void {
  const { umask } = process;
  process.umask = ((mask) => mask === undefined ? USUAL_UMASK : umask(mask)) as typeof process.umask;
}

const types = new Map<string, string>();

/** `type` of the nearest package.json. */
function typeOf(folder: string): string {
  const known = types.get(folder);
  if (known !== undefined) return known;
  const file = join(folder, "package.json");
  const type = isThere(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as { readonly type?: string }).type ?? "commonjs"
    : dirname(folder) === folder
    ? "commonjs"
    : typeOf(dirname(folder));
  types.set(folder, type);
  return type;
}
