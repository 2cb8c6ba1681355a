/** In the clock: hosts that have one run at a time. A host that is free takes the order that suits it best. */
import { messageOf } from "../base/errors.ts";
import type { Clock } from "../contracts.ts";
import { failed, type HostedRun, type RunHolder } from "./hosted_run.ts";
import type { HostEnd, HostProcessParts } from "./host_process.ts";
import type { HostSettings } from "./messages.ts";
import { LOOK_AGAIN_MS, QuickRuns } from "./quick_runs.ts";
import { TaskHost } from "./task_host.ts";
import { StartTrouble, whyNotReady } from "./start_trouble.ts";
import type { HostWatch } from "./watch.ts";

/** How long a used host without a run is kept. */
const IDLE_MS = 30_000;
/** Hosts that are started at the same time. */
const STARTING = 1;
/** A run that has waited this long is next, whichever host is free. */
const OLD_MS = 200;
/** Waiting runs that a free host looks through. */
const LOOK_THROUGH = 200;
/** Sets of permissions that have a host ready: those that were used last. */
const MOST_STANDBYS = 3;

/** A free host takes a run whose module it has, else one whose module no host has, else any. */
const SUITS = { heldByIdle: 0, heldByNone: 1, heldByOthers: 2 } as const;

export interface HostPoolParts extends HostProcessParts {
  readonly clock: Clock;
  readonly watch: HostWatch;
  /** Most runs at one time. */
  readonly limit: number;
  readonly memoryMb: number;
  /** How many runs can use a processor at one time. */
  readonly processors: number;
  /** A host has ended that was not asked to. */
  readonly onLost: (host: TaskHost, end: HostEnd) => void;
}

/** A kind of host: tasks with all permissions, or with one set of them. */
export interface Profile {
  /** Equal for hosts that may take each other's runs. */
  readonly key: string;
  readonly settings: HostSettings;
}

interface Waiting {
  readonly run: HostedRun;
  readonly profile: Profile;
}

/** @param isNew true for a host that never had a run */
type GetsHost = (waiting: Waiting, isNew: boolean) => boolean;

export class HostPool implements RunHolder {
  readonly #hosts = new Map<TaskHost, Profile>();
  #waiting: Waiting[] = [];
  /** Kinds of which a host is kept ready, the one used last first. */
  #standbys: Profile[] = [];
  readonly #closing = new AbortController();
  #reaping = false;
  #assigning = false;
  readonly #quick: QuickRuns;
  #lookingAgain: ReturnType<typeof setTimeout> | undefined;
  readonly #trouble = new StartTrouble(() => this.#assign());

  constructor(readonly parts: HostPoolParts) {
    this.#quick = new QuickRuns(parts.processors);
  }

  get busy(): number {
    return this.#count((host) => host.state === "busy");
  }

  get size(): number {
    return this.#hosts.size;
  }

  /** Hosts that have had a run and are kept for more. */
  get used(): number {
    return this.#count((host) => host.runs > 0 && host.state !== "ending");
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Why the last host could not be started; undefined since one could. */
  get fault(): string | undefined {
    return this.#trouble.fault;
  }

  /** From now on a host of this kind is kept ready. */
  keepReady(profile: Profile): void {
    this.#standbys = [profile, ...this.#standbys.filter(({ key }) => key !== profile.key)].slice(
      0,
      MOST_STANDBYS,
    );
    this.#assign();
  }

