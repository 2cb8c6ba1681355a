/**
 * The runtime stub that `deno compile` puts before the program, for places where Deno's own download cannot be reached.
 *
 * A program that was compiled with the same Deno holds the stub: its file ends in 16 bytes, little endian, u32 magic,
 * u32 hash of a name, u64 length of what was appended; without the appended part it is the stub. The npm package
 * `@stdy/cli-linux-x64` is such a program. The stub's SHA-256 is checked, so nothing else can come of it.
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";

/** The Deno whose stub this is; no other one accepts it. */
export const DENORT_VERSION = "2.7.11";
const DENORT_SHA256 = "f12d5d3886d5ea138304fb8d67d7396cfbedf53656676132152cb89f3fa4d8e6";
/** Arguments of `npx` and the environment that compile with the stub. @param more those of `deno compile` that differ */
export async function stubCompile(
  more: readonly string[],
): Promise<{ args: string[]; env: Record<string, string> }> {
  return {
    args: ["-y", `deno@${DENORT_VERSION}`, ...compileArguments(more)],
    env: { DENORT_BIN: await denort(), DENO_TLS_CA_STORE: "system" },
  };
}

/** Of a bundle, which holds all that it needs. */
export function compileArguments(more: readonly string[]): string[] {
  return ["compile", "--allow-all", "--no-check", "--no-lock", "--no-npm", "--no-remote", ...more];
}

const PACKAGE = "@stdy/cli-linux-x64@0.22.2";
const TRAILER_BYTES = 16;
const TRAILER_MAGIC = 0x501e;

/** Path of the stub; fetched through npm into the cache folder unless it is there already. */
export async function denort(): Promise<string> {
  if (Deno.build.target !== "x86_64-unknown-linux-gnu") {
    throw new Error(`the stub is for x86_64 Linux; on ${Deno.build.target} use Deno's own download`);
  }
  const cached = join(cacheFolder(), `denort-${DENORT_VERSION}`);
  if (await hasRightHash(cached)) return cached;
  const stub = stubOf(await Deno.readFile(await packageProgram()));
  if (sha256(stub) !== DENORT_SHA256) {
    throw new Error(`${PACKAGE} does not hold the stub: its SHA-256 is ${sha256(stub)}`);
  }
  await Deno.mkdir(dirname(cached), { recursive: true });
  const draft = `${cached}.${Deno.pid}`;
  await Deno.writeFile(draft, stub, { mode: 0o755 });
  await Deno.rename(draft, cached);
  return cached;
}

/** Cuts what was appended off a compiled program. */
export function stubOf(program: Uint8Array): Uint8Array {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const trailer = program.byteLength - TRAILER_BYTES;
  if (trailer < 0 || view.getUint32(trailer, true) !== TRAILER_MAGIC) {
    throw new Error("not a program that was compiled with Deno: it does not end in its trailer");
  }
  const appended = Number(view.getBigUint64(trailer + 8, true));
  if (appended > program.byteLength) throw new Error("the trailer speaks of more bytes than the program has");
  return program.subarray(0, program.byteLength - appended);
}

/** Unpacks the package into a temporary folder and answers with the path of the one large program in it. */
async function packageProgram(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "denort-" });
  await run("npm", ["pack", "--silent", PACKAGE], folder);
  const archive = [...Deno.readDirSync(folder)].find(({ name }) => name.endsWith(".tgz"));
  if (!archive) throw new Error(`npm brought no archive of ${PACKAGE}`);
  await run("tar", ["xzf", archive.name], folder);
  const largest = filesBelow(join(folder, "package")).sort((a, b) => b.size - a.size)[0];
  if (!largest) throw new Error(`${PACKAGE} is empty`);
  return largest.path;
}

function filesBelow(folder: string): { path: string; size: number }[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    return isDirectory ? filesBelow(path) : [{ path, size: Deno.statSync(path).size }];
  });
}

async function run(command: string, args: string[], cwd: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args, cwd, stdout: "null", stderr: "piped" })
    .output();
  if (!success) throw new Error(`${command} ${args.join(" ")} failed: ${new TextDecoder().decode(stderr)}`);
}

async function hasRightHash(path: string): Promise<boolean> {
  try {
    return sha256(await Deno.readFile(path)) === DENORT_SHA256;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function cacheFolder(): string {
  const base = Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? "/tmp", ".cache");
  return join(base, "carillon");
}

if (import.meta.main) {
  await Deno.stdout.write(new TextEncoder().encode(`${await denort()}\n`));
}
