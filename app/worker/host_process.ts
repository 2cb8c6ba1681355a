/** In the clock: one host as a process. It is started, spoken to, and ended with everything that has come of it. */
import { messageOf } from "../base/errors.ts";
import { createMask } from "../base/mask.ts";
import { SANDBOX_NAME } from "./connection_owner.ts";
import type { ControlGroup, ControlGroups } from "./control_groups.ts";
import { endMarked, endTree } from "./end_processes.ts";
import { type HostCommand, hostCommand } from "./host_command.ts";
import { HostLink, Rendezvous } from "./host_link.ts";
import { MarkFile } from "./mark_file.ts";
import type { FromHost, HostSettings, ToHost } from "./messages.ts";
import type { TurnBudget } from "./pace.ts";
import { ownMemoryMb } from "./processes.ts";
import { TaskOutput } from "./task_output.ts";

/** A host that has not connected by then does not come any more: the machine is far too busy, or out of memory. */
const START_MS = 30_000;
/** A connection breaks a moment before its host's exit is known. */
const LOST_MS = 500;
/** Longest line of a host's standard error that is kept for its end. */
const MAX_WORDS = 300;
/** What V8 writes when a heap is full. */
const HEAP_IS_FULL = /heap out of memory|Fatal JavaScript out of memory|Fatal process out of memory/i;

const MARK_NAME = "CARILLON_RUN_HOST_ID";

export interface HostProcessParts {
  /** Folder for sockets; nobody else may look into it. */
  readonly folder: string;
  /** Variables of hosts and of what they start. */
  readonly environment: Readonly<Record<string, string>>;
  readonly budget: TurnBudget;
  /** Undefined where hosts have no control groups of their own. */
  readonly groups?: ControlGroups | undefined;
  /** In place of this program itself. */
  readonly hostCommand?: HostCommand | undefined;
}

export interface HostProcessEvents {
  onReady(): void;
  onMessage(message: FromHost): void;
  onOutput(level: "info" | "warn", text: string): void;
  /** So much was said that what it says is not read for a while: it waits. */
  onHeldBack?(ms: number): void;
  /** It is gone, with all that came of it. */
  onGone(end: HostEnd): void;
}

/** How a host has ended. */
export interface HostEnd {
  /** Such as `exit code 1` or `signal SIGKILL`. */
  readonly how: string;
  readonly signal: Deno.Signal | null;
  /** True where Carillon ended it. */
  readonly asked: boolean;
  /** What was wrong with what it said. */
  readonly fault?: string | undefined;
  /** First line of what it wrote to standard error before it was ready; empty where it was, or wrote nothing. */
  readonly lastWords: string;
  readonly heapFull: boolean;
  /** The processes that were ended with it. */
  readonly ended: readonly string[];
}

export class HostProcess {
  readonly pid: number;
  /** Resolves when it is gone. */
  readonly gone: Promise<HostEnd>;
  /** Its own memory when it was ready, in megabytes. */
  baseMb = 0;
  readonly #child: Deno.ChildProcess;
  readonly #output: readonly TaskOutput[];
  readonly #ended: string[] = [];
  readonly #group: ControlGroup | undefined;
  /** In the environment of all that comes of it, also of what has left its group and its tree. */
  readonly #mark = crypto.randomUUID();
  #link: HostLink | undefined;
  /** What it notes of its runs; undefined where it says all that itself. */
  #notes: MarkFile | undefined;
  #asked = false;
  #killed = false;
  #connectionLost: ReturnType<typeof setTimeout> | undefined;
  #fault: string | undefined;
  #heapFull = false;
  #isReady = false;
  #lastWords = "";

