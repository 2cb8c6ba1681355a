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

/** Runs a command of the executable to its end. */
export async function runBinary(
  args: readonly string[],
  cwd: string,
  input = "",
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = new Deno.Command(BINARY, {
    args: [...args],
    cwd,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
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
): Promise<BinaryRun> {
  const folder = makeFolder(files);
  return await startBinaryIn(folder, args);
}

export async function startBinaryIn(folder: TestFolder, args: readonly string[] = []): Promise<BinaryRun> {
  const child = new Deno.Command(BINARY, {
    args: ["serve", "--port=0", "--timezone=UTC", ...args],
    cwd: folder.path,
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
  await logged(/listens on http:\/\/\S+/);
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
