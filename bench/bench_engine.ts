/** For benchmarks: the engine with real hosts and the history in memory, and tasks that are due again and again. */
import { existsSync } from "node:fs";
import { MemoryHistory } from "../app/history/memory.ts";
import { EventBus } from "../app/events/bus.ts";
import type { ExecutorKind } from "../app/model/order.ts";
import type { Run } from "../app/model/run.ts";
import { systemClock } from "../app/scheduler/clock.ts";
import { composeEngine } from "../app/service/engine.ts";
import { Mirror } from "../app/task/mirror.ts";
import { TaskRegistry } from "../app/task/registry.ts";
import type { Task } from "../app/task/task.ts";
import { TriggerTable } from "../app/task/trigger_table.ts";
import { compileTrigger } from "../app/trigger/compile.ts";
import { HOST_COMMAND, type HostCommand } from "../app/worker/host_command.ts";
import { createHosts, type Hosts } from "../app/worker/hosts.ts";
import { say } from "./measure.ts";

/** Runs of a task that the history keeps. */
const KEPT_RUNS = 5;

/** Milliseconds since 1970, with the fraction that the system clock has. */
export function preciseNow(): number {
  return Number(Temporal.Now.instant().epochNanoseconds) / 1e6;
}

const executable = new URL("../dist/carillon", import.meta.url).pathname;

/** Hosts are those of the executable, where it was made: the runtime takes ten times as long to load a module of the sources. */
export const executableHost: HostCommand | undefined = existsSync(executable)
  ? (socketPath) => ({ command: executable, args: [HOST_COMMAND, socketPath] })
  : undefined;

/** Real hosts in a folder of their own. */
export class BenchHosts {
  readonly folder: string = Deno.makeTempDirSync({ prefix: "carillon-bench-" });
  readonly hosts: Hosts;
  #mirror: Mirror | undefined;
  #runs = 0;

  constructor(readonly workers: number) {
    const all = true;
    this.hosts = createHosts({
      clock: systemClock,
      settings: { databaseFile: `${this.folder}/database.ini`, secrets: {} },
      limits: { workers, memoryMb: 512 },
      defaults: { net: all, read: all, write: all, env: all, run: all, sys: all },
      readable: [],
      data: this.folder,
      program: "bench",
      original: (text) => text,
      hostCommand: executableHost,
      onEvent: (event) => say(JSON.stringify(event)),
    });
    this.hosts.start();
  }

  /** Loads task files as Carillon does. @param sources by file name */
  async load(sources: Readonly<Record<string, string>>): Promise<ReadonlyMap<string, Task>> {
    const tasks = `${this.folder}/tasks`;
    await Deno.mkdir(tasks);
    for (const [name, source] of Object.entries(sources)) {
      await Deno.writeTextFile(`${tasks}/${name}`, source);
    }
    const mirror = new Mirror(`${this.folder}/data`, tasks);
    await mirror.open();
    const registry = new TaskRegistry({
      folder: tasks,
      mirror,
      describe: this.hosts.describe,
      now: Date.now,
    });
    await registry.reload();
    this.#mirror = mirror;
    if (registry.broken.length > 0) throw new Error(JSON.stringify(registry.broken));
    return registry.tasks;
  }

  /** Begins a run without engine and history; `onLine` is called at its first line. */
  begin(task: Task, executor: ExecutorKind, onLine: () => void = () => {}): Promise<unknown> {
    let heard = false;
    return this.hosts.executor.begin({
      runId: `run-${this.#runs++}`,
      taskId: task.id,
      module: task.module,
      executor,
      cause: "schedule",
      attempt: 1,
      scheduledAt: Date.now(),
      params: {},
      watermarks: {},
    }, () => {
      if (!heard) onLine();
      heard = true;
    }).answer;
  }

  async stop(): Promise<void> {
    await this.hosts.stop();
    await this.#mirror?.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}

export interface BenchEvents {
  /** The first line of a run that was due then. */
  readonly onLine?: (due: number) => void;
  readonly onEnded?: (run: Run) => void;
}

/** A task, how often it is due, and how far into that time. Milliseconds. */
export interface Rhythm {
  readonly task: Task;
  readonly every: number;
  readonly offset: number;
}

export class BenchEngine {
  /** Due instants that became no run. */
  lost = 0;

  private constructor(readonly begin: number, readonly stop: () => Promise<void>) {}

  /** The first instants are those after the next full second. */
  static async start(
    { hosts, workers }: BenchHosts,
    rhythms: readonly Rhythm[],
    { onLine, onEnded }: BenchEvents,
  ): Promise<BenchEngine> {
    const history = new MemoryHistory(KEPT_RUNS);
    const events = new EventBus((sentence) => say(sentence));
    const tasks = new Map(rhythms.map(({ task }) => [task.id, task]));
    const plain = (text: string) => text;
    const { scheduler, runner } = await composeEngine({
      clock: systemClock,
      events,
      history,
      executor: hosts.executor,
      triggers: new TriggerTable("UTC"),
      tasks: () => tasks.values(),
      taskOf: (id) => tasks.get(id),
      mask: plain,
      original: plain,
      workers,
      graceMs: 5_000,
    });
    const begin = Math.ceil(preciseNow() / 1_000 + 0.5) * 1_000;
    const engine = new BenchEngine(begin, async () => {
      await scheduler.stop();
      await runner.stop();
    });
    if (onLine) {
      const dueOf = new Map<string, number>();
      events.on("run.queued", ({ run }) => void dueOf.set(run.id, run.scheduledAt ?? run.queuedAt));
      events.on("run.ended", ({ run }) => void dueOf.delete(run.id));
      events.on("run.logged", ({ runId }) => {
        const due = dueOf.get(runId);
        if (due === undefined) return;
        dueOf.delete(runId);
        onLine(due);
      });
    }
    if (onEnded) events.on("run.ended", ({ run }) => onEnded(run));
    for (const name of ["run.skipped", "run.missed"] as const) {
      events.on(name, ({ run }) => void (engine.lost += run.instants));
    }
    for (const { task, every, offset } of rhythms) {
      const startDate = Temporal.Instant.fromEpochMilliseconds(begin + Math.floor(offset)).toString();
      const rule = { kind: "interval", every, startDate } as const;
      await scheduler.set(task.id, compileTrigger(rule, { timezone: "UTC", anchor: begin }));
    }
    scheduler.start();
    return engine;
  }
}
