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
import { ownMap } from "./own_map.ts";

const OUTPUT = "dist/bundle";
const ROOT = new URL("../", import.meta.url).pathname;

/** What {@link bundle} has made; paths are relative to `folder`. */
export interface Bundle {
  readonly folder: string;
  /** Settings for `deno compile`: where `carillon` is. */
  readonly config: string;
  readonly main: string;
  /** All files but `main`. */
  readonly included: readonly string[];
}

/**
 * Bundles the program with the Deno that runs this.
 *
 * @param entries what is started or imported by its address: `main.ts` first, paths in this repository
 * @param sdk that of the entries which task files import as `carillon`
 */
export async function bundle(entries: readonly string[], sdk: string): Promise<Bundle> {
  await removeFolder(OUTPUT);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--frozen",
      "--platform=deno",
      "--code-splitting",
      "--sourcemap=external",
      `--outdir=${OUTPUT}`,
      ...entries,
    ],
    cwd: ROOT,
  }).spawn().status;
  if (!success) throw new Error("deno bundle failed");
  const files = filesBelow(join(ROOT, OUTPUT)).filter((file) => file.endsWith(".js"));
  for (const file of files) await finish(file, entries);
  await stop();
  const manifest = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  const settings = {
    version: manifest.version,
    unstable: manifest.unstable,
    imports: { carillon: `./${bundled(sdk)}` },
  };
  await Deno.writeTextFile(join(ROOT, OUTPUT, "deno.json"), JSON.stringify(settings));
  const main = bundled(entries[0] ?? "");
  const paths = files.map((file) => relative(join(ROOT, OUTPUT), file));
  return {
    folder: join(ROOT, OUTPUT),
    config: "deno.json",
    main,
    included: paths.filter((path) => path !== main),
  };
}

/**
 * Puts the bundle's addresses in place of the sources', takes out blanks and comments, but no name and no license, and
 * leaves the part of the map that is about our own files.
 */
async function finish(file: string, entries: readonly string[]): Promise<void> {
  const code = packWasm(pointToBundle(namePackages(await Deno.readTextFile(file)), file, entries));
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

/** `new URL("./sandbox_main.ts", import.meta.url)` in the sources is the address of a file of the bundle. */
function pointToBundle(code: string, file: string, entries: readonly string[]): string {
  return code.replaceAll(/new URL\("([^"]+\.ts)", import\.meta\.url\)/g, (whole, address: string) => {
    const name = address.replace(/^(?:\.\.?\/)+/, "");
    const entry = entries.find((each) => each === name || each.endsWith(`/${name}`));
    if (!entry) {
      throw new Error(`${file}: ${whole} names no entry point; add it to ENTRY_POINTS of scripts/compile.ts`);
    }
    const target = relative(dirname(file), join(ROOT, OUTPUT, bundled(entry)));
    return `new URL("./${target}", import.meta.url)`;
  });
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

function bundled(entry: string): string {
  return entry.replace(/\.ts$/, ".js");
}

function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(join(folder, name)) : [join(folder, name)]
  );
}

async function removeFolder(folder: string): Promise<void> {
  try {
    await Deno.remove(join(ROOT, folder), { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
