/**
 * Pings of tasks: a service such as Healthchecks is told when a run begins and how it ends. The runs of one task are told in
 * their order; nothing here holds up a run, and what cannot be told after three tries is passed over.
 */
import type { Clock, Service } from "../contracts.ts";
import { clipBytes } from "./clip.ts";
import { type PingKind, sendPing } from "./watches/ping.ts";

export interface Ping {
  readonly task: string;
  readonly run: string;
  readonly kind: PingKind;
  readonly url: string;
  /** What is said with it, asked for when it is sent. */
  readonly body: () => Promise<string>;
}

export interface PingsParts {
  readonly clock: Clock;
  /** Pings of a task are not taken, and undefined once they are again; no sentence has an address. */
  readonly onTrouble: (task: string, why: string | undefined) => void;
  /** Sends one; why it was not taken, undefined where it was. */
  readonly send?: typeof sendPing;
}

/** Waits before the second and the third try. */
const AGAIN_MS: readonly number[] = [5_000, 30_000];
const MAX_WAITING = 1_000;
/** Tasks whose pings are sent at one time. */
const AT_ONCE = 8;
const MAX_BODY_BYTES = 10_000;
/** How long the last ones may take when Carillon stops. */
const LAST_MS = 3_000;

export class Pings implements Service {
  /** What waits, by task, the oldest first. */
  readonly #waiting = new Map<string, Ping[]>();
  /** Tasks of which one is being sent, and those that wait for another try. */
  readonly #busy = new Set<string>();
  readonly #pausing = new Set<string>();
  readonly #failing = new Set<string>();
  readonly #stopping = new AbortController();
  readonly #over = new AbortController();
  readonly #going = new Set<Promise<void>>();
  /** How often one was tried in vain. */
  readonly #tries = new WeakMap<Ping, number>();
  #count = 0;
  #isActive = false;

  constructor(readonly parts: PingsParts) {}

  /** Takes one; returns at once. Where a thousand wait, further ones are passed over. */
  add(ping: Ping): void {
    if (!this.#isActive) return;
    if (this.#count >= MAX_WAITING) return this.#report(ping.task, `${MAX_WAITING} wait already`);
    this.#count++;
    const own = this.#waiting.get(ping.task);
    if (own) own.push(ping);
    else this.#waiting.set(ping.task, [ping]);
    this.#pump();
  }

  start(): void {
    this.#isActive = true;
  }

  /** What waits is tried once more, in a short time. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("Carillon is stopping"));
    const timer = setTimeout(() => this.#over.abort(new Error("Carillon is stopping")), LAST_MS);
    while (this.#going.size > 0) await Promise.all(this.#going);
    clearTimeout(timer);
    this.#isActive = false;
  }

  #pump(): void {
    for (const [task, own] of this.#waiting) {
      if (this.#busy.size >= AT_ONCE) return;
      const [next] = own;
      if (!next || this.#busy.has(task) || this.#pausing.has(task)) continue;
      this.#busy.add(task);
      const going: Promise<void> = this.#sendFirst(task, next).finally(() => this.#going.delete(going));
      this.#going.add(going);
    }
  }

  async #sendFirst(task: string, ping: Ping): Promise<void> {
    const why = await this.#send(ping);
    this.#busy.delete(task);
    const tries = this.#tries.get(ping) ?? 0;
    const wait = AGAIN_MS[tries];
    if (why !== undefined) this.#report(task, why);
    else if (this.#failing.delete(task)) this.parts.onTrouble(task, undefined);
    if (why === undefined || wait === undefined || this.#stopping.signal.aborted) this.#drop(task);
    else {
      this.#tries.set(ping, tries + 1);
      this.#pause(task, wait);
    }
    this.#pump();
  }

  async #send({ url, kind, run, body }: Ping): Promise<string | undefined> {
    if (this.#over.signal.aborted) return "Carillon is stopping";
    // What cannot be read of a log is left out.
    const said = await body().catch(() => "");
    return await (this.parts.send ?? sendPing)(
      url,
      kind,
      run,
      clipBytes(said, MAX_BODY_BYTES),
      this.#over.signal,
    );
  }

  #drop(task: string): void {
    const own = this.#waiting.get(task);
    own?.shift();
    this.#count--;
    if (own?.length === 0) this.#waiting.delete(task);
  }

  #pause(task: string, ms: number): void {
    this.#pausing.add(task);
    const waited = this.parts.clock.sleep(ms, this.#stopping.signal).catch((error) => {
      if (!this.#stopping.signal.aborted) throw error;
    }).then(() => {
      this.#pausing.delete(task);
      this.#pump();
    });
    const going: Promise<void> = waited.finally(() => this.#going.delete(going));
    this.#going.add(going);
  }

  /** Once while it goes on. */
  #report(task: string, why: string): void {
    if (this.#failing.has(task)) return;
    this.#failing.add(task);
    this.parts.onTrouble(task, why);
  }
}
