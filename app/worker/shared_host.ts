/** In the clock: one host for many tiny asynchronous runs side by side. What one of them does to it is done to all. */
import { NumberedList } from "../base/numbered_list.ts";
import { failed, type HostedRun, type RunHolder } from "./hosted_run.ts";
import { type HostEnd, HostProcess, type HostProcessParts } from "./host_process.ts";
import { type FromHost, outOfMemory } from "./messages.ts";
import { lossOf } from "./task_host.ts";
import type { HostWatch, Watched } from "./watch.ts";

const HEARTBEAT_MS = 500;
/** A host that has not answered for so long loops. */
const SILENT_MS = 3_000;
/** One that writes and writes, and has not answered for so long, loops too. */
const WRITING_MS = 60_000;
/** How long the others have to end when one run has to be ended by force. */
const OTHERS_MS = 2_000;
/** A host that has had nothing to do for so long is ended, and one that has done so much. */
const IDLE_MS = 60_000;
const MOST_RUNS = 5_000_000;
/** What each run may say beyond what one host may: a few lines. As many runs as are begun are no flood. */
const RUN_BYTES = 4_000;

export interface SharedHostEvents {
  readonly onStray: (sentence: string) => void;
  /** The run was not begun, and another host may have it. */
  readonly onReturned: (run: HostedRun) => void;
  readonly onGone: (host: SharedHost, end: HostEnd) => void;
}

export class SharedHost implements RunHolder, Watched {
  readonly #process: HostProcess;
  readonly #runs = new NumberedList<HostedRun>();
  /** Runs that came before it was ready. */
  #early: HostedRun[] = [];
  #ready = false;
  #granted = false;
  #count = 0;
  #pings = 0;
  #answeredAt = performance.now();
  /** When it was last known to be able to go on: it answered, wrote, or was held back. */
  #aliveAt = performance.now();
  readonly #heartbeat: ReturnType<typeof setInterval>;
  /** The run that the host is ended for, and what becomes of it. */
  #culprit:
    | { readonly run: HostedRun | undefined; readonly message: string; readonly name?: string }
    | undefined;
  #retired = false;
  #idleSince = performance.now();