  /** @throws Error where no process can be started, such as for want of memory or of descriptors */
  constructor(readonly parts: HostProcessParts, settings: HostSettings, readonly events: HostProcessEvents) {
    const rendezvous = new Rendezvous(parts.folder);
    try {
      const { command, args } = (parts.hostCommand ?? hostCommand)(rendezvous.path);
      this.#child = new Deno.Command(command, {
        args: [...args],
        env: {
          ...parts.environment,
          [MARK_NAME]: this.#mark,
          [SANDBOX_NAME]: settings.kind === "sandbox" ? "1" : "",
        },
        clearEnv: true,
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
        // On Linux a host makes itself the leader of a group: asking for it here would hold the clock up, some 15 ms.
        detached: Deno.build.os !== "linux",
      }).spawn();
    } catch (cause) {
      rendezvous.close();
      throw new Error(`no task host can be started: ${messageOf(cause)}`, { cause });
    }
    this.pid = this.#child.pid;
    this.#group = parts.groups?.add(this.pid);
    const heldBack = (ms: number) => events.onHeldBack?.(ms);
    this.#output = [
      new TaskOutput(this.#child.stdout, parts.budget, (text) => events.onOutput("info", text), heldBack),
      new TaskOutput(this.#child.stderr, parts.budget, (text) => this.#standardError(text), heldBack),
    ];
    this.gone = this.#follow(rendezvous);
    void this.#connect(rendezvous, settings);
  }

  /** True while what it says is not read, because it has said so much: it may be unable to answer. */
  get isHeldBack(): boolean {
    return this.#link?.isHeldBack === true || this.#output.some((each) => each.isHeldBack);
  }

  /** Number of the last run that was begun, as the host has noted it; 0 for none. */
  get begun(): number {
    return this.#notes?.begun() ?? 0;
  }

  /** Number of the run whose code was executed last; 0 where nobody knows. */
  get executed(): number {
    return this.#notes?.executed() ?? 0;
  }

  send(message: ToHost): void {
    this.#link?.send(message);
  }

  /** Lets it say so many bytes more than it may as a rule. */
  grant(bytes: number): void {
    this.#link?.grant(bytes);
  }

  /** The kernel holds it to so much memory beyond what it has now, where it has a control group. */
  limitMemory(mb: number): void {
    this.#group?.limit(mb);
  }

  /** Processes that have come of it and go on, as far as its control group shows them. */
  companions(): string[] {
    return this.#group?.beside(this.pid) ?? [];
  }

  /** Resolves once what was written to standard output and error so far has been handed on. */
  async drained(): Promise<void> {
    await Promise.all(this.#output.map((each) => each.drained()));
  }

  /** Ends it, with its descendants. Resolves when all are gone. */
  end(): Promise<HostEnd> {
    this.#asked ||= !this.#killed;
    this.#kill();
    return this.gone;
  }

  /** Ends it for something that it said. */
  endFor(fault: string): void {
    this.#fault ??= fault;
    this.#kill();
  }

  #kill(): void {
    if (this.#killed) return;
    this.#killed = true;
    const ended = endTree(this.pid);
    this.#ended.push(...new Set([...ended, ...this.#group?.end(this.pid) ?? []]));
  }

  async #connect(rendezvous: Rendezvous, settings: HostSettings): Promise<void> {
    const late = setTimeout(() => this.endFor(`it did not start within ${START_MS / 1_000} s`), START_MS);
    try {
      const [connection] = await Promise.all([
        rendezvous.accept(),
        giveToken(this.#child, rendezvous.token),
      ]);
      rendezvous.close();
      const link = new HostLink(connection, this.parts.budget, {
        onMessage: (message) => this.#take(message, late),
        onFault: (sentence) => this.endFor(sentence),
        onHeldBack: (ms) => this.events.onHeldBack?.(ms),
      });
      this.#link = link;
      if (settings.kind !== "sandbox") this.#notes = MarkFile.make(this.parts.folder);
      link.send({ kind: "hello", settings: { ...settings, markFile: this.#notes?.path } });
      await link.read();
      // A host that has closed its connection is of no use; one that has ended is reported by its exit.
      if (!this.#killed) {
        this.#connectionLost = setTimeout(() => this.endFor("its host closed its connection"), LOST_MS);
      }
    } catch {
      // It ended before it had connected, which its exit reports.
      this.#kill();
    } finally {
      clearTimeout(late);
    }
  }

  #take(message: FromHost, late: ReturnType<typeof setTimeout>): void {
    if (message.kind !== "ready") return this.events.onMessage(message);
    clearTimeout(late);
    this.#isReady = true;
    this.baseMb = ownMemoryMb(this.pid) ?? 0;
    this.events.onReady();
  }

  /** A process's end is its exit: pipes may be held open by others. */
  async #follow(rendezvous: Rendezvous): Promise<HostEnd> {
    for (const each of this.#output) void each.read();
    const { code, signal } = await this.#child.status;
    const byItself = !this.#killed;
    clearTimeout(this.#connectionLost);
    rendezvous.close();
    this.#kill();
    // A host that was ended as it should be has had no children that could have got away.
    if (byItself || this.#ended.length > 0) {
      const mark = `${MARK_NAME}=${this.#mark}`;
      this.#ended.push(...await endMarked((variables) => variables.includes(mark)));
    }
    await this.drained();
    this.#link?.close();
    for (const each of this.#output) each.close();
    const end: HostEnd = {
      how: signal === null ? `exit code ${code}` : `signal ${signal}`,
      signal,
      asked: this.#asked && this.#fault === undefined,
      fault: this.#fault,
      lastWords: this.#isReady ? "" : this.#lastWords,
      heapFull: this.#heapFull || this.#group?.ranOut === true,
      ended: this.#ended,
    };
    this.#group?.remove();
    this.events.onGone(end);
    this.#notes?.remove();
    return end;
  }

  #standardError(text: string): void {
    if (HEAP_IS_FULL.test(text)) this.#heapFull = true;
    if (!this.#isReady) this.#lastWords ||= text.trim().split("\n", 1)[0]?.slice(0, MAX_WORDS) ?? "";
    this.events.onOutput("warn", text);
  }
}

/** Standard input holds the token and then ends, for the host and for whatever it starts. */
async function giveToken(child: Deno.ChildProcess, token: string): Promise<void> {
  const input = child.stdin.getWriter();
  await input.write(new TextEncoder().encode(token));
  await input.close();
}

/** The environment of hosts: Carillon's own, without what is meant for itself and without variables that hold a secret. */
export function hostEnvironment(
  own: Readonly<Record<string, string>>,
  secrets: readonly string[],
  mark: string,
): Record<string, string> {
  const mask = createMask(secrets);
  const kept = Object.entries(own).filter(([name, value]) =>
    !name.startsWith("CARILLON_") && !secrets.includes(value) && mask(value) === value
  );
  return { ...Object.fromEntries(kept), CARILLON_RUN_HOST: mark };
}
