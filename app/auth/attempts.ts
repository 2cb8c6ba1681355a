/** Delays after wrong passwords, by name and address: guessing becomes slow, and keeps nobody else out. */
import type { EpochMs } from "../base/time.ts";
import type { Clock } from "../contracts.ts";

/** Wrong passwords that cost nothing. */
const FREE = 3;
const FIRST_MS = 1_000;
const LONGEST_MS = 15 * 60_000;
/** The same for an address, whatever names it tries. */
const FREE_OF_ADDRESS = 30;
/** After so long without a wrong one it begins anew. */
const FORGOTTEN_MS = 60 * 60_000;
/** Names and addresses that are kept; the one that came first goes first. */
const MAX_KEPT = 20_000;

interface Failures {
  count: number;
  last: EpochMs;
  until: EpochMs;
}

export class Attempts {
  readonly #kept = new Map<string, Failures>();

  constructor(readonly clock: Pick<Clock, "now">) {}

  /** Milliseconds until this name may be tried again from this address; 0 where it may be now. */
  wait(name: string, address: string): number {
    const now = this.clock.now();
    const waits = [pairOf(name, address), address].map((key) => (this.#of(key, now)?.until ?? now) - now);
    // A clock that was set back keeps nobody out for longer than the longest wait.
    return Math.min(LONGEST_MS, Math.max(0, ...waits));
  }

  /** Counts a try before it is known whether it was right: many at once are many. */
  begin(name: string, address: string): void {
    this.#count(pairOf(name, address), FREE);
    this.#count(address, FREE_OF_ADDRESS);
  }

  /** The password was right: it was no guess. */
  succeed(name: string, address: string): void {
    this.#kept.delete(pairOf(name, address));
    const ofAddress = this.#kept.get(address);
    if (ofAddress) ofAddress.count--;
  }

  #count(key: string, free: number): void {
    const now = this.clock.now();
    const count = (this.#of(key, now)?.count ?? 0) + 1;
    const ms = count < free ? 0 : Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(20, count - free));
    this.#kept.delete(key);
    this.#kept.set(key, { count, last: now, until: now + ms });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }

  #of(key: string, now: EpochMs): Failures | undefined {
    const found = this.#kept.get(key);
    return found && now - found.last < FORGOTTEN_MS ? found : undefined;
  }
}

function pairOf(name: string, address: string): string {
  return `${address} ${name.slice(0, 200)}`;
}
