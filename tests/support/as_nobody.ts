/** Reads a task folder as a user who may not read all of it, and writes what was found. Called by a test that runs as root. */
import process from "node:process";
import { readSources } from "../../app/task/source.ts";
import { stateOf } from "../../app/task/folder_state.ts";

const NOBODY = 65_534;
const [folder = ""] = Deno.args;
process.setegid?.(NOBODY);
process.seteuid?.(NOBODY);
const { files, problems, badFolders } = await readSources(folder);
const { folders } = await stateOf(folder);
Deno.stdout.writeSync(
  new TextEncoder().encode(JSON.stringify({ files: [...files.keys()], problems, badFolders, folders })),
);
