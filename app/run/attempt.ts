/** One attempt at a run: its time limit, how it is ended, and what its answer means. */
import { isTooDeep } from "../base/depth.ts";
import type { Clock, Execution, Executor } from "../contracts.ts";
import { messageOf } from "../base/errors.ts";
import { reason, reasonText } from "../locale/reason.ts";
import type { RunAnswer, RunNews, RunOrder } from "../model/order.ts";
import type { RunReason } from "../model/reason.ts";
import type { Run, RunStatus } from "../model/run.ts";
import { TIMEOUT_ERROR } from "../policy/retry.ts";
import { after } from "../scheduler/clock.ts";

/** How long a task has to handle its aborted signal before it is ended. */
export const ABORT_GRACE_MS = 5_000;

/** Why a timer of an attempt goes off no more; made once, for an error is dear. */
const OVER = new Error("the attempt is over");

/** Why an attempt is ended, whatever the task answers. */
export interface Ending {
  readonly status: RunStatus;
  readonly reason: RunReason;
  /** True where another attempt may follow. */
  readonly again: boolean;
}

/** Where an unfinished run is. */
export type Phase =
  | { readonly kind: "waiting" }
  | { readonly kind: "attempt"; readonly attempt: Attempt }
  /** Between two attempts; `wake` is aborted when the run is ended in it. */
  | { readonly kind: "pause"; readonly wake: AbortController };

/** What an attempt ended with. */
export interface AttemptResult {
  readonly answer: RunAnswer;
  readonly ending?: Ending | undefined;
}

export interface AttemptParts {
  readonly clock: Clock;
  readonly executor: Executor;
  readonly onNews: (news: RunNews) => void;
  /** No limit where undefined. */
  readonly timeoutMs?: number | undefined;
}

export class Attempt {
  /** Never rejects. */
  readonly result: Promise<AttemptResult>;
  #execution: Execution | undefined;
  #ending: Ending | undefined;
  /** Aborted when the attempt is over: no timer of it goes off any more. Most attempts have none. */
  #timers: AbortController | undefined;
  #isOver = false;

  /** @param order what is executed; where it rejects, nothing was */
  constructor(readonly parts: AttemptParts, order: Promise<RunOrder>) {
    this.result = this.#run(order);
    const { timeoutMs } = parts;
    if (timeoutMs === undefined) return;
    this.#after(timeoutMs, () => {
      const why = reason("reason.timeout", { limitMs: timeoutMs });
      this.end({ status: "timed_out", reason: why, again: true });
    });
  }

  /** True once {@link end} was called. */
  get isEnding(): boolean {
    return this.#ending !== undefined;
  }

  /** Ends the attempt: by its signal, and by force where it has not ended after the grace time. */
  end(ending: Ending, graceMs: number = ABORT_GRACE_MS): void {
    // What was decided first counts, but that no further attempt may follow can be decided later.
    const first = this.#ending ?? ending;
    this.#ending = { ...first, again: first.again && ending.again };
    const message = reasonText(ending.reason, "en");
    this.#execution?.abort(message);
    this.#after(graceMs, () => this.#execution?.end(message));
  }

  #after(ms: number, then: () => void): void {
    if (this.#isOver) return;
    const { signal } = this.#timers ??= new AbortController();
    void after(this.parts.clock, ms, signal, then);
  }

  async #run(order: Promise<RunOrder>): Promise<AttemptResult> {
    const answer = await this.#answer(order);
    this.#isOver = true;
    this.#timers?.abort(OVER);
    return { answer, ending: this.#ending };
  }

  async #answer(order: Promise<RunOrder>): Promise<RunAnswer> {
    try {
      const given = await order;
      if (this.#ending) return failure(reasonText(this.#ending.reason, "en"));
      this.#execution = this.parts.executor.begin(given, this.parts.onNews);
    } catch (error) {
      return failure(messageOf(error));
    }
    return await this.#execution.answer;
  }
}

function failure(message: string): RunAnswer {
  return { kind: "failed", error: { name: "Error", message } };
}

/** How a run ends, as it is recorded. */
export type Outcome = Pick<Run, "status" | "message" | "error" | "reason" | "result">;

/** The outcome of an attempt: what it was ended for, else what it answered. */
export function outcomeOf({ answer, ending }: AttemptResult): Outcome {
  if (ending) return endedBy(ending);
  switch (answer.kind) {
    case "succeeded":
      return { status: "succeeded", message: answer.message, result: jsonValue(answer.result) };
    case "interrupted":
      return { status: "interrupted", message: answer.message };
    case "failed":
      return { status: "failed", error: answer.error };
    case "refused": {
      const message = answer.problems.map(({ name, message }) => `${name}: ${message}`).join("; ");
      return { status: "failed", error: { name: "InvalidParams", message } };
    }
  }
}

/** What a host says is JSON may be anything: what is not, or is nested too deeply, is not kept. */
function jsonValue(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as unknown;
    return isTooDeep(value) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** The outcome of a run that was ended for a reason. */
export function endedBy({ status, reason }: Pick<Ending, "status" | "reason">): Outcome {
  return { status, reason, message: reasonText(reason, "en") };
}

/** What retrying is decided by: the status, the error's name, and whether the task's own function asked for it. */
export function failureOf(
  result: AttemptResult,
  { status }: Outcome,
): { readonly status: RunStatus; readonly error: string; readonly retryable: boolean } {
  const { answer, ending } = result;
  const failed = answer.kind === "failed" ? answer : undefined;
  return {
    status,
    error: ending ? TIMEOUT_ERROR : failed?.error.name ?? "",
    retryable: failed?.retryable === true,
  };
}
