/** One attempt as the clock sees it: it waits for a host, is in one, or has its answer. */
import { messageOf } from "../base/errors.ts";
import type { Execution } from "../contracts.ts";
import type { RunAnswer, RunNews, RunOrder } from "../model/order.ts";
import type { Grants } from "./messages.ts";

/** What has a run, and can end it. */
export interface RunHolder {
  abort(run: HostedRun, reason: string): void;
  /** Ends the run by force; its answer comes once nothing of it runs any more. */
  end(run: HostedRun, reason: string): void;
}

/** Hosts that were lost before a run began in them; the next one makes it fail. */
const MOST_LOST = 3;

export class HostedRun implements Execution {
  readonly answer: Promise<RunAnswer>;
  /** True once task code has it: from then on it is not given to another host. */
  began = false;
  /** Why it was ended by force. */
  endReason: string | undefined;
  /** When it came, on a clock that only goes forward, in milliseconds. */
  readonly since: number = performance.now();
  #settle: ((answer: RunAnswer) => void) | undefined;
  #holder: RunHolder;
  #lost = 0;

  /** @param waiting what has it until there is a host: ends it at once */
  constructor(
    readonly order: RunOrder,
    readonly grants: Grants,
    /** Equal for runs whose hosts may know the same. */
    readonly grantKey: string,
    readonly onNews: (news: RunNews) => void,
    waiting: RunHolder,
  ) {
    this.#holder = waiting;
    this.answer = new Promise((resolve) => this.#settle = resolve);
  }

  get settled(): boolean {
    return this.#settle === undefined;
  }

  abort(reason: string): void {
    if (!this.settled) this.#holder.abort(this, reason);
  }

  end(reason: string): void {
    if (this.settled || this.endReason !== undefined) return;
    this.endReason = reason;
    this.#holder.end(this, reason);
  }

  heldBy(holder: RunHolder): void {
    this.#holder = holder;
  }

  /** A host was lost before the run began in it. False once that has happened too often. */
  mayTryAnotherHost(): boolean {
    return !this.began && this.endReason === undefined && ++this.#lost < MOST_LOST;
  }

  /** Task code has it. */
  begin(): void {
    if (this.began) return;
    this.began = true;
    // Thousands of runs a second need not say so to nobody.
    if (this.order.traceparent !== undefined) this.news({ kind: "hosted" });
  }

  /** Hands news on. Where that fails, the run does, and nothing else. */
  news(news: RunNews): void {
    if (this.settled) return;
    try {
      this.onNews(news);
    } catch (error) {
      this.end(`keeping what the task said has failed: ${messageOf(error)}`);
    }
  }

  warn(text: string): void {
    this.news({ kind: "log", level: "warn", text });
  }

  /** The first answer counts. One that was ended by force has failed with the reason. */
  settle(answer: RunAnswer): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(this.endReason === undefined ? answer : failed(this.endReason));
  }
}

/** A failure that is Carillon's finding, and not something that the task threw. */
export function failed(message: string, name = "Error"): RunAnswer {
  return { kind: "failed", error: { name, message } };
}
