/**
 * Makes `dist/carillon`, one executable with everything in it.
 *
 * By default with the Deno that runs this and its own download of the runtime stub. With `--stub`, for places that
 * cannot reach that download, with the stub of `scripts/denort.ts` and the Deno it belongs to, both from npm.
 */
import { runtimeLock } from "./runtime_lock.ts";
import { denort, DENORT_VERSION } from "./denort.ts";

const OUTPUT = "dist/carillon";
const LOCK = "dist/deno.lock";
/** Started by their address and imported by nobody, so the compiler does not find them by itself. */
const INCLUDED = ["app/run/worker_main.ts", "app/run/sandbox_main.ts", "app/sdk.ts"];

await Deno.mkdir("dist", { recursive: true });
await Deno.writeTextFile(LOCK, JSON.stringify(runtimeLock(JSON.parse(await Deno.readTextFile("deno.lock")))));

const compile = [
  "compile",
  "--allow-all",
  "--no-check",
  `--lock=${LOCK}`,
  "--frozen",
  ...INCLUDED.map((file) => `--include=${file}`),
  `--output=${OUTPUT}`,
  "main.ts",
];
const withStub = Deno.args.includes("--stub");
const [command, args] = withStub
  ? ["npx", ["-y", `deno@${DENORT_VERSION}`, ...compile]]
  : [Deno.execPath(), compile];
const { code } = await new Deno.Command(command, {
  args,
  env: withStub ? { DENORT_BIN: await denort(), DENO_TLS_CA_STORE: "system" } : {},
}).output().then((result) => {
  Deno.stderr.writeSync(result.stderr);
  return result;
});
if (code === 0) {
  const { size } = await Deno.stat(OUTPUT);
  Deno.stdout.writeSync(new TextEncoder().encode(`${OUTPUT}: ${(size / 1e6).toFixed(1)} MB\n`));
}
Deno.exit(code);
