/**
 * Makes `dist/carillon`, one executable with everything in it.
 *
 * By default with the Deno that runs this and its own download of the runtime stub. With `--stub`, for places that
 * cannot reach that download, with the stub of `scripts/denort.ts` and the Deno it belongs to, both from npm.
 */
import { resolve } from "node:path";
import { bundle } from "./bundle.ts";
import { compileArguments, stubCompile } from "./denort.ts";
import { V8_FLAGS } from "./v8_flags.ts";

const OUTPUT = "dist/carillon";

const { folder, config, main, included } = await bundle();
const more = [
  V8_FLAGS,
  `--config=${config}`,
  ...included.map((file) => `--include=${file}`),
  `--output=${resolve(OUTPUT)}`,
  main,
];
const [command, options] = Deno.args.includes("--stub")
  ? ["npx", await stubCompile(more)] as const
  : [Deno.execPath(), { args: compileArguments(more) }] as const;
const { code } = await new Deno.Command(command, { ...options, cwd: folder }).spawn().status;
if (code === 0) {
  const { size } = await Deno.stat(OUTPUT);
  Deno.stdout.writeSync(new TextEncoder().encode(`${OUTPUT}: ${(size / 1e6).toFixed(1)} MB\n`));
}
Deno.exit(code);
