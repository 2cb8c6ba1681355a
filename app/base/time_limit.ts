/** How long somebody else may take to answer. */
import { messageOf } from "./errors.ts";
import { networkReason } from "./network_reason.ts";

/** Aborts its signal when the time is up, or with another one; one controller of its own, see docs/decisions/0002. */
export class TimeLimit implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #stop: () => void;

  /** @param ms for the whole exchange @param within whoever aborts it sooner */
  constructor(ms: number, readonly within: AbortSignal) {
    this.#stop = () => this.#controller.abort(within.reason);
    this.#timer = setTimeout(
      () => this.#controller.abort(new Error(`no answer within ${ms / 1_000} s`)),
      ms,
    );
    within.addEventListener("abort", this.#stop, { once: true });
    if (within.aborted) this.#stop();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why there was no answer, without any address. @param error what the exchange failed with */
  reason(error: unknown): string {
    return this.signal.aborted ? messageOf(this.signal.reason) : networkReason(error);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.within.removeEventListener("abort", this.#stop);
  }
}
