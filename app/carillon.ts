/** Carillon as a whole, without its pages: task files become tasks, due instants become runs, runs become history. */
import type { Config } from "./config.ts";
import { FileBackedHistory } from "./history/history.ts";
import { MemoryHistory } from "./history/memory.ts";
import type { Run } from "./history/run.ts";
import { SqliteHistory } from "./history/sqlite.ts";
import type { HistoryStore, TaskStateStore } from "./history/store.ts";
import type { Journal } from "./journal.ts";
import type { WorkerSettings } from "./run/messages.ts";
import { Runner } from "./run/runner.ts";
import { WorkerPool } from "./run/worker_pool.ts";
import { after, type Clock } from "./scheduler/clock.ts";
import { type Fire, Scheduler } from "./scheduler/scheduler.ts";
import { Mirror } from "./task/mirror.ts";
import { type ParamProblem, readParams } from "./task/params.ts";
import { type DescribeModule, type Reloaded, type Task, TaskRegistry } from "./task/registry.ts";
import { compileTrigger } from "./trigger/compile.ts";
import type { Trigger, TriggerSpec } from "./trigger/trigger.ts";
import { localDateTime } from "./trigger/zone.ts";
import { dirname } from "node:path";

/** How long a task file may take to be imported. */
const IMPORT_TIMEOUT_MS = 10_000;

/** Workers that look at task files and parameters; they are apart, so that busy tasks keep nobody from starting one. */
const MAX_CHECKERS = 2;

/** What asking for a run led to. */
export type StartAnswer =
  | { readonly ok: true; readonly run: Run }
  | { readonly ok: false; readonly problems: readonly ParamProblem[] };

/** A task's trigger, ready to be asked and described. */
export interface TaskTrigger {
  readonly trigger: Trigger;
  /** True where it will not fire any more. */
  readonly ended: boolean;
}

export class Carillon {
  readonly #triggers = new Map<string, Trigger>();
  #running = false;
  #stopped: Promise<void> | undefined;

  private constructor(
    readonly config: Config,
    readonly clock: Clock,
    readonly journal: Journal,
    readonly history: HistoryStore & TaskStateStore,
    readonly pool: WorkerPool,
    readonly mirror: Mirror,
    readonly registry: TaskRegistry,
    readonly scheduler: Scheduler,
    readonly runner: Runner,
  ) {}

  /** Makes the folders, opens the history and loads the task files; nothing becomes due before {@link start}. */
  static async open(config: Config, clock: Clock, journal: Journal): Promise<Carillon> {
    await Deno.mkdir(config.scheduler.data, { recursive: true });
    await Deno.mkdir(config.scheduler.tasks, { recursive: true });
    const history = await openHistory(config, clock, journal);
    const settings: WorkerSettings = { databaseFile: config.datasource.file };
    const pool = new WorkerPool(config.scheduler.workers, settings, clock);
    const checkers = new WorkerPool(MAX_CHECKERS, settings, clock);
    const mirror = new Mirror(config.scheduler.data, config.scheduler.tasks);
    await mirror.open();
    const registry = new TaskRegistry(config.scheduler.tasks, mirror, describeIn(checkers, clock));
    const scheduler: Scheduler = new Scheduler({
      clock,
      states: history,
      journal,
      onFire: (fire) => carillon.#onFire(fire),
    });
    const runner = new Runner({
      clock,
      history,
      pool,
      checkers,
      original: (text) => mirror.original(text),
      onEnded: (run) => carillon.#logEnd(run),
    });
    const carillon = new Carillon(config, clock, journal, history, pool, mirror, registry, scheduler, runner);
    await carillon.reload();
    return carillon;
  }

  /** From now on tasks become due. */
  start(): void {
    this.scheduler.start();
    this.#running = true;
  }

  /** True between {@link start} and {@link stop}. */
  get isRunning(): boolean {
    return this.#running;
  }

  /** Why the history is kept in memory only at the moment; undefined while the file is written, or where there is none. */
  get historyTrouble(): string | undefined {
    return this.history instanceof FileBackedHistory ? this.history.trouble : undefined;
  }

  /** Reads the task folder anew and lets the scheduler know what changed. */
  async reload(): Promise<Reloaded> {
    const reloaded = await this.registry.reload();
    for (const task of reloaded.changed) {
      this.#schedule(task);
      this.journal.info(`task ${task.id}: loaded from ${task.path}${this.#ruleNote(task.id)}`);
    }
    for (const id of reloaded.removed) {
      this.scheduler.remove(id);
      this.#triggers.delete(id);
      this.journal.info(`task ${id}: its file is gone; it will not fire any more`);
    }
    for (const { file, place, message, taskId } of reloaded.newlyBroken) {
      const where = place ? `${file}:${place.line}:${place.column}` : file;
      const kept = taskId === undefined ? "" : ` (task ${taskId} goes on with its last good version)`;
      this.journal.error(`task file ${where}: ${message}${kept}`);
    }
    return reloaded;
  }

  /** The trigger of a task; undefined for one that is only started by hand. */
  triggerOf(taskId: string): TaskTrigger | undefined {
    const trigger = this.#triggers.get(taskId);
    return trigger && { trigger, ended: trigger.next(this.clock.now()) === null };
  }

