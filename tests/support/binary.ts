/** The real executable in a folder of its own, on a free port of the loopback interface. */
import { makeFolder, type TestFolder } from "./folder.ts";

const BINARY = Deno.env.get("CARILLON_BINARY") ?? new URL("../../dist/carillon", import.meta.url).pathname;

export interface BinaryRun extends AsyncDisposable {
  readonly address: string;
  readonly folder: TestFolder;
  readonly pid: number;
  /** What it has logged so far. */
  log(): string;
  /** Waits until the log has a text. */
  logged(text: string | RegExp): Promise<void>;
  /** Waits until it logs something more. */
  news(): Promise<void>;
  /** Sends a signal and waits for the end. */
  end(signal: Deno.Signal): Promise<Deno.CommandStatus>;
}

/** True where the executable is there; what to do otherwise is said once. Under CI=true it must be there. */
export function hasBinary(): boolean {
  try {
    return Deno.statSync(BINARY).isFile;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound) || Deno.env.get("CI") === "true") throw error;
    return false;
  }
}

/** How much of the executable is not the runtime. It ends in u32 magic, u32 hash, u64 length of that, little endian. */
export function addedBytes(): number {
  using file = Deno.openSync(BINARY);
  const trailer = new Uint8Array(16);
  file.seekSync(-trailer.length, Deno.SeekMode.End);
  file.readSync(trailer);
  return Number(new DataView(trailer.buffer).getBigUint64(8, true));
}

export interface CommandOptions {
  /** What `ulimit -n` allows it. */
  readonly openFiles?: number | undefined;
  /** Done while it goes on. */
  readonly onSpawn?: (pid: number) => Promise<void>;
}

/** The executable, and what comes before its arguments, where it may have so many files open. */
function limited(openFiles: number | undefined): readonly [string, readonly string[]] {
  return openFiles === undefined ? [BINARY, []] : ["prlimit", [`--nofile=${openFiles}`, BINARY]];
}

/** Runs a command of the executable to its end. */
export async function runBinary(
  args: readonly string[],
  cwd: string,
  input = "",
  { openFiles, onSpawn }: CommandOptions = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const [command, before] = limited(openFiles);
  const child = new Deno.Command(command, {
    args: [...before, ...args],
    cwd,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  await onSpawn?.(child.pid);
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await output;
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Starts the executable in a folder with the given files. */
export async function startBinary(
  files: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
  options: BinaryOptions = {},
): Promise<BinaryRun> {
  const folder = makeFolder(files);
  return await startBinaryIn(folder, args, {}, options);
}

export interface BinaryOptions {
  /** What `ulimit -n` allows it. */
  readonly openFiles?: number | undefined;
  /** What it logs once it listens. */
  readonly listens?: RegExp;
}

export async function startBinaryIn(
  folder: TestFolder,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  { openFiles, listens = /listens on http:\/\/\S+/ }: BinaryOptions = {},
): Promise<BinaryRun> {
  const [command, before] = limited(openFiles);
  const child = new Deno.Command(command, {
    args: [...before, "serve", "--port=0", "--timezone=UTC", ...args],
    cwd: folder.path,
    env,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let log = "";
  let told = Promise.withResolvers<void>();
  let ended = false;
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      log += text;
      told.resolve();
      told = Promise.withResolvers();
    }
    ended = true;
    told.resolve();
  })();
  const logged = async (text: string | RegExp) => {
    while (!(typeof text === "string" ? log.includes(text) : text.test(log))) {
      if (ended) throw new Error(`the executable ended without logging ${text}:\n${log}`);
      await told.promise;
    }
  };
  const end = async (signal: Deno.Signal) => {
    if (!ended) child.kill(signal);
    const status = await child.status;
    await reading;
    return status;
  };
  await logged(listens);
  const port = /listens on http:\/\/[^\s:]+:(\d+)/.exec(log)?.[1] ?? "";
  return {
    address: `http://localhost:${port}`,
    folder,
    pid: child.pid,
    log: () => log,
    logged,
    async news() {
      if (ended) throw new Error(`the executable ended:\n${log}`);
      await told.promise;
    },
    end,
    async [Symbol.asyncDispose]() {
      await end("SIGKILL");
      await folder[Symbol.asyncDispose]();
    },
  };
}
