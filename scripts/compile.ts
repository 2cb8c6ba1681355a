/**
 * Makes `dist/carillon`, one executable with everything in it.
 *
 * By default with the Deno that runs this and its own download of the runtime stub. With `--stub`, for places that
 * cannot reach that download, with the stub of `scripts/denort.ts` and the Deno it belongs to, both from npm.
 */
import { resolve } from "node:path";
import { bundle } from "./bundle.ts";
import { compileArguments, stubCompile } from "./denort.ts";

const OUTPUT = "dist/carillon";

const { folder, config, main, included } = await bundle();
/** Of the young generation of each process, in MB: a quarter of what V8 takes by itself has the shortest pauses and costs nothing. */
const SEMI_SPACE_MB = 4;
/**
 * How much more than what lives a heap may hold until it is cleared up, in percent. By itself V8 lets it come to four
 * times as much on a machine with much memory: the clock looks as if it leaked, and a task is ended for more memory than
 * it needs.
 */
const HEAP_GROWTH_PERCENT = 100;
const V8_FLAGS = [
  `--max-semi-space-size=${SEMI_SPACE_MB}`,
  `--heap-growing-percent=${HEAP_GROWTH_PERCENT}`,
  // What belongs to a run is dead a millisecond later. V8 takes it for long-lived at thousands of runs a second, because
  // their records are, and makes all of it in the old generation: three times as much had to be cleared up there.
  "--no-allocation-site-pretenuring",
];

const more = [
  `--v8-flags=${V8_FLAGS.join(",")}`,
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
