/** Runs as they happen, for whoever follows one. */
import type { RunReader, Service } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";
import { isTerminal, type Run } from "../model/run.ts";

const RUN_EVENTS = [
  "run.awaiting_approval",
  "run.queued",
  "run.started",
  "run.progressed",
  "run.retrying",
  "run.ended",
] as const;

export class LiveRuns implements Pick<Service, "stop"> {
  /** Called when the run, or its log, has changed; by the run's id. */
  readonly #followers = new Map<string, Set<() => void>>();
  #isOver = false;

  constructor(readonly events: EventBus, readonly runs: RunReader) {
    for (const name of RUN_EVENTS) events.on(name, ({ run }) => this.#changed(run.id));
    events.on("run.logged", ({ runId }) => this.#changed(runId));
  }

  /** Nothing happens any more: those who follow a run that has not ended, as it waits for an approval, have all of it. */
  stop(): Promise<void> {
    this.#isOver = true;
    for (const runId of this.#followers.keys()) this.#changed(runId);
    return Promise.resolve();
  }

  /**
   * A run as it is now and after each change of it or of its log, until it has ended, nobody wants to know any more, or
   * Carillon stops.
   */
  async *follow(runId: string, signal?: AbortSignal): AsyncGenerator<Run> {
    let changed = Promise.withResolvers<void>();
    const follower = () => changed.resolve();
    signal?.addEventListener("abort", follower, { once: true });
    const followers = this.#followers.get(runId) ?? new Set();
    followers.add(follower);
    this.#followers.set(runId, followers);
    try {
      while (!signal?.aborted) {
        const run = await this.runs.get(runId);
        if (!run) return;
        yield run;
        if (isTerminal(run.status) || this.#isOver) return;
        await changed.promise;
        changed = Promise.withResolvers<void>();
      }
    } finally {
      signal?.removeEventListener("abort", follower);
      followers.delete(follower);
      if (followers.size === 0) this.#followers.delete(runId);
    }
  }

  #changed(runId: string): void {
    for (const follower of this.#followers.get(runId) ?? []) follower();
  }
}
