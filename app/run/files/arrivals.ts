/** New files start runs of the tasks that watch for them: each complete file once, over stops and crashes too. */
import type { EpochMs } from "../../base/time.ts";
import type { ArrivalLog, Clock, RunReader, Service } from "../../contracts.ts";
import type { EventBus } from "../../events/bus.ts";
import type { Run } from "../../model/run.ts";
import { closedBecause } from "../../policy/closed.ts";
import type { FilesPolicy } from "../../policy/files.ts";
import type { Task } from "../../task/task.ts";
import { leaveRun } from "../left_run.ts";
import type { Runner } from "../runner.ts";
import { type FoundFile, look } from "./look.ts";
import { TaskFiles, wasBegun } from "./task_files.ts";

/** Most runs of a task's files at one time where the task has no limit: the others wait in their folder. */
const MAX_AT_ONCE = 100;

export interface ArrivalsParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly log: ArrivalLog;
  readonly runs: Pick<RunReader, "find">;
  readonly runner: Runner;
  readonly tasks: () => Iterable<Task>;
  readonly taskOf: (id: string) => Task | undefined;
  readonly isPaused: (taskId: string) => boolean;
  readonly zoneOf: (taskId: string) => string;
  /** The working folder. */
  readonly folder: string;
}

export class Arrivals implements Service {
  readonly #watches = new Map<string, TaskFiles>();
  /** Watches that were ended because their task has changed or is gone. */
  readonly #ending = new Set<Promise<void>>();
  readonly #troubles = new Map<string, string>();
  readonly #subscriptions: (() => void)[] = [];
  #active = false;

  constructor(readonly parts: ArrivalsParts) {}

  start(): void {
    const { events, tasks } = this.parts;
    this.#active = true;
    this.#subscriptions.push(
      events.on("task.loaded", ({ taskId }) => this.#watch(taskId)),
      events.on("task.removed", ({ taskId }) => this.#watch(taskId)),
      events.on("task.resumed", ({ taskId }) => void this.#watches.get(taskId)?.fill()),
      events.on("run.started", ({ run }) => this.#settle(run)),
      events.on("run.ended", ({ run }) => {
        this.#settle(run);
        void this.#watches.get(run.taskId)?.fill();
      }),
      // What still begins is noted until the end.
      events.on("system.stopping", () => {
        this.#active = false;
      }),
    );
    for (const { id } of tasks()) this.#watch(id);
  }

  /** Gives no further file to a run; what is in the folders is found by the next start. */
  async stop(): Promise<void> {
    this.#active = false;
    for (const end of this.#subscriptions.splice(0)) end();
    for (const id of [...this.#watches.keys()]) this.#end(id);
    await Promise.all(this.#ending);
  }

  /** Looks at all folders now. */
  async look(): Promise<void> {
    await Promise.all([...this.#watches.values()].map((each) => each.look()));
  }

  /** What is wrong with a task's folders, in a sentence. */
  troubleOf(taskId: string): string | undefined {
    return this.#troubles.get(taskId);
  }

  /** Begins to watch for a task, goes on, or ends it, as the task is now. */
  #watch(taskId: string): void {
    const policy = this.parts.taskOf(taskId)?.description.policies.watch;
    const before = this.#watches.get(taskId);
    if (before && policy && JSON.stringify(before.policy) === JSON.stringify(policy)) return;
    const ended = this.#end(taskId);
    if (!policy || !this.#active) return;
    const files = this.#filesOf(taskId, policy);
    this.#watches.set(taskId, files);
    // The one before may still be writing what it knows.
    void ended.then(() => this.#watches.get(taskId) === files && files.start());
  }

  #end(taskId: string): Promise<void> {
    const ended = this.#watches.get(taskId)?.stop() ?? Promise.resolve();
    this.#watches.delete(taskId);
    this.#troubles.delete(taskId);
    const ending = ended.finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
    return ended;
  }

  #filesOf(taskId: string, policy: FilesPolicy): TaskFiles {
    const { clock, log, runs, folder } = this.parts;
    return new TaskFiles(taskId, policy, {
      clock,
      log,
      runs,
      look: (patterns) => look(patterns, folder),
      hasRoom: () => this.#hasRoom(taskId),
      isLive: (at) =>
        this.parts.runner.live(taskId).some((run) => run.cause === "file" && run.scheduledAt === at),
      start: (file, at) => this.#start(taskId, policy, file, at),
      onLost: (run) => leaveRun(this.parts.events, run, `its file ${run.by} is gone`),
      onTrouble: (sentence) => this.#note(taskId, sentence),
    });
  }

  /** A pause, a blackout, a day off and runs that are going on make files wait; none is passed over. */
  #hasRoom(taskId: string): boolean {
    const { taskOf, isPaused, runner, clock, zoneOf } = this.parts;
    const task = taskOf(taskId);
    if (!task || !this.#active || isPaused(taskId)) return false;
    const { blackout, calendar, concurrency } = task.description.policies;
    if (closedBecause(clock.now(), zoneOf(taskId), blackout, calendar)) return false;
    return runner.live(taskId).length < Math.min(concurrency, MAX_AT_ONCE);
  }

  #start(taskId: string, { param }: FilesPolicy, { shown }: FoundFile, at: EpochMs): void {
    const task = this.parts.taskOf(taskId);
    if (!task) throw new Error(`the task ${taskId} is gone`);
    this.parts.runner.run(task, { cause: "file", by: shown, scheduledAt: at, params: { [param]: shown } });
  }

  #settle(run: Run): void {
    if (run.cause !== "file" || run.scheduledAt === undefined || !wasBegun(run)) return;
    this.#watches.get(run.taskId)?.settle(run.scheduledAt);
  }

  #note(taskId: string, sentence: string | undefined): void {
    const before = this.#troubles.get(taskId);
    if (sentence === before) return;
    if (sentence === undefined) this.#troubles.delete(taskId);
    else {
      this.#troubles.set(taskId, sentence);
      this.parts.events.emit("task.warned", { taskId, message: `watch: ${sentence}` });
    }
  }
}