  /** Starts a run for somebody, with parameters as texts. Parameters that do not pass the task's schema start nothing. */
  async request(
    task: Task,
    given: Iterable<readonly [string, string]>,
    who: { readonly cause: "manual" | "api" | "cli"; readonly by?: string },
  ): Promise<StartAnswer> {
    const read = readParams(given, task.description.params);
    if (!read.ok) return read;
    const problems = await this.runner.check(task, read.params);
    if (problems.length > 0) return { ok: false, problems };
    return { ok: true, run: this.runner.start(task, { ...who, params: read.params }) };
  }

  /** Stops: nothing becomes due any more, running runs are waited for up to the grace time and then ended. */
  stop(): Promise<void> {
    return this.#stopped ??= this.#stop();
  }

  async #stop(): Promise<void> {
    this.#running = false;
    await this.scheduler.stop();
    await this.runner.close(this.config.scheduler.grace);
    await this.mirror.close();
    await this.history.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #schedule(task: Task): void {
    const spec = oneTrigger(task.description.triggers);
    if (!spec) {
      this.#triggers.delete(task.id);
      this.scheduler.remove(task.id);
      return;
    }
    const trigger = compileTrigger(spec, {
      timezone: this.config.scheduler.timezone,
      anchor: this.scheduler.firstSeen(task.id),
    });
    this.#triggers.set(task.id, trigger);
    this.scheduler.set(task.id, trigger);
  }

  #ruleNote(taskId: string): string {
    const found = this.triggerOf(taskId);
    if (!found) return ", started by hand only";
    return `, ${found.trigger.describe("en")}${found.ended ? "; it has ended and will not fire" : ""}`;
  }

  #onFire(fire: Fire): void {
    const task = this.registry.tasks.get(fire.taskId);
    if (!task) return;
    if (fire.kind === "missed") {
      this.#noteMissed(fire);
      return;
    }
    const request = { cause: "schedule", scheduledAt: fire.at, params: {} } as const;
    const current = this.runner.current(task.id);
    if (!current) {
      this.runner.start(task, request);
      return;
    }
    const since = current.scheduledAt ?? current.queuedAt;
    this.runner.note(task.id, request, {
      status: "skipped",
      message: `the run of ${this.#local(since, task.id)} was still going`,
    });
  }

  #noteMissed(fire: Extract<Fire, { kind: "missed" }>): void {
    const { taskId, first, last, count, more } = fire;
    const message = `not noticed in time from ${this.#local(first, taskId)} to ${
      this.#local(last, taskId)
    } (${more ? "more than " : ""}${count} instant${
      count === 1 ? "" : "s"
    }): Carillon or the machine was stopped`;
    this.runner.note(taskId, { cause: "schedule", scheduledAt: first, params: {} }, {
      status: "missed",
      message,
      instants: count,
    });
    this.journal.warn(`task ${taskId}: ${message}`);
  }

  #local(instant: Temporal.Instant, taskId: string): string {
    const zone = this.#triggers.get(taskId)?.timezone ?? this.config.scheduler.timezone;
    return localDateTime(instant, zone);
  }

  #logEnd(run: Run): void {
    const said = run.error ? `: ${run.error.message}` : run.message === undefined ? "" : `: ${run.message}`;
    const line = `task ${run.taskId}: run ${run.id} ${run.status}${said}`;
    if (run.status === "succeeded") this.journal.info(line);
    else this.journal.warn(line);
  }
}

/** A list of triggers fires when any of them does. */
export function oneTrigger(specs: readonly TriggerSpec[]): TriggerSpec | undefined {
  return specs.length > 1 ? { kind: "any", of: specs } : specs[0];
}

async function openHistory(
  config: Config,
  clock: Clock,
  journal: Journal,
): Promise<HistoryStore & TaskStateStore> {
  const { limit, file } = config.history;
  const memory = new MemoryHistory(limit);
  if (file === "") return memory;
  await Deno.mkdir(dirname(file), { recursive: true });
  return new FileBackedHistory(memory, new SqliteHistory(file, limit, clock.now()), (error) => {
    journal.error(`history file ${file}: a record could not be written; it is kept in memory only`, error);
  });
}

function describeIn(pool: WorkerPool, clock: Clock): DescribeModule {
  return async (module) => {
    const done = new AbortController();
    const answer = await pool.use((worker) => {
      void after(clock, IMPORT_TIMEOUT_MS, done.signal, () => {
        void worker.end(`the file did not finish loading within ${IMPORT_TIMEOUT_MS / 1_000} s`);
      });
      return worker.ask({ kind: "describe", module }).finally(() => done.abort());
    });
    if (answer.kind === "described") return { ok: true, description: answer.description };
    if (answer.kind !== "failed") throw new Error(`the worker answered "${answer.kind}" to a description`);
    const { name, message, stack } = answer.error;
    const said = name === "TypeError" || name === "TriggerError" || name === "Error"
      ? message
      : `${name}: ${message}`;
    return { ok: false, message: said, ...(stack === undefined ? {} : { stack }) };
  };
}
