/** The folder that the sockets of task hosts are in: in the system's folder for what is temporary, as a socket's path is short. */
import { dirname, join } from "node:path";
import process from "node:process";
import { OperatorError } from "../base/errors.ts";
import { systemReason } from "../base/system_error.ts";
import { processFacts } from "./processes.ts";

const FOLDER_PREFIX = "carillon-hosts-";
/** A socket's path has 107 bytes at the most (unix(7)); what stands behind the folder takes some. */
const MAX_FOLDER_BYTES = 90;
const FOLDER_NAME = /^carillon-hosts-(\d+)-/;

/** Makes the folder of this Carillon. @throws OperatorError where the system's folder for what is temporary cannot be used */
export function makeSocketFolder(): string {
  const remedy = "set TMPDIR to a folder that can be written and has a short path";
  let folder: string;
  try {
    folder = Deno.makeTempDirSync({ prefix: `${FOLDER_PREFIX}${process.pid}-` });
  } catch (cause) {
    const place = Deno.env.get("TMPDIR") ?? "/tmp";
    throw new OperatorError(
      `no folder for the sockets of task hosts can be made in ${place}: ${systemReason(cause)}; ${remedy}`,
      { cause },
    );
  }
  if (new TextEncoder().encode(folder).length <= MAX_FOLDER_BYTES) return folder;
  Deno.removeSync(folder);
  throw new OperatorError(
    `the path ${folder} is too long: sockets of task hosts are in it, and the system takes ${MAX_FOLDER_BYTES} bytes; ${remedy}`,
  );
}

/** Removes the folders of sockets that Carillons which were killed have left behind. Never rejects. */
export async function clearFolders(folder: string): Promise<void> {
  const all = dirname(folder);
  for (const name of namesIn(all)) {
    const [, pid] = FOLDER_NAME.exec(name) ?? [];
    if (pid === undefined || processFacts(Number(pid)) !== undefined) continue;
    try {
      await Deno.remove(join(all, name), { recursive: true });
    } catch {
      // Another user's: theirs to clear away.
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    // It may be written to and not read, or is gone by now: what is in it stays.
    return [];
  }
}

export async function removeFolder(folder: string): Promise<void> {
  try {
    await Deno.remove(folder, { recursive: true });
  } catch (error) {
    // Whoever tidies up temporary files came first.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
