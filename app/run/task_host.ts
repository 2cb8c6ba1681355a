/** Something that task code runs in and that can be ended from outside: a thread or a process. */
import type { HostAnswer, HostRequest, RunNews } from "./messages.ts";

export interface TaskHost {
  /** True for one that can take no more requests. */
  readonly ended: boolean;
  /** Asks, and resolves with the answer; an error that ends the host is an answer too. One request at a time. Never rejects. */
  ask(request: HostRequest, onNews?: (news: RunNews) => void): Promise<HostAnswer>;
  /** Aborts the signal of the run that is going on; the task may or may not heed it. */
  abort(reason: string): void;
  /** Ends it at once, even in an endless loop; a request that is waiting fails with `reason`. */
  end(reason: string): Promise<void>;
}

/** The request that is going on: at most one, settled once. */
export class PendingRequest {
  #resolve: ((answer: HostAnswer) => void) | undefined;
  #onNews: (news: RunNews) => void = () => {};

  begin(onNews: (news: RunNews) => void = () => {}): Promise<HostAnswer> {
    if (this.#resolve) throw new Error("a host answers one request at a time");
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#onNews = onNews;
    });
  }

  tell(news: RunNews): void {
    if (this.#resolve) this.#onNews(news);
  }

  settle(answer: HostAnswer): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.(answer);
  }

  fail(error: Error): void {
    const { name, message, stack } = error;
    this.settle({ kind: "failed", error: { name, message, ...(stack === undefined ? {} : { stack }) } });
  }
}
