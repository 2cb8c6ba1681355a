/** Looks again and again, until it is stopped. */
import { messageOf } from "../../base/errors.ts";
import type { Clock, Service } from "../../contracts.ts";

export class Every implements Service {
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  /** @param look gets the moment; what it throws goes to `onFault` and ends nothing */
  constructor(
    readonly clock: Clock,
    readonly ms: number,
    readonly look: (now: number) => void | Promise<void>,
    readonly onFault: (sentence: string, thrown: unknown) => void,
  ) {}

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error("Carillon is stopping"));
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.look(this.clock.now());
      } catch (error) {
        this.onFault(`a look at what goes on failed: ${messageOf(error)}`, error);
      }
      await this.clock.sleep(this.ms, signal).catch((error) => {
        if (!signal.aborted) throw error;
      });
    }
  }
}
