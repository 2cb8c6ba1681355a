/** Who is answered next: a few at one time, each client in its turn, and nobody who has gone. */
import { sliceTurn } from "../base/slices.ts";

/** Answers that are made at one time, of all clients and of one. */
export const MOST_AT_ONCE = 4;
export const MOST_OF_CLIENT = 2;

interface Waiting {
  readonly begin: () => void;
}

export class Turns {
  /** Clients with requests that wait; whose turn it is stands first. */
  readonly #waiting = new Map<string, Set<Waiting>>();
  /** How many answers are being made for a client. */
  readonly #making = new Map<string, number>();
  #made = 0;

  /** Answers that are being made. */
  get size(): number {
    return this.#made;
  }

  /**
   * Resolves when the answer may be made; disposing what it resolves with lets the next one begin.
   *
   * @param gone aborted once nobody waits for the answer
   * @throws the signal's reason
   */
  async take(client: string, gone: AbortSignal): Promise<Disposable> {
    gone.throwIfAborted();
    await this.#begun(client, gone);
    try {
      // Others come in between, and what the system knows of the client by now is known here too.
      await sliceTurn();
      gone.throwIfAborted();
    } catch (error) {
      this.#end(client);
      throw error;
    }
    return { [Symbol.dispose]: () => this.#end(client) };
  }

  #begun(client: string, gone: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#leave(client, waiting);
        reject(gone.reason);
      };
      const waiting: Waiting = {
        begin: () => {
          gone.removeEventListener("abort", leave);
          resolve();
        },
      };
      gone.addEventListener("abort", leave, { once: true });
      this.#waiting.set(client, (this.#waiting.get(client) ?? new Set()).add(waiting));
      this.#beginSome();
    });
  }

  #beginSome(): void {
    for (const [client, [waiting]] of this.#waiting) {
      if (this.#made >= MOST_AT_ONCE) return;
      const making = this.#making.get(client) ?? 0;
      if (!waiting || making >= MOST_OF_CLIENT) continue;
      this.#leave(client, waiting);
      // The others are first from now on.
      const rest = this.#waiting.get(client);
      if (rest) {
        this.#waiting.delete(client);
        this.#waiting.set(client, rest);
      }
      this.#made++;
      this.#making.set(client, making + 1);
      waiting.begin();
    }
  }

  #leave(client: string, waiting: Waiting): void {
    const all = this.#waiting.get(client);
    all?.delete(waiting);
    if (all?.size === 0) this.#waiting.delete(client);
  }

  #end(client: string): void {
    const making = (this.#making.get(client) ?? 1) - 1;
    if (making === 0) this.#making.delete(client);
    else this.#making.set(client, making);
    this.#made--;
    this.#beginSome();
  }
}
