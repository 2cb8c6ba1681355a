/** Runs that take longer than their budget, or than three times what is usual. */
import type { EpochMs } from "../../base/time.ts";
import type { RunReader } from "../../contracts.ts";
import type { EventBus } from "../../events/bus.ts";
import type { Run } from "../../model/run.ts";
import { tooLongMs, USUAL_FROM, usualMs } from "../../policy/promise.ts";

export const LOOK_MS = 15_000;
/** A run that is done within this is never too long, whatever is usual: nobody wants to hear of 4 seconds instead of 1. */
const LEAST_MS = 60_000;

export interface SlowRunsParts {
  readonly events: EventBus;
  readonly reader: Pick<RunReader, "durations">;
  readonly active: () => readonly Run[];
  /** The task's `budget`, where it has one. */
  readonly budgetOf: (taskId: string) => number | undefined;
}

interface Limit {
  readonly limitMs: number;
  readonly usual: boolean;
}

export class SlowRuns {
  /** By run: how long it may take; `"none"` where nobody can say; `"said"` once it was. */
  readonly #limits = new Map<string, Limit | "none" | "said">();

  constructor(readonly parts: SlowRunsParts) {}

  async look(now: EpochMs): Promise<void> {
    const { active, events } = this.parts;
    const running = active().filter(({ status }) => status === "running");
    const ids = new Set(running.map(({ id }) => id));
    for (const id of this.#limits.keys()) if (!ids.has(id)) this.#limits.delete(id);
    for (const run of running) {
      const limit = this.#limits.get(run.id) ?? await this.#limitOf(run, now);
      if (limit === undefined || limit === "none" || limit === "said") continue;
      if (now - (run.startedAt ?? now) <= limit.limitMs) continue;
      this.#limits.set(run.id, "said");
      events.emit("run.slow", { run, ...limit });
    }
  }

  /** Asked once a run, and only of one that goes on for a while. */
  async #limitOf(
    { id, taskId, startedAt = Infinity }: Run,
    now: EpochMs,
  ): Promise<Limit | "none" | undefined> {
    const budgetMs = this.parts.budgetOf(taskId);
    if (budgetMs === undefined && now - startedAt < LEAST_MS) return undefined;
    const limit: Limit | "none" = budgetMs === undefined
      ? usualLimit(await this.parts.reader.durations(taskId, USUAL_FROM))
      : { limitMs: budgetMs, usual: false };
    this.#limits.set(id, limit);
    return limit;
  }
}

function usualLimit(durations: readonly number[]): Limit | "none" {
  const limitMs = tooLongMs(undefined, usualMs(durations));
  return limitMs === undefined ? "none" : { limitMs: Math.max(LEAST_MS, limitMs), usual: true };
}
