/** What `deno bundle` makes of the program, as it is: the first step of the executable, and what the tests start. */
import { dirname, join, relative } from "node:path";

/** The module that task files import as `carillon`. */
const SDK = "app/sdk/carillon.ts";
const SANDBOX = "app/worker/sandbox_main.ts";
/** The program, the sandbox of a host, and what task files import: started or imported by address. */
const ENTRY_POINTS: readonly string[] = ["main.ts", SANDBOX, SDK];
export const ROOT = new URL("../", import.meta.url).pathname;

/**
 * Bundles the program to be started by `deno run` with the bundle's own `deno.json`, in about a third of the time that
 * `bundle` takes. Drivers and commands are not even read before they are needed.
 */
export async function bundleAsItIs(folder: string): Promise<void> {
  await bundleInto(folder);
  for (const file of scriptsBelow(folder)) {
    await Deno.writeTextFile(file, pointToBundle(await Deno.readTextFile(file), file, folder));
  }
  // The sources import it by its own name: later the task's permissions would keep it from being read.
  const sandbox = join(folder, bundled(SANDBOX));
  const sdk = relative(dirname(sandbox), join(folder, bundled(SDK)));
  await Deno.writeTextFile(sandbox, `import "${sdk}";\n${await Deno.readTextFile(sandbox)}`);
  const { version, unstable } = await manifest();
  await writeSettings(folder, { version, unstable: [...unstable, "lazy-dynamic-imports"] });
}

export async function bundleInto(folder: string, ...more: readonly string[]): Promise<void> {
  await bundleEntries(ENTRY_POINTS, folder, ...more);
}

/** @param entries files of the repository, each a file of its own in the bundle; @param more arguments of `deno bundle` */
export async function bundleEntries(
  entries: readonly string[],
  folder: string,
  ...more: readonly string[]
): Promise<void> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--frozen",
      "--platform=deno",
      "--code-splitting",
      ...more,
      `--outdir=${folder}`,
      ...entries,
    ],
    cwd: ROOT,
  }).spawn().status;
  if (!success) throw new Error("deno bundle failed");
}

export interface Manifest {
  readonly version: string;
  readonly unstable: readonly string[];
}

export async function manifest(): Promise<Manifest> {
  return JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
}

export async function writeSettings(folder: string, own: Manifest): Promise<void> {
  const settings = { ...own, imports: { carillon: `./${bundled(SDK)}` } };
  await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify(settings));
}

/** `new URL("./sandbox_main.ts", import.meta.url)` in the sources is the address of a file of the bundle. */
export function pointToBundle(code: string, file: string, folder: string): string {
  return code.replaceAll(
    /new URL\("([^"]+\.ts|(?:\.\.?\/)+deno\.json)", import\.meta\.url\)/g,
    (whole, address: string) => {
      const name = address.replace(/^(?:\.\.?\/)+/, "");
      const entry = name === "deno.json"
        ? name
        : ENTRY_POINTS.find((each) => each === name || each.endsWith(`/${name}`));
      if (!entry) {
        throw new Error(
          `${file}: ${whole} names no entry point; add it to ENTRY_POINTS of scripts/deno_bundle.ts`,
        );
      }
      const target = relative(dirname(file), join(folder, bundled(entry)));
      return `new URL("./${target}", import.meta.url)`;
    },
  );
}

export function bundled(entry: string): string {
  return entry.replace(/\.ts$/, ".js");
}

export function scriptsBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    if (isDirectory) return scriptsBelow(path);
    return name.endsWith(".js") ? [path] : [];
  });
}

export async function removeFolder(folder: string): Promise<void> {
  try {
    await Deno.remove(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
