/** In the clock: looks at what hosts need of the machine, because no host can be relied on to look at itself. */
import { descendantsOf, ownMemoryMb, processFacts } from "./processes.ts";

const LOOK_MS = 100;
/** The children of hosts, and whether a host was stopped, are looked at every so many times. */
const RARELY = 5;
/** Looks in a row that find a host stopped before it is given up. */
const STOPPED_LOOKS = 3;

export interface Watched {
  readonly pid: number;
  /** Whether it has anything to do: others are looked at rarely. */
  readonly busy: boolean;
  /** Megabytes that it had when it was new. */
  readonly baseMb: number;
  onTooLarge(why: "own" | "total"): void;
  onStopped(): void;
}

interface Seen {
  mb: number;
  childrenMb: number;
  stopped: number;
}

export class HostWatch {
  readonly #hosts = new Map<Watched, Seen>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #looks = 0;

  /**
   * @param memoryMb what one host may need beyond what it had when it was new, with its children
   * @param memoryTotalMb what all of them may need together; no limit where undefined
   */
  constructor(readonly memoryMb: number, readonly memoryTotalMb: number | undefined) {}

  add(host: Watched): void {
    this.#hosts.set(host, { mb: 0, childrenMb: 0, stopped: 0 });
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS);
  }

  remove(host: Watched): void {
    this.#hosts.delete(host);
    if (this.#hosts.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Megabytes that all hosts have of their own. */
  get totalMb(): number {
    let total = 0;
    for (const { mb, childrenMb } of this.#hosts.values()) total += mb + childrenMb;
    return total;
  }

  /** Megabytes that a host has come to need beyond what it had when it was new. */
  grownMb(host: Watched): number {
    return (ownMemoryMb(host.pid) ?? 0) - host.baseMb;
  }

  #look(): void {
    const rarely = this.#looks++ % RARELY === 0;
    for (const [host, seen] of [...this.#hosts]) {
      if (!host.busy && !rarely) continue;
      seen.mb = ownMemoryMb(host.pid) ?? 0;
      if (rarely) this.#lookCloser(host, seen);
      if (host.busy && seen.mb + seen.childrenMb - host.baseMb > this.memoryMb) host.onTooLarge("own");
    }
    if (this.memoryTotalMb !== undefined && this.totalMb > this.memoryTotalMb) {
      this.#largest()?.onTooLarge("total");
    }
  }

  #lookCloser(host: Watched, seen: Seen): void {
    seen.childrenMb = host.busy
      ? descendantsOf(host.pid).reduce((sum, pid) => sum + (ownMemoryMb(pid) ?? 0), 0)
      : 0;
    seen.stopped = processFacts(host.pid)?.state === "T" ? seen.stopped + 1 : 0;
    if (seen.stopped >= STOPPED_LOOKS) host.onStopped();
  }

  #largest(): Watched | undefined {
    let largest: [Watched, number] | undefined;
    for (const [host, { mb, childrenMb }] of this.#hosts) {
      if (host.busy && mb + childrenMb > (largest?.[1] ?? 0)) largest = [host, mb + childrenMb];
    }
    return largest?.[0];
  }
}
