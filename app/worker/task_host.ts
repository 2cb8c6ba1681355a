/** In the clock: a host that has one run at a time, and is used again while it is clean. */
import type { RunAnswer } from "../model/order.ts";
import { failed, type HostedRun, type RunHolder } from "./hosted_run.ts";
import { type HostEnd, HostProcess, type HostProcessParts } from "./host_process.ts";
import { type FromHost, type HostSettings, type HostState, outOfMemory } from "./messages.ts";
import type { HostWatch, Watched } from "./watch.ts";

/** A host that has done this much is ended, also a clean one: what no check finds does not pile up. */
const MOST_RUNS = 20_000;
const MOST_MODULES = 400;
/** Share of a run's memory that a host may have grown by when it is given another run. */
const GROWN_SHARE = 0.25;

type EndMessage = Extract<FromHost, { kind: "end" }>;

/** A run that writes so much that it waits this long is told so, once. */
const WORTH_SAYING_MS = 1_000;

export interface TaskHostEvents {
  /** It can take a run. */
  onIdle(host: TaskHost): void;
  onGone(host: TaskHost, end: HostEnd): void;
  /** A run is over, and the host clean. @param waited true where the run waited for something in between */
  onOver(module: string, ms: number, waited: boolean): void;
  /** The run was not begun, and another host may have it. */
  onReturned(run: HostedRun): void;
}

export class TaskHost implements RunHolder, Watched {
  state: "starting" | "idle" | "busy" | "ending" = "starting";
  /** Runs it was given. */
  runs = 0;
  /** What it may know; undefined until its first run. */
  grantKey: string | undefined;
  readonly modules = new Set<string>();
  /** When it got the run that it has, on a clock that only goes forward, in milliseconds. */
  begunAt = 0;
  readonly #process: HostProcess;
  #run: HostedRun | undefined;
  /** Why its run failed, where it was found from outside. */
  #found: RunAnswer | undefined;
  #finishing = false;
  /** How long its run has waited because it writes so much, in milliseconds. */
  #heldBackMs = 0;

