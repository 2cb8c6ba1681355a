/** `pauseAfter`: pauses a task that has failed so often in a row, and knows why it is paused. */
import type { RunReader, Service } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";
import type { Run } from "../model/run.ts";
import { failuresInRow, pausesNow } from "../policy/pause_after.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { Task } from "../task/task.ts";

export interface SelfPauseParts {
  readonly events: EventBus;
  readonly runs: Pick<RunReader, "recent">;
  readonly tasks: () => Iterable<Task>;
  readonly taskOf: (id: string) => Task | undefined;
  readonly scheduler: Scheduler;
}

/** Who paused a task that paused itself. */
const ITSELF = { channel: "carillon" } as const;
/** Records that say nothing of success or failure may stand between the failures. */
const LOOKED_AT_EACH = 20;

export class SelfPause implements Service {
  readonly #failures = new Map<string, number>();
  readonly #subscriptions: (() => void)[];
  #checking: Promise<void> = Promise.resolve();

  constructor(readonly parts: SelfPauseParts) {
    const { events } = parts;
    this.#subscriptions = [
      events.on("run.ended", ({ run }) => this.#checkLater(run)),
      events.on("task.resumed", ({ taskId }) => this.#failures.delete(taskId)),
      events.on("task.removed", ({ taskId }) => this.#failures.delete(taskId)),
    ];
  }

  /** Finds out which tasks had paused themselves before this start. */
  async start(): Promise<void> {
    const { tasks, scheduler } = this.parts;
    for (const task of tasks()) {
      const { pauseAfter } = task.description.policies;
      if (pauseAfter === undefined || !scheduler.isPaused(task.id)) continue;
      const statuses = await this.#statuses(task.id, pauseAfter);
      if (pausesNow(pauseAfter, statuses)) this.#failures.set(task.id, failuresInRow(statuses));
    }
  }

  async stop(): Promise<void> {
    for (const end of this.#subscriptions) end();
    await this.#checking;
  }

  /** How many failures in a row have paused a task; undefined where it did not pause itself. */
  failuresOf(taskId: string): number | undefined {
    return this.parts.scheduler.isPaused(taskId) ? this.#failures.get(taskId) : undefined;
  }

  #checkLater({ taskId, status, cause }: Run): void {
    if (cause === "backfill") return;
    const pauseAfter = this.parts.taskOf(taskId)?.description.policies.pauseAfter;
    if (pauseAfter === undefined || (status !== "failed" && status !== "timed_out")) return;
    this.#checking = this.#checking.then(async () => {
      try {
        await this.#check(taskId, pauseAfter);
      } catch (error) {
        this.parts.events.emit("clock.failed", { taskId, error });
      }
    });
  }

  async #check(taskId: string, pauseAfter: number): Promise<void> {
    const { scheduler, events } = this.parts;
    const statuses = await this.#statuses(taskId, pauseAfter);
    if (scheduler.isPaused(taskId) || !pausesNow(pauseAfter, statuses)) return;
    const failures = failuresInRow(statuses);
    this.#failures.set(taskId, failures);
    await scheduler.setPaused(taskId, true);
    // One without a trigger has nothing to be paused.
    if (!scheduler.isPaused(taskId)) return;
    events.emit("task.paused", { taskId, actor: ITSELF, failures });
  }

  async #statuses(taskId: string, pauseAfter: number): Promise<Run["status"][]> {
    const recent = await this.parts.runs.recent(taskId, pauseAfter * LOOKED_AT_EACH);
    // Whoever lets it go on gives it as many failures again.
    const since = this.parts.scheduler.resumedAt(taskId) ?? -Infinity;
    return recent.filter(({ cause, finishedAt = Infinity }) => cause !== "backfill" && finishedAt > since)
      .map(({ status }) => status);
  }
}
