/** The program as tests start it: bundled once for a state of the sources, which starts in two thirds of the time. */
import { join } from "node:path";
import { HOST_COMMAND, type HostCommand } from "../../app/worker/host_command.ts";
import { bundleAsItIs, ROOT } from "../../scripts/deno_bundle.ts";
import { madeOnce } from "./made_once.ts";

/** What no part of the program comes from. */
const OTHERS = /^(?:\..*|bench|data|dist|docs|node_modules|tests)$/;

const folder = await madeOnce("program", stateOfSources(), bundleAsItIs);

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

/** Another text where a file was changed, came or went, or is read by another Deno. */
function stateOfSources(): string {
  const facts: string[] = [Deno.version.deno];
  const look = (path: string) => {
    const { isDirectory, mtime, size } = Deno.statSync(path);
    if (!isDirectory) return facts.push(`${path} ${mtime?.getTime()} ${size}`);
    for (const { name } of Deno.readDirSync(path)) if (!OTHERS.test(name)) look(join(path, name));
  };
  look(ROOT);
  return facts.sort().join("\n");
}