  submit(run: HostedRun, profile: Profile): void {
    run.heldBy(this);
    this.#waiting.push({ run, profile });
    if (this.#standbys[0]?.key !== profile.key && this.#standbys.length > 0) this.keepReady(profile);
    else this.#assign();
  }

  /** How well a run of a module suits the hosts that are free: the least suits best, 0 perfectly. */
  suits(module: string): number {
    let held = false;
    for (const { state, modules } of this.#hosts.keys()) {
      if (!modules.has(module)) continue;
      if (state === "idle") return SUITS.heldByIdle;
      held = true;
    }
    return held ? SUITS.heldByOthers : SUITS.heldByNone;
  }

  /** A run that waits has nothing that could hear of it: it ends at once. */
  abort(run: HostedRun, reason: string): void {
    this.#withdraw(run, reason);
  }

  end(run: HostedRun, reason: string): void {
    this.#withdraw(run, reason);
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("the pool is closed"));
    this.#trouble.close();
    clearTimeout(this.#lookingAgain);
    for (const { run } of this.#waiting.splice(0)) {
      run.settle({ kind: "interrupted", message: "Carillon is stopping" });
    }
    await Promise.all([...this.#hosts.keys()].map((host) => host.end()));
  }

  #withdraw(run: HostedRun, reason: string): void {
    this.#waiting = this.#waiting.filter((each) => each.run !== run);
    run.settle(failed(reason));
  }

  /** Gives waiting runs to idle hosts, and starts hosts where there are too few. */
  #assign(): void {
    if (this.#assigning || this.#closing.signal.aborted) return;
    this.#assigning = true;
    try {
      while (this.#waiting.length > 0 && this.busy < this.parts.limit && this.#assignOne());
      this.#startWhereNeeded();
      if (this.#waiting.length > 0 && this.busy < this.parts.limit) this.#lookAgain();
    } finally {
      this.#assigning = false;
    }
  }

  /** Says of a waiting run whether it gets a host now, or is quick and had better wait for one that is at another run. */
  #quickTest(): GetsHost {
    const now = performance.now();
    /** Of the runs that may take each other's hosts; most often all of them. */
    let known:
      | { readonly profile: string; readonly grants: string; used: boolean; unused: boolean }
      | undefined;
    return ({ run, profile: { key } }, isNew) => {
      if (run.order.executor === "process" || !this.#quick.has(run.order.module)) return true;
      if (known?.profile !== key || known.grants !== run.grantKey) {
        const busy: TaskHost[] = [];
        for (const [host, profile] of this.#hosts) {
          if (host.busy && profile.key === key && host.grantKey === run.grantKey) busy.push(host);
        }
        known = {
          profile: key,
          grants: run.grantKey,
          used: this.#quick.gets(busy, now),
          unused: this.#quick.gets(busy, now, this.#waiting.length),
        };
      }
      return isNew ? known.unused : known.used;
    };
  }

  /** A host that does not come back in the time that is usual must not hold up what waits. */
  #lookAgain(): void {
    this.#lookingAgain ??= setTimeout(() => {
      this.#lookingAgain = undefined;
      this.#assign();
    }, LOOK_AGAIN_MS);
  }

  #assignOne(): boolean {
    const idle = [...this.#hosts.keys()].filter((host) => host.state === "idle");
    // Those that have been used come first, so that the unused ones stay ready for what needs them.
    idle.sort((a, b) => b.runs - a.runs);
    let best: { readonly host: TaskHost; readonly at: number; readonly rank: number } | undefined;
    const getsHost = this.#quickTest();
    for (const host of idle) {
      const found = this.#bestFor(host, getsHost);
      if (found && (!best || found.rank < best.rank)) best = { host, ...found };
      if (best?.rank === 0) break;
    }
    if (!best) return false;
    const [next] = this.#waiting.splice(best.at, 1);
    if (next) best.host.begin(next.run);
    return true;
  }

  /** Which waiting run a host takes: one whose module it has, one whose module no host has, or the oldest. */
  #bestFor(
    host: TaskHost,
    getsHost: GetsHost,
  ): { readonly at: number; readonly rank: number } | undefined {
    const now = performance.now();
    const isNew = host.runs === 0;
    let oldest: number | undefined;
    let unheld: number | undefined;
    for (let at = 0; at < Math.min(this.#waiting.length, LOOK_THROUGH); at++) {
      const each = this.#waiting[at];
      if (!each || !this.#suits(host, each) || !getsHost(each, isNew)) continue;
      if (oldest === undefined && now - each.run.since > OLD_MS) return { at, rank: 0 };
      oldest ??= at;
      const { module } = each.run.order;
      if (host.modules.has(module)) return { at, rank: SUITS.heldByIdle };
      if (unheld === undefined && !this.#isHeld(module)) unheld = at;
    }
    if (unheld !== undefined) return { at: unheld, rank: SUITS.heldByNone };
    return oldest === undefined ? undefined : { at: oldest, rank: SUITS.heldByOthers };
  }

  #suits(host: TaskHost, { run, profile }: Waiting): boolean {
    if (this.#hosts.get(host)?.key !== profile.key) return false;
    if (run.order.executor === "process" && host.runs > 0) return false;
    return host.grantKey === undefined || host.grantKey === run.grantKey;
  }

  #isHeld(module: string): boolean {
    for (const host of this.#hosts.keys()) if (host.modules.has(module)) return true;
    return false;
  }

  #startWhereNeeded(): void {
    if (this.#trouble.isPausing || this.#count((host) => host.state === "starting") >= STARTING) return;
    const getsHost = this.#quickTest();
    const next = this.busy < this.parts.limit
      ? this.#waiting.find((each) => getsHost(each, true))
      : undefined;
    const missing = next?.profile ?? this.#standbys.find(({ key }) => !this.#hasUnused(key));
    if (!missing) return;
    // A host that waits for work makes room for one that has some.
    const most = this.parts.limit + this.#standbys.length;
    if (this.#hosts.size >= most) {
      const idle = [...this.#hosts.keys()].find((host) => host.state === "idle" && (next || host.runs > 0));
      if (idle) void idle.end();
      return;
    }
    this.#start(missing);
  }

  #hasUnused(key: string): boolean {
    return this.#count((host, profile) => profile.key === key && host.runs === 0 && host.state !== "ending") >
      0;
  }

  #start(profile: Profile): void {
    const { parts } = this;
    let ready = false;
    try {
      const host = new TaskHost(parts, profile.settings, parts.watch, parts.memoryMb, {
        onIdle: () => {
          ready = true;
          this.#trouble.over();
          this.#assign();
          void this.#reap();
        },
        onGone: (gone, end) => {
          this.#hosts.delete(gone);
          if (!end.asked) parts.onLost(gone, end);
          if (!ready && !end.asked) this.#startFailed(profile, whyNotReady(end));
          this.#assign();
        },
        onOver: (module, ms, waited) => this.#quick.over(module, ms, waited),
        onReturned: (run) => {
          run.heldBy(this);
          this.#waiting.unshift({ run, profile });
        },
      });
      this.#hosts.set(host, profile);
    } catch (error) {
      this.#startFailed(profile, messageOf(error));
    }
  }

  /** What has waited for several hosts fails with the reason. */
  #startFailed({ key }: Profile, why: string): void {
    if (this.#closing.signal.aborted) return;
    if (!this.#trouble.failed(why)) return;
    const given = this.#waiting.filter((each) => each.profile.key === key);
    this.#waiting = this.#waiting.filter((each) => each.profile.key !== key);
    for (const { run } of given) {
      run.settle({ kind: "interrupted", message: `no task host could be started: ${why}` });
    }
  }

  /** Ends the hosts that have had nothing to do for {@link IDLE_MS}, and stops looking once there are none. */
  async #reap(): Promise<void> {
    if (this.#reaping) return;
    this.#reaping = true;
    try {
      for (let idle = this.#used(); idle.length > 0; idle = this.#used()) {
        const runs = new Map(idle.map((host) => [host, host.runs]));
        await this.parts.clock.sleep(IDLE_MS, this.#closing.signal);
        const stale = this.#used().filter((host) => runs.get(host) === host.runs && host.state === "idle");
        await Promise.all(stale.map((host) => host.end()));
      }
    } catch (error) {
      if (!this.#closing.signal.aborted) throw error;
    } finally {
      this.#reaping = false;
    }
  }

  /** Hosts that go when they are idle: all but one ready host of each kind that is kept ready. */
  #used(): TaskHost[] {
    const ready = new Set<string>();
    return [...this.#hosts].flatMap(([host, { key }]) => {
      if (host.state === "ending") return [];
      const isReady = host.runs === 0 && !ready.has(key) && this.#standbys.some((each) => each.key === key);
      if (isReady) ready.add(key);
      return isReady ? [] : [host];
    });
  }

  #count(test: (host: TaskHost, profile: Profile) => boolean): number {
    let count = 0;
    for (const [host, profile] of this.#hosts) if (test(host, profile)) count++;
    return count;
  }
}
