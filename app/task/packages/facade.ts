/** An ES module that stands for a CommonJS one: its default export is `module.exports`, and each name of it an export. */
import { initSync, parse } from "cjs-module-lexer";
import { readFileSync } from "node:fs";
import { isPackage, resolveIn } from "./resolve.ts";

/** Modules that hand on the exports of others, one behind the other; more is a circle. */
const MOST_REEXPORTS = 500;

let ready = false;

/**
 * The names that a CommonJS module exports, as far as they can be seen without running it (Node.js does the same).
 * What cannot be read has none: loading it says why.
 */
export function commonJsNames(file: string): string[] {
  if (!ready) initSync();
  ready = true;
  const names = new Set<string>();
  const files = [file];
  for (let at = 0; at < files.length && at < MOST_REEXPORTS; at++) {
    const each = files[at] ?? "";
    const { exports, reexports } = lexed(each);
    for (const name of exports) names.add(name);
    for (const target of reexports) {
      const path = reexported(each, target);
      if (path !== undefined && !files.includes(path)) files.push(path);
    }
  }
  names.delete("default");
  return [...names].filter((name) => name.isWellFormed());
}

/**
 * @param file what is loaded; see {@link KeptCode}
 * @param runtime address of {@link RUNTIME}
 */
export function facadeOf(file: string, names: readonly string[], runtime: string): string {
  const text = JSON.stringify;
  const named = names.map((name, i) =>
    `const $${i} = $get(${text(name)}); export { $${i} as ${text(name)} };\n`
  );
  return `import { load } from ${text(runtime)};
const $exports = load(${text(file)});
const $get = (name) => $exports === undefined || $exports === null ? undefined : $exports[name];
export default $exports;
${named.join("")}`;
}

/** A module that all copies and facades import: `require` of files on the disk, and `import.meta` of the original. */
export const RUNTIME = `import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
export function load(file) {
  return createRequire(file)(file);
}
export function metaOf(url) {
  const filename = fileURLToPath(url);
  const resolve = (specifier) => /^\\.{0,2}\\//.test(specifier)
    ? new URL(specifier, url).href
    : /^[a-z]+:/i.test(specifier) ? specifier : pathToFileURL(createRequire(url).resolve(specifier)).href;
  return { __proto__: null, url, filename, dirname: dirname(filename), main: false, resolve };
}
`;

function lexed(file: string): { readonly exports: readonly string[]; readonly reexports: readonly string[] } {
  const none = { exports: [], reexports: [] };
  if (!/\.c?js$/.test(file)) return none;
  try {
    return parse(readFileSync(file, "utf8"), file);
  } catch {
    // Loading it says what is wrong with it, or it is more than the lexer understands.
    return none;
  }
}

function reexported(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".") && !isPackage(specifier)) return undefined;
  try {
    const found = resolveIn(file, specifier, "require");
    return found.kind === "file" ? found.path : undefined;
  } catch {
    // An optional package, say.
    return undefined;
  }
}
