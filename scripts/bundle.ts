/**
 * Makes `dist/bundle`, the program as a few files of JavaScript: what `deno compile` puts into the executable.
 *
 * Packages come in as the code that is used of them and not as folders, which is a fifth of their size and starts in
 * less than half the time. What is loaded on demand (a driver, a command) is a file of its own.
 */
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
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
  await bundleInto(folder, "--sourcemap=external");
  const files = scriptsBelow(folder);
  for (const file of files) await finish(file);
  await stop();
  const { version, unstable } = await manifest();
  await writeSettings(folder, { version, unstable });
  const main = bundled("main.ts");
  const paths = files.map((file) => relative(folder, file));
  return { folder, config: "deno.json", main, included: paths.filter((path) => path !== main) };
}

/**
 * Puts the bundle's addresses in place of the sources', takes out blanks and comments, but no name and no license, and
 * leaves the part of the map that is about our own files.
 */
async function finish(file: string): Promise<void> {
  const code = packWasm(
    pointToBundle(namePackages(await Deno.readTextFile(file)), file, join(ROOT, OUTPUT)),
  );
  const whole = await Deno.readTextFile(`${file}.map`);
  const small = await transform(`${code}${inline(whole)}`, {
    minifyWhitespace: true,
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

/** WebAssembly that a package holds as base64 takes a third of its size when it is compressed; it is on the first line. */
function packWasm(code: string): string {
  const packed = code.replaceAll(
    /(\w+)\.from\("(AGFzb[A-Za-z\d+/=]+)",\s*"base64"\)/g,
    (_, buffer: string, text: string) => {
      const bytes = gzipSync(Buffer.from(text, "base64"), { level: 9 });
      return `unpackWasm(${buffer}.from("${bytes.toString("base64")}", "base64"))`;
    },
  );
  return packed === code ? code : `import { gunzipSync as unpackWasm } from "node:zlib"; ${packed}`;
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
