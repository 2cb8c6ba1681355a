/**
 * Makes `dist/bundle`, the program as a few files of JavaScript: what `deno compile` puts into the executable.
 *
 * Packages come in as the code that is used of them and not as folders, which is a fifth of their size and starts in
 * less than half the time. What is loaded on demand (a driver, a command) is a file of its own.
 */
import { Buffer } from "node:buffer";
import { brotliCompressSync, constants } from "node:zlib";
import { stop, transform } from "npm:esbuild@0.28.2";
import { dirname, join, relative } from "node:path";
import {
  bundled,
  bundleInto,
  manifest,
  pointToBundle,
  removeFolder,
  ROOT,
  scriptsBelow,
  writeSettings,
} from "./deno_bundle.ts";
import { ownMap } from "./own_map.ts";

const OUTPUT = "dist/bundle";

/** What {@link bundle} has made; paths are relative to `folder`. */
export interface Bundle {
  readonly folder: string;
  /** Settings for `deno compile`: where `carillon` is. */
  readonly config: string;
  readonly main: string;
  /** All files but `main`. */
  readonly included: readonly string[];
}

/** Bundles the program for the executable, with the Deno that runs this. */
export async function bundle(): Promise<Bundle> {
  const folder = join(ROOT, OUTPUT);
  await removeFolder(folder);
  await bundleInto(folder, WITH_MAPS);
  const files = await shrink(folder);
  const { version, unstable } = await manifest();
  await writeSettings(folder, { version, unstable });
  const main = bundled("main.ts");
  const paths = files.map((file) => relative(folder, file));
  return { folder, config: "deno.json", main, included: paths.filter((path) => path !== main) };
}

/** The argument of `deno bundle` that {@link shrink} needs. */
export const WITH_MAPS = "--sourcemap=external";

/**
 * Makes the files of a bundle as small as they come into the executable: every process reads all of it when it starts.
 *
 * @returns the files
 */
export async function shrink(folder: string): Promise<string[]> {
  const files = scriptsBelow(folder);
  let cloudLogins = 0;
  for (const file of files) {
    const code = pointToBundle(namePackages(await Deno.readTextFile(file)), file, folder);
    const without = withoutCloudLogin(code);
    if (without !== code) cloudLogins++;
    await minify(file, packTexts(without));
  }
  await stop();
  if (cloudLogins !== 1) {
    throw new Error(`${folder}: the SQL Server driver loads its cloud login in another way`);
  }
  return files;
}

/** Takes out blanks and comments, but no name and no license, and leaves the part of the map that is about our own files. */
async function minify(file: string, code: string): Promise<void> {
  const whole = await Deno.readTextFile(`${file}.map`);
  const small = await transform(`${code}${inline(whole)}`, {
    format: "esm",
    minifyWhitespace: true,
    minifySyntax: true,
    treeShaking: true,
    sourcemap: "external",
    sourcesContent: false,
  });
  const map = ownMap(small.map, (source) => ownPath(join(dirname(file), source)));
  await Deno.remove(`${file}.map`);
  await Deno.writeTextFile(file, `${small.code}${map === undefined ? "" : inline(map)}`);
}

/** Where a module of ours lies in the repository; undefined for one of a package, wherever the packages are kept. */
function ownPath(path: string): string | undefined {
  const below = relative(ROOT, path);
  return /^\.\.|(?:^|\/)(?:npm|node_modules)\//.test(below) ? undefined : below;
}

/** In characters: a text this long is compressed. */
const LONG_TEXT = 65_536;

/** Compresses the WebAssembly and the long texts of a file: they are unpacked when the file is loaded. */
function packTexts(code: string): string {
  const packed = code.replaceAll(
    /(\w+)\.from\("(AGFzb[A-Za-z\d+/=]+)",\s*"base64"\)/g,
    (_, buffer: string, text: string) =>
      `unpackText(${buffer}.from("${compressed(Buffer.from(text, "base64"))}", "base64"))`,
  ).replaceAll(
    /^(var \w+ = )("(?:[^"\\\n]|\\.)*");$/gm,
    (whole, start: string, literal: string) =>
      literal.length < LONG_TEXT
        ? whole
        : `${start}unpackText(Uint8Array.fromBase64("${
          compressed(Buffer.from(JSON.parse(literal)))
        }")).toString();`,
  );
  return packed === code ? code : `import { brotliDecompressSync as unpackText } from "node:zlib"; ${packed}`;
}

function compressed(bytes: Uint8Array): string {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } })
    .toString("base64");
}

/**
 * Leaves out what the SQL Server driver loads to sign in at a cloud: no setting of ours asks for it, and it is larger than
 * the driver. The minifier takes out what only that needs, once it is told that a module is nothing until it is asked for.
 */
function withoutCloudLogin(code: string): string {
  const without = code.replaceAll(/var (_identity|_coreAuth) = require_\w+\(\);/g, "var $1 = {};");
  if (without === code) return code;
  return without.replaceAll(/^(var require_\w+ = )(__commonJS\w*\()/gm, "$1/* @__PURE__ */ $2");
}

/** The bundler names modules of packages by where this machine keeps them. */
function namePackages(code: string): string {
  return code.replaceAll(
    /(?:\.\.\/)+[^"'\n]*?\/npm\/[^/\n]+\//g,
    "npm/",
  );
}

function inline(map: string): string {
  return `\n//# sourceMappingURL=data:application/json;base64,${new TextEncoder().encode(map).toBase64()}\n`;
}
