/** In the clock: asks hosts that run no tasks about task files, parameters and databases. */
import type { SentenceValue } from "../base/sentence.ts";
import { sentence, toldOf } from "../locale/sentence.ts";
import type { Clock } from "../contracts.ts";
import { after } from "../scheduler/clock.ts";
import { messageOf } from "../base/errors.ts";
import { type HostEnd, HostProcess, type HostProcessParts } from "./host_process.ts";
import type { FromHost, Grants, HostAnswer, HostRequest, HostSettings } from "./messages.ts";
import { StartTrouble, whyNotReady } from "./start_trouble.ts";
import type { HostWatch, Watched } from "./watch.ts";

/** Nobody waits long for a file that never finishes, and a folder of many files makes use of two cores. */
const MOST_HOSTS = 2;
/** A host takes as long to start as one that is there takes for so many files. */
const MANY_WAITING = 50;
/** A question that takes longer keeps the others waiting: another host is worth its start. */
const SLOW_MS = 250;
/** How long a file may take to load, and a check of parameters to be made. */
export const ASK_LIMIT_MS = 10_000;
const IDLE_MS = 30_000;
/** Files that a host has loaded stay in its memory. */
const MOST_MODULES = 2_000;

export interface LoaderParts extends HostProcessParts {
  readonly clock: Clock;
  readonly watch: HostWatch;
  readonly memoryMb: number;
  readonly settings: HostSettings;
  readonly grants: () => { readonly key: string; readonly grants: Grants };
}

/** What a question is answered with. */
export type LoaderAnswer = HostAnswer & {
  /** True where there is no answer for a reason that may pass: no host could be started, it was ended, it took too long. */
  readonly mayPass?: true;
};

interface Question {
  readonly request: HostRequest;
  /** What it is answered with when there is no answer in time. */
  readonly whenLate: SentenceValue;
  readonly settle: (answer: LoaderAnswer) => void;
}

export class Loader {
  readonly #hosts = new Set<LoaderHost>();
  #waiting: Question[] = [];
  readonly #closing = new AbortController();
  #reaping = false;
  readonly #trouble = new StartTrouble(() => this.#assign());

  constructor(readonly parts: LoaderParts) {}

  get size(): number {
    return this.#hosts.size;
  }

