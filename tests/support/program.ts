/** The program as tests start it: bundled once for a state of the sources, which starts in two thirds of the time. */
import { join } from "node:path";
import { HOST_COMMAND, type HostCommand } from "../../app/worker/host_command.ts";
import { bundleAsItIs, removeFolder, ROOT } from "../../scripts/deno_bundle.ts";

const BUNDLES = join(ROOT, "dist/tests");
/** What no part of the program comes from. */
const OTHERS = /^(?:\..*|bench|data|dist|docs|node_modules|tests)$/;
/** Bundles of other states are left for so long: tests of such a state may be going on. */
const KEPT_MS = 3_600_000;

const folder = await bundledProgram();

/** Arguments of Deno that start the program; those of the program follow. */
export const PROGRAM: readonly string[] = [
  "run",
  "--allow-all",
  "--quiet",
  `--config=${join(folder, "deno.json")}`,
  join(folder, "main.js"),
];

export const bundledHost: HostCommand = (socketPath) => ({
  command: Deno.execPath(),
  args: [...PROGRAM, HOST_COMMAND, socketPath],
});

/** Answers with the folder of the bundle; of those that ask at the same time the first makes it. */
async function bundledProgram(): Promise<string> {
  const path = join(BUNDLES, await stateOfSources());
  if (isThere(path)) return path;
  Deno.mkdirSync(BUNDLES, { recursive: true });
  using lock = await Deno.open(join(BUNDLES, "lock"), { create: true, write: true });
  await lock.lock(true);
  if (isThere(path)) return path;
  await removeOld();
  const draft = `${path}.new`;
  await removeFolder(draft);
  await bundleAsItIs(draft);
  Deno.renameSync(draft, path);
  return path;
}

/** Another text where a file was changed, came or went, or is read by another Deno. */
async function stateOfSources(): Promise<string> {
  const facts: string[] = [Deno.version.deno];
  const look = (path: string) => {
    const { isDirectory, mtime, size } = Deno.statSync(path);
    if (!isDirectory) return facts.push(`${path} ${mtime?.getTime()} ${size}`);
    for (const { name } of Deno.readDirSync(path)) if (!OTHERS.test(name)) look(join(path, name));
  };
  look(ROOT);
  const bytes = new TextEncoder().encode(facts.sort().join("\n"));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 20);
}

async function removeOld(): Promise<void> {
  for (const { name, isDirectory } of Deno.readDirSync(BUNDLES)) {
    const path = join(BUNDLES, name);
    const { mtime } = Deno.statSync(path);
    if (isDirectory && Date.now() - (mtime?.getTime() ?? 0) > KEPT_MS) await removeFolder(path);
  }
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