  constructor(
    parts: HostProcessParts,
    readonly grantKey: string,
    readonly watch: HostWatch,
    readonly memoryMb: number,
    readonly events: SharedHostEvents,
  ) {
    this.#process = new HostProcess(parts, { kind: "shared" }, {
      onReady: () => this.#becomeReady(),
      onMessage: (message) => this.#take(message),
      onOutput: (level, text) => this.#output(level, text),
      onGone: (end) => this.#gone(end),
    });
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
    watch.add(this);
  }

  get pid(): number {
    return this.#process.pid;
  }

  get baseMb(): number {
    return this.#process.baseMb;
  }

  get busy(): boolean {
    return this.#runs.size > 0;
  }

  get size(): number {
    return this.#runs.size + this.#early.length;
  }

  /** True while it may be given more runs. */
  get open(): boolean {
    return !this.#retired && this.#count < MOST_RUNS;
  }

  begin(run: HostedRun): void {
    run.heldBy(this);
    if (this.#ready) this.#give(run);
    else this.#early.push(run);
  }

  abort(run: HostedRun, reason: string): void {
    const number = this.#runs.numberOf(run);
    if (number === undefined) return this.end(run, reason);
    this.#process.send({ kind: "abort", run: number, reason: reason.slice(0, 1_000) });
  }

  /** Code that does not end by itself ends with its process: the others have a moment to end before. */
  end(run: HostedRun, reason: string): void {
    if (this.#early.includes(run)) {
      this.#early = this.#early.filter((each) => each !== run);
      run.settle(failed(reason));
      return;
    }
    this.#culprit ??= { run, message: reason };
    this.#retired = true;
    if (this.#runs.size <= 1) void this.#process.end();
    else setTimeout(() => void this.#process.end(), OTHERS_MS);
  }

  /** Ends it, whatever is in it. */
  async close(): Promise<void> {
    this.#retired = true;
    await this.#process.end();
  }

  onTooLarge(why: "own" | "total"): void {
    const message = why === "own"
      ? outOfMemory(this.memoryMb)
      : "all tasks together needed more than [scheduler] memory_total, and the shared host needed the most";
    this.#endFor(message, "RangeError");
  }

  onStopped(): void {
    this.#culprit ??= { run: undefined, message: "their shared host was stopped from outside (SIGSTOP)" };
    void this.close();
  }

  #becomeReady(): void {
    this.#ready = true;
    this.#process.limitMemory(this.memoryMb);
    this.#answeredAt = this.#aliveAt = performance.now();
    for (const run of this.#early.splice(0)) this.#give(run);
  }

  #give(run: HostedRun): void {
    if (!this.#granted) this.#process.send({ kind: "grants", grants: run.grants });
    this.#granted = true;
    const number = ++this.#count;
    this.#runs.add(number, run);
    try {
      this.#process.send({ kind: "run", run: number, order: run.order });
      this.#process.grant(RUN_BYTES);
    } catch (error) {
      this.#runs.remove(number);
      run.settle(
        failed(`the run cannot be given to a host: ${error instanceof Error ? error.message : error}`),
      );
    }
  }

  #take(message: FromHost): void {
    this.#answeredAt = this.#aliveAt = performance.now();
    if (message.kind === "pong") return;
    if (message.kind === "stray") {
      const { name, message: text, stack } = message.error;
      return this.events.onStray(
        `a shared task left an error behind: ${stack ?? `${name}: ${text}`}`,
      );
    }
    const run = "run" in message ? this.#runs.get(message.run) : undefined;
    if (!run || !("run" in message)) {
      return this.#process.endFor(`its host reported "${message.kind}" of a run that it does not have`);
    }
    if (message.kind === "news") run.news(message.news);
    else if (message.kind === "began") run.begin();
    else {
      this.#runs.remove(message.run);
      if (!message.state.clean) this.#retire(message.state.left);
      const isLast = this.#runs.size === 0;
      if (isLast) this.#idleSince = performance.now();
      // It has ended once what it has left behind is gone.
      if (isLast && this.#retired) void this.#process.end().then(() => run.settle(message.answer));
      else run.settle(message.answer);
    }
  }

  /** It takes no more runs, and ends with the last one in it. */
  #retire(why: readonly string[]): void {
    if (this.#retired) return;
    this.#retired = true;
    this.events.onStray(`the shared host is replaced, because its tasks left behind: ${why.join("; ")}`);
  }

  /** What is written past the log belongs to the one run there is, or to nobody that is known. */
  #output(level: "info" | "warn", text: string): void {
    // Who writes much waits until it is read, and cannot answer meanwhile.
    this.#aliveAt = performance.now();
    const [only] = this.#runs.values;
    if (this.#runs.size === 1 && only) only.news({ kind: "log", level, text });
    else this.events.onStray(`the shared host wrote: ${text}`);
  }

  #beat(): void {
    if (!this.#ready) return;
    const now = performance.now();
    if (this.#process.isHeldBack) this.#aliveAt = now;
    const silent = now - this.#aliveAt > SILENT_MS ? SILENT_MS : WRITING_MS;
    if (now - this.#answeredAt > silent) {
      return this.#endFor(
        `its code did not let others go on for ${silent / 1_000} s; use executor: "worker" for it`,
      );
    }
    if (this.size === 0 && performance.now() - this.#idleSince > IDLE_MS) return void this.close();
    this.#process.send({ kind: "ping", n: ++this.#pings });
  }

  /** Ends the host for what the run does that is being executed in it. */
  #endFor(message: string, name?: string): void {
    const [only] = this.#runs.values;
    const run = this.#runs.size === 1 ? only : this.#runs.get(this.#process.executed);
    this.#culprit ??= name === undefined ? { run, message } : { run, message, name };
    void this.close();
  }

  #gone(end: HostEnd): void {
    clearInterval(this.#heartbeat);
    this.watch.remove(this);
    this.#retired = true;
    const { begun } = this.#process;
    for (const [number, run] of this.#runs.entries()) if (number <= begun) run.begin();
    this.events.onGone(this, end);
    const culprit = this.#culprit;
    const named = culprit?.run?.order;
    const why = named
      ? `run ${named.runId} of task ${named.taskId} took the shared host with it: ${culprit.message}`
      : culprit?.message;
    for (const run of [...this.#early.splice(0), ...this.#runs.values]) {
      if (end.ended.length > 0) run.warn(`ended with the shared host: ${end.ended.slice(0, 20).join(", ")}`);
      if (run !== culprit?.run && run.mayTryAnotherHost()) this.events.onReturned(run);
      else if (run === culprit?.run) run.settle(failed(culprit.message, culprit.name));
      else if (why !== undefined) run.settle({ kind: "interrupted", message: why });
      else run.settle(this.#lossOf(end));
    }
    this.#runs.clear();
  }

  /** Where nobody is known to have done it: the only run, or all of them were cut off. */
  #lossOf(end: HostEnd) {
    const answer = lossOf(end, this.memoryMb);
    if (this.#runs.size <= 1 || answer.kind !== "failed") return answer;
    return {
      kind: "interrupted",
      message: `one of ${this.#runs.size} runs took the shared host with it: ${answer.error.message}`,
    } as const;
  }
}