  /** Never rejects; questions are answered in their order, several at a time. */
  ask(request: HostRequest, whenLate: SentenceValue): Promise<LoaderAnswer> {
    return new Promise((resolve) => {
      this.#waiting.push({ request, whenLate, settle: resolve });
      this.#assign();
    });
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("the loader is closed"));
    this.#trouble.close();
    this.#giveUp("Carillon is stopping");
    await Promise.all([...this.#hosts].map((host) => host.end()));
  }

  #assign(): void {
    if (this.#closing.signal.aborted) return this.#giveUp("Carillon is stopping");
    const { key } = this.parts.grants();
    while (this.#waiting.length > 0) {
      const free = [...this.#hosts].find((host) => host.isFree);
      if (free && free.grantKey !== undefined && free.grantKey !== key) {
        this.#hosts.delete(free);
        void free.end();
        continue;
      }
      if (!free) break;
      const next = this.#waiting.shift();
      if (next) free.take(next);
    }
    if (this.#trouble.isPausing) return;
    const hosts = [...this.#hosts];
    const starting = hosts.filter((host) => host.isStarting).length;
    if (this.#waiting.length <= starting || hosts.length >= MOST_HOSTS) return;
    if (hosts.every((host) => host.isSlow) || this.#waiting.length > MANY_WAITING) this.#start();
  }

  #start(): void {
    try {
      const host = new LoaderHost(
        this.parts,
        () => {
          this.#trouble.over();
          this.#assign();
          void this.#reap();
        },
        () => this.#assign(),
        (unready) => {
          this.#hosts.delete(host);
          if (unready !== undefined) this.#startFailed(unready);
          this.#assign();
        },
      );
      this.#hosts.add(host);
    } catch (error) {
      this.#startFailed(messageOf(error));
    }
  }

  /** What has waited for several hosts is answered with the reason. */
  #startFailed(why: string): void {
    if (this.#closing.signal.aborted) return;
    const isServed = [...this.#hosts].some((host) => !host.isStarting);
    if (this.#trouble.failed(why) && !isServed) this.#giveUp(sentence("mistake.load.no_host", { why }));
  }

  #giveUp(why: SentenceValue): void {
    for (const { settle } of this.#waiting.splice(0)) settle(passingFailure(why));
  }

  async #reap(): Promise<void> {
    if (this.#reaping) return;
    this.#reaping = true;
    try {
      while (this.#hosts.size > 0) {
        const asked = new Map([...this.#hosts].map((host) => [host, host.asked]));
        await this.parts.clock.sleep(IDLE_MS, this.#closing.signal);
        const stale = [...this.#hosts].filter((host) => host.isFree && asked.get(host) === host.asked);
        await Promise.all(stale.map((host) => host.end()));
      }
    } catch (error) {
      if (!this.#closing.signal.aborted) throw error;
    } finally {
      this.#reaping = false;
    }
  }
}

class LoaderHost implements Watched {
  grantKey: string | undefined;
  asked = 0;
  /** True while it is asked something that takes long, and once it is to end. */
  isSlow = false;
  readonly #process: HostProcess;
  #state: "starting" | "free" | "asked" | "ending" = "starting";
  #question: Question | undefined;
  /** What the question is answered with once the host is gone. */
  #found: LoaderAnswer | undefined;
  #done = new AbortController();

  /** @param onGone told why, where it was never ready and not asked to end */
  constructor(
    readonly parts: LoaderParts,
    readonly onFree: () => void,
    readonly onSlow: () => void,
    readonly onGone: (unready: string | undefined) => void,
  ) {
    this.#process = new HostProcess(parts, parts.settings, {
      onReady: () => {
        if (this.#state !== "starting") return;
        this.#state = "free";
        onFree();
      },
      onMessage: (message) => this.#answered(message),
      // What a file writes while it is loaded belongs to no run.
      onOutput: () => {},
      onGone: (end) => this.#gone(end),
    });
    parts.watch.add(this);
  }

  get isFree(): boolean {
    return this.#state === "free";
  }

  get isStarting(): boolean {
    return this.#state === "starting";
  }

  get pid(): number {
    return this.#process.pid;
  }

  get baseMb(): number {
    return this.#process.baseMb;
  }

  get busy(): boolean {
    return this.#state === "asked";
  }

  take(question: Question): void {
    const { clock, grants } = this.parts;
    this.#state = "asked";
    this.#question = question;
    this.#done = new AbortController();
    void after(clock, SLOW_MS, this.#done.signal, () => {
      this.isSlow = true;
      this.onSlow();
    });
    void after(clock, ASK_LIMIT_MS, this.#done.signal, () => {
      this.#found = passingFailure(question.whenLate);
      void this.end();
    });
    try {
      if (this.grantKey === undefined) {
        const { key, grants: given } = grants();
        this.grantKey = key;
        this.#process.send({ kind: "grants", grants: given });
      }
      this.#process.send({ kind: "ask", n: ++this.asked, request: question.request });
    } catch (error) {
      this.#found = passingFailure(messageOf(error));
      void this.end();
    }
  }

  async end(): Promise<void> {
    this.parts.watch.remove(this);
    this.#state = "ending";
    this.isSlow = true;
    await this.#process.end();
  }

  onTooLarge(why: "own" | "total"): void {
    this.#found = why === "own"
      ? failure(sentence("mistake.load.memory", { mb: this.parts.memoryMb }), "RangeError")
      : passingFailure("all tasks together needed more than [scheduler] memory_total");
    void this.end();
  }

  onStopped(): void {
    void this.end();
  }

  #answered(message: FromHost): void {
    const question = this.#question;
    if (message.kind === "stray" && question) {
      // An error outside of any promise, while the file is loaded.
      this.#found ??= { kind: "failed", error: message.error };
      return void this.end();
    }
    if (message.kind !== "answer" || message.n !== this.asked || !question || this.#state !== "asked") {
      return this.#process.endFor(`its host reported "${message.kind}" without being asked`);
    }
    const { clean, modules } = message.state;
    if (modules >= MOST_MODULES || !(clean || this.parts.settings.kind === "sandbox")) {
      this.#found = message.answer;
      return void this.end();
    }
    this.#question = undefined;
    this.#done.abort();
    this.isSlow = false;
    this.#state = "free";
    question.settle(message.answer);
    this.onFree();
  }

  #gone(end: HostEnd): void {
    const unready = this.#state === "starting" && !end.asked ? whyNotReady(end) : undefined;
    this.parts.watch.remove(this);
    this.#state = "ending";
    this.#done.abort();
    this.#question?.settle(this.#found ?? this.#lossOf(end));
    this.#question = undefined;
    this.onGone(unready);
  }

  #lossOf(end: HostEnd): LoaderAnswer {
    if (end.fault !== undefined) return failure(end.fault);
    if (end.heapFull) {
      return failure(sentence("mistake.load.memory", { mb: this.parts.memoryMb }), "RangeError");
    }
    const said = sentence("mistake.load.ended", { how: end.how });
    // A file may end its process as it is loaded; a signal comes from somebody else.
    return end.signal === null ? failure(said) : passingFailure(said);
  }
}

function failure(said: SentenceValue, name = "Error"): LoaderAnswer {
  const { message, sentence } = toldOf(said);
  return { kind: "failed", error: { name, message }, sentence };
}

function passingFailure(said: SentenceValue): LoaderAnswer {
  return { ...failure(said), mayPass: true };
}
