/** A folder as it was at a commit, written to a temporary one. */
import { messageOf } from "../base/errors.ts";
import { UsageError } from "./errors.ts";

export interface PastFolder extends AsyncDisposable {
  readonly path: string;
}

/** How long git may take. */
const LIMIT_MS = 60_000;

/**
 * The folder as it was at a commit; empty where it was not there then.
 *
 * @param ref whatever git takes as a commit: a branch, a tag, `HEAD~3`
 * @throws UsageError where the folder is in no repository, or there is no such commit
 */
export async function folderAt(folder: string, ref: string): Promise<PastFolder> {
  const words = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`];
  const commit = await git(
    folder,
    words,
    () => new UsageError(`"${ref}" is no folder, and no commit of the git repository that ${folder} is in`),
  );
  const path = await Deno.makeTempDir({ prefix: "carillon-diff-" });
  const remove = async () => await Deno.remove(path, { recursive: true });
  try {
    await unpack(folder, text(commit).trim(), path);
    return { path, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function unpack(folder: string, commit: string, target: string): Promise<void> {
  const listed = text(await git(folder, ["ls-tree", "--name-only", commit, "--", "."]));
  if (listed.trim() === "") return;
  const archive = await git(folder, ["archive", "--format=tar", commit, "--", "."]);
  await run("tar", ["-xf", "-", "-C", target], archive);
}

function git(folder: string, words: readonly string[], refusal?: () => UsageError): Promise<Uint8Array> {
  return run("git", ["-C", folder, ...words], undefined, refusal);
}

/** Runs a program to its end; the answer is what it wrote. */
async function run(
  program: string,
  args: readonly string[],
  input?: Uint8Array,
  refusal?: () => UsageError,
): Promise<Uint8Array> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args: [...args],
      stdin: input ? "piped" : "null",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(LIMIT_MS),
    }).spawn();
  } catch (cause) {
    throw new UsageError(`${program} cannot be started: ${messageOf(cause)}`, { cause });
  }
  const output = child.output();
  if (input) {
    const writer = child.stdin.getWriter();
    await writer.write(input);
    await writer.close();
  }
  const { success, stdout, stderr } = await output;
  if (success) return stdout;
  throw refusal?.() ?? new UsageError(`${program} ${args.join(" ")}: ${text(stderr).trim() || "failed"}`);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
