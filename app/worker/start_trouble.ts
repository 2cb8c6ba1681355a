/** In the clock: hosts that end before they are ready. The next try comes a little later, and after several nobody waits on. */
import type { HostEnd } from "./host_process.ts";

const RETRY_MS = 500;
const MOST_FAILURES = 3;

export class StartTrouble {
  /** Hosts in a row that ended before they were ready. */
  #failures = 0;
  #fault: string | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  /** @param again called when it is time for the next try */
  constructor(readonly again: () => void) {}

  /** Why the last host could not be started; undefined since one could. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** The next try is still to come. */
  get isPausing(): boolean {
    return this.#retry !== undefined;
  }

  /** A host is ready. */
  over(): void {
    this.#failures = 0;
    this.#fault = undefined;
  }

  /** A host could not be started. True where what waits for one is to be told so. */
  failed(why: string): boolean {
    this.#fault = why;
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.again();
    }, RETRY_MS);
    return ++this.#failures >= MOST_FAILURES;
  }

  close(): void {
    clearTimeout(this.#retry);
  }
}

/** Why a host that has ended was never ready. */
export function whyNotReady({ fault, how, lastWords }: HostEnd): string {
  if (fault !== undefined) return fault;
  return lastWords === "" ? `it ended (${how})` : `it ended (${how}): ${lastWords}`;
}
