/** Folders that are made once for all test files, in `dist/tests`. */
import { join } from "node:path";
import { removeFolder, ROOT } from "../../scripts/deno_bundle.ts";

const FOLDER = join(ROOT, "dist/tests");
/** What was made of another state is left for so long: tests of such a state may be going on. */
const KEPT_MS = 3_600_000;

/**
 * Answers with a folder; of those that ask for it at the same time the first makes it.
 *
 * @param kind names it in words
 * @param state what it is made of: where that is another one, another folder is made
 * @param make writes the folder, which is not there yet
 */
export async function madeOnce(
  kind: string,
  state: string,
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const path = join(FOLDER, `${kind}-${await shortHash(state)}`);
  if (isThere(path)) return path;
  Deno.mkdirSync(FOLDER, { recursive: true });
  using lock = await Deno.open(join(FOLDER, `${kind}.lock`), { create: true, write: true });
  await lock.lock(true);
  if (isThere(path)) return path;
  await removeOld(`${kind}-`);
  const draft = `${path}.new`;
  await removeFolder(draft);
  await make(draft);
  Deno.renameSync(draft, path);
  return path;
}

async function removeOld(prefix: string): Promise<void> {
  for (const { name } of Deno.readDirSync(FOLDER)) {
    if (!name.startsWith(prefix)) continue;
    const { mtime } = Deno.statSync(join(FOLDER, name));
    if (Date.now() - (mtime?.getTime() ?? 0) > KEPT_MS) await removeFolder(join(FOLDER, name));
  }
}

async function shortHash(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 20);
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