  constructor(
    parts: HostProcessParts,
    readonly settings: HostSettings,
    readonly watch: HostWatch,
    readonly memoryMb: number,
    readonly events: TaskHostEvents,
  ) {
    this.#process = new HostProcess(parts, settings, {
      onReady: () => this.#ready(),
      onMessage: (message) => this.#take(message),
      onOutput: (level, text) => this.#run?.news({ kind: "log", level, text }),
      onHeldBack: (ms) => this.#heldBack(ms),
      onGone: (end) => this.#gone(end),
    });
    watch.add(this);
  }

  get pid(): number {
    return this.#process.pid;
  }

  get baseMb(): number {
    return this.#process.baseMb;
  }

  get busy(): boolean {
    return this.state === "busy";
  }

  /** Of the run that it has. */
  get module(): string {
    return this.#run?.order.module ?? "";
  }

  /** Gives it a run; it is idle. */
  begin(run: HostedRun): void {
    this.state = "busy";
    this.#run = run;
    this.modules.add(run.order.module);
    this.begunAt = performance.now();
    this.#finishing = false;
    this.#heldBackMs = 0;
    run.heldBy(this);
    try {
      if (this.grantKey === undefined) this.#process.send({ kind: "grants", grants: run.grants });
      this.grantKey = run.grantKey;
      this.#process.send({ kind: "run", run: ++this.runs, order: run.order });
    } catch (error) {
      this.#found = failed(
        `the run cannot be given to a host: ${error instanceof Error ? error.message : error}`,
      );
      void this.end(run);
    }
  }

  abort(_run: HostedRun, reason: string): void {
    this.#process.send({ kind: "abort", run: this.runs, reason: reason.slice(0, 1_000) });
  }

  /** Ends it, with its descendants; a run in it has then ended too. */
  async end(_run?: HostedRun): Promise<void> {
    if (this.state !== "ending") this.watch.remove(this);
    this.state = "ending";
    await this.#process.end();
  }

  onTooLarge(why: "own" | "total"): void {
    this.#found = failed(
      why === "own"
        ? outOfMemory(this.memoryMb)
        : "all tasks together needed more than [scheduler] memory_total, and this one needed the most",
      "RangeError",
    );
    void this.end();
  }

  onStopped(): void {
    this.#found = { kind: "interrupted", message: "its host was stopped from outside (SIGSTOP)" };
    void this.end();
  }

  #ready(): void {
    if (this.state !== "starting") return;
    this.state = "idle";
    this.#process.limitMemory(this.memoryMb);
    this.events.onIdle(this);
  }

  #take(message: FromHost): void {
    const run = this.#run;
    if (
      message.kind === "stray" || !run || !("run" in message) || message.run !== this.runs || this.#finishing
    ) {
      // Of a run that is over, or of none: nothing here waits for it, and the host is in a state that nobody knows.
      const said = message.kind === "stray" ? message.error.message : `"${message.kind}" outside of a run`;
      return this.#process.endFor(`its host reported ${said}`);
    }
    if (message.kind === "news") run.news(message.news);
    else if (message.kind === "began") run.begin();
    else void this.#finish(run, message);
  }

  #heldBack(ms: number): void {
    const before = this.#heldBackMs;
    this.#heldBackMs += ms;
    if (before >= WORTH_SAYING_MS || this.#heldBackMs < WORTH_SAYING_MS) return;
    this.#run?.warn(
      "more is written than is read of one run (some 10,000 lines, or 8 MB, a second): it waits meanwhile",
    );
  }

  /** The run has its answer; it is said when what the run wrote is read and what it left behind is gone. */
  async #finish(run: HostedRun, { answer, state, waited }: EndMessage): Promise<void> {
    this.#finishing = true;
    await this.#process.drained();
    if (this.state !== "busy") return;
    const companions = this.#process.companions();
    if (companions.length > 0) run.warn(`left behind: ${companions.join(", ")}; its host was ended`);
    if (state.left.length > 0) run.warn(`left behind: ${state.left.join("; ")}; its host was ended`);
    if (state.clean && companions.length === 0 && run.order.executor !== "process" && this.#isFresh(state)) {
      this.#run = undefined;
      this.state = "idle";
      this.events.onOver(run.order.module, performance.now() - this.begunAt, waited);
      run.settle(answer);
      this.events.onIdle(this);
      return;
    }
    this.#found = answer;
    await this.end();
  }

  #isFresh({ modules }: HostState): boolean {
    return this.runs < MOST_RUNS && modules < MOST_MODULES &&
      this.watch.grownMb(this) < this.memoryMb * GROWN_SHARE;
  }

  #gone(end: HostEnd): void {
    this.watch.remove(this);
    this.state = "ending";
    const run = this.#run;
    this.#run = undefined;
    if (run && this.#process.begun >= this.runs) run.begin();
    if (run) this.#loseRun(run, end);
    this.events.onGone(this, end);
  }

  #loseRun(run: HostedRun, end: HostEnd): void {
    if (end.ended.length > 0) run.warn(`ended with its host: ${end.ended.slice(0, 20).join(", ")}`);
    if (!this.#found && run.mayTryAnotherHost()) return this.events.onReturned(run);
    run.settle(this.#found ?? lossOf(end, this.memoryMb));
  }
}

const CRASHES: readonly (Deno.Signal | null)[] = [
  "SIGABRT",
  "SIGBUS",
  "SIGFPE",
  "SIGILL",
  "SIGSEGV",
  "SIGSYS",
  "SIGTRAP",
];

/** What the loss of its host means for a run that had begun. */
export function lossOf(end: HostEnd, memoryMb: number): RunAnswer {
  if (end.fault !== undefined) return failed(end.fault);
  if (end.heapFull) return failed(outOfMemory(memoryMb), "RangeError");
  if (end.signal === null || CRASHES.includes(end.signal)) {
    return failed(`the task's host ended before the task did (${end.how})`);
  }
  if (end.asked) return { kind: "interrupted", message: "its host was ended" };
  return {
    kind: "interrupted",
    message: `its host was ended from outside (${end.how}): by somebody, or by the system for want of memory`,
  };
}
