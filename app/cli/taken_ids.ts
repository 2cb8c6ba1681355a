/** Ids that tasks of the folder have already, as far as that can be told without loading them. */
import { isTaskFile, mayHaveTasks, readSources, taskIdOf } from "../task/source.ts";

const OWN_ID = /\bid:\s*(["'`])([^"'`$\n]+)\1/g;

/** The file of each id, relative to the folder. None where there is no such folder. */
export async function takenIds(tasks: string): Promise<ReadonlyMap<string, string>> {
  const taken = new Map<string, string>();
  let files;
  try {
    ({ files } = await readSources(tasks));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return taken;
    throw error;
  }
  for (const file of files.values()) {
    if (!isTaskFile(file.path) || !mayHaveTasks(file, files)) continue;
    for (const [, , id = ""] of file.code.matchAll(OWN_ID)) taken.set(id, file.path);
    if (file.hasDefaultExport) taken.set(taskIdOf(file.path), file.path);
  }
  return taken;
}
