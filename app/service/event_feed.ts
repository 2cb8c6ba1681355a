/** What happens, numbered and kept for a while, so that whoever was away for a moment gets what they have missed. */
import type { EpochMs } from "../base/time.ts";
import type { Clock, Service } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";
import type { EventName, Events } from "../model/events.ts";
import type { Run } from "../model/run.ts";

/** Events that programs are told of. */
export const FEED_EVENTS = [
  "run.queued",
  "run.started",
  "run.progressed",
  "run.retrying",
  "run.ended",
  "run.skipped",
  "run.missed",
  "run.slow",
  "task.loaded",
  "task.removed",
  "task.broken",
  "task.warned",
  "task.paused",
  "task.resumed",
  "task.undone",
  "task.acknowledged",
  "backfill.started",
  "backfill.ended",
  "folder.read",
  "folder.failed",
  "history.failed",
  "history.recovered",
  "system.started",
  "system.stopping",
] as const satisfies readonly EventName[];
export type FeedName = (typeof FEED_EVENTS)[number];

/** Events that are kept; the oldest go first. */
const MAX_KEPT = 10_000;

/** A run without what may be large: who wants more of it asks for the run. */
export type FeedRun = Omit<Run, "params" | "result" | "error">;

export interface FeedEvent {
  /** `<this program>.<number>` */
  readonly id: string;
  readonly name: FeedName;
  readonly at: EpochMs;
  readonly taskId?: string | undefined;
  readonly run?: FeedRun | undefined;
  readonly backfillId?: string | undefined;
  /** What was said, where it is more than that it happened. */
  readonly message?: string | undefined;
}

/** What a follower gets: where it begins, an event, or that some were missed which nobody has any more. */
export type FeedNews =
  | { readonly kind: "begin"; readonly id: string }
  | { readonly kind: "event"; readonly event: FeedEvent }
  | { readonly kind: "gap"; readonly id: string };

/** A follower's questions. */
export interface FeedAsked {
  /** Id of the last event that is known; only what comes from now on where undefined. */
  readonly after?: string | undefined;
  readonly signal: AbortSignal;
}

/** It costs nothing until somebody asks: an id can only be known from then on. */
export class EventFeed implements Service {
  readonly #boot = crypto.randomUUID().slice(0, 8);
  /** Number of the first event that is kept. */
  #first = 1;
  #kept: FeedEvent[] = [];
  #isKeeping = false;
  #isOver = false;
  #came = Promise.withResolvers<void>();

  constructor(readonly events: EventBus, readonly clock: Clock) {}

  start(): void {}

  /** Nothing happens any more: those who follow have all of it. */
  stop(): Promise<void> {
    this.#isOver = true;
    this.#wake();
    return Promise.resolve();
  }

  /** Events from one on, until the signal is aborted or Carillon stops; first what has happened since then. */
  async *follow({ after, signal }: FeedAsked): AsyncGenerator<FeedNews> {
    this.#keep();
    const wake = () => this.#wake();
    signal.addEventListener("abort", wake, { once: true });
    try {
      let next = after === undefined ? this.#end : this.#numberOf(after) + 1;
      if (after === undefined) yield { kind: "begin", id: this.#idOf(next - 1) };
      // A number of another program, or of an event that is forgotten: what was missed is not known.
      for (;;) {
        if (!(next >= this.#first && next <= this.#end)) {
          next = this.#end;
          yield { kind: "gap", id: this.#idOf(next - 1) };
        }
        const event = this.#kept[next - this.#first];
        if (signal.aborted) return;
        if (event) {
          next++;
          yield { kind: "event", event };
        } else if (this.#isOver) return;
        else await this.#came.promise;
      }
    } finally {
      signal.removeEventListener("abort", wake);
    }
  }

  /** The number that the next event will have. */
  get #end(): number {
    return this.#first + this.#kept.length;
  }

  #idOf(number: number): string {
    return `${this.#boot}.${number}`;
  }

  #numberOf(id: string): number {
    const [boot, number] = id.split(".");
    return boot === this.#boot && /^\d{1,15}$/.test(number ?? "") ? Number(number) : NaN;
  }

  #keep(): void {
    if (this.#isKeeping) return;
    this.#isKeeping = true;
    for (const name of FEED_EVENTS) this.events.on(name, (event) => this.#add(name, event));
  }

  #add<N extends FeedName>(name: N, event: Events[N]): void {
    const id = this.#idOf(this.#end);
    this.#kept.push({ id, name, at: this.clock.now(), ...factsOf(event) });
    // Cut now and then, not each time.
    if (this.#kept.length > MAX_KEPT * 1.1) {
      const over = this.#kept.length - MAX_KEPT;
      this.#kept = this.#kept.slice(over);
      this.#first += over;
    }
    this.#wake();
  }

  #wake(): void {
    this.#came.resolve();
    this.#came = Promise.withResolvers();
  }
}

function factsOf(event: Events[FeedName]): Pick<FeedEvent, "taskId" | "run" | "backfillId" | "message"> {
  const run = "run" in event ? smallRun(event.run) : undefined;
  const plan = "plan" in event ? event.plan : "progress" in event ? event.progress.plan : undefined;
  const taskId = run?.taskId ?? plan?.taskId ?? ("taskId" in event ? event.taskId : undefined);
  const message = "message" in event ? event.message : "note" in event ? event.note : undefined;
  return { taskId, run, backfillId: plan?.id, message };
}

function smallRun(run: Run): FeedRun {
  const { params: _params, result: _result, error: _error, ...rest } = run;
  return rest;
}
