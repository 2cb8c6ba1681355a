/** A process of its own for one run, from this side: the program runs itself, and speaks in lines of JSON. */
import { TextLineStream } from "./lines.ts";
import {
  type FromHost,
  type HostAnswer,
  type HostRequest,
  type HostSettings,
  outOfMemory,
  type RunNews,
  type ToHost,
} from "./messages.ts";
import type { Permissions } from "../task/policies.ts";
import { PendingRequest, type TaskHost } from "./task_host.ts";

/** The hidden command by which the program becomes a task's process. */
export const PROCESS_COMMAND = "task-process";

/** How often the memory of the process is looked at, in milliseconds. */
const MEMORY_LOOK_MS = 100;
/** What the runtime itself takes, in megabytes; the task's own memory comes on top. */
const RUNTIME_MB = 160;

/** The first line that the process reads. */
export interface ProcessOrder {
  /** Begins each line that is ours, so that what the task itself writes is told apart. */
  readonly token: string;
  readonly settings: HostSettings;
  readonly permissions: Permissions;
  /** Folders and files the runtime itself reads for the task. */
  readonly readable: readonly string[];
}

export class TaskProcess implements TaskHost {
  readonly #child: Deno.ChildProcess;
  readonly #pending = new PendingRequest();
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #token = crypto.randomUUID();
  readonly #looking: ReturnType<typeof setInterval>;
  #ended = false;
  #tooLarge = false;
  readonly #gone: Promise<void>;

  constructor(readonly settings: HostSettings, permissions: Permissions, readable: readonly string[]) {
    const { command, args } = ownCommand();
    this.#child = new Deno.Command(command, {
      args: [...args, PROCESS_COMMAND],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#send({ token: this.#token, settings, permissions, readable } satisfies ProcessOrder);
    this.#looking = setInterval(() => this.#lookAtMemory(), MEMORY_LOOK_MS);
    this.#gone = this.#follow();
  }

  get ended(): boolean {
    return this.#ended;
  }

  ask(request: HostRequest, onNews?: (news: RunNews) => void): Promise<HostAnswer> {
    const answer = this.#pending.begin(onNews);
    this.#send(request);
    return answer;
  }

  abort(reason: string): void {
    if (!this.#ended) this.#send({ kind: "abort", reason } satisfies ToHost);
  }

  async end(reason: string): Promise<void> {
    this.#pending.fail(new Error(reason));
    this.#kill();
    await this.#gone;
  }

  #send(message: ToHost | ProcessOrder): void {
    // A process that is gone takes nothing more; its end is told by #follow.
    this.#input.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`)).catch(() => {});
  }

  async #follow(): Promise<void> {
    await Promise.all([
      this.#read(this.#child.stdout, (line) => this.#take(line)),
      this.#read(this.#child.stderr, (text) => this.#pending.tell({ kind: "log", level: "warn", text })),
    ]);
    const { code, signal } = await this.#child.status;
    clearInterval(this.#looking);
    this.#ended = true;
    this.#input.close().catch(() => {});
    this.#pending.fail(
      this.#tooLarge ? new RangeError(outOfMemory(this.settings.memoryMb)) : new Error(
        `the task's process ended before the task did (${signal ? `signal ${signal}` : `exit code ${code}`})`,
      ),
    );
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>, take: (line: string) => void): Promise<void> {
    for await (const line of stream.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())) {
      take(line);
    }
  }

  /** A line of ours, or one that the task wrote to standard output by itself. */
  #take(line: string): void {
    if (!line.startsWith(this.#token)) {
      if (line !== "") this.#pending.tell({ kind: "log", level: "info", text: line });
      return;
    }
    const message = JSON.parse(line.slice(this.#token.length)) as FromHost;
    if (message.kind === "log" || message.kind === "progress") this.#pending.tell(message);
    else this.#pending.settle(message);
    if (message.kind === "failed" && message.fatal) this.#kill();
  }

  #kill(): void {
    this.#ended = true;
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It has ended by itself in the meantime.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  #lookAtMemory(): void {
    const used = residentMb(this.#child.pid);
    if (used === undefined || used <= this.settings.memoryMb + RUNTIME_MB) return;
    this.#tooLarge = true;
    this.#kill();
  }
}

/** Resident memory of a process in megabytes, where the system tells (Linux, proc(5)). */
function residentMb(pid: number): number | undefined {
  try {
    const pages = Number(Deno.readTextFileSync(`/proc/${pid}/statm`).split(" ")[1]);
    return pages * 4_096 / 1_048_576;
  } catch {
    // Another system, or a process that has just ended: nothing to look at.
    return undefined;
  }
}

/** What starts this same program: the executable itself, or Deno with the main module. */
function ownCommand(): { readonly command: string; readonly args: readonly string[] } {
  const command = Deno.execPath();
  if (Deno.build.standalone) return { command, args: [] };
  const main = new URL("../../main.ts", import.meta.url).href;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  return { command, args: ["run", "--quiet", "--allow-all", `--config=${config}`, main] };
}
