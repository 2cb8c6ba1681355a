/** Scheduler, policies and runs on virtual time, with attempts that take no real time either. */
import { instantOf } from "../../app/time.ts";
import { oneTrigger } from "../../app/carillon.ts";
import { Dispatcher } from "../../app/dispatcher.ts";
import { MemoryHistory } from "../../app/history/memory.ts";
import type { Run } from "../../app/history/run.ts";
import type { HistoryStore, TaskStateStore } from "../../app/history/store.ts";
import type { RunOrder } from "../../app/run/messages.ts";
import { noWatermarks } from "../../app/run/watermarks.ts";
import { Runner } from "../../app/run/runner.ts";
import { Scheduler } from "../../app/scheduler/scheduler.ts";
import { defineTask, type TaskDefinition } from "../../app/task/define.ts";
import { describeTask } from "../../app/task/description.ts";
import type { Task } from "../../app/task/registry.ts";
import { compileTrigger } from "../../app/trigger/compile.ts";
import { localDateTime } from "../../app/trigger/zone.ts";
import { VirtualClock } from "./clock.ts";
import { keptJournal } from "./journal.ts";
import { type Behaviour, type VirtualExecutors, virtualExecutors } from "./virtual_executor.ts";

export type Definition = Omit<TaskDefinition, "run">;

export interface Assembly {
  readonly clock: VirtualClock;
  readonly history: HistoryStore & TaskStateStore;
  readonly runner: Runner;
  readonly scheduler: Scheduler;
  readonly dispatcher: Dispatcher;
  readonly executors: VirtualExecutors;
  readonly tasks: ReadonlyMap<string, Task>;
  readonly lines: readonly string[];
  /** The runs of a task, oldest first, each as `status: message` and, where asked for, its due instant. */
  told(taskId: string): string[];
  /** The task, which must be there. */
  task(id: string): Task;
}

export interface AssemblyOptions {
  readonly clock?: VirtualClock;
  readonly history?: HistoryStore & TaskStateStore;
  readonly workers?: number;
  readonly behave?: (taskId: string, order: RunOrder) => Behaviour;
  /** Zone of the tasks. */
  readonly timezone?: string;
}

export async function tasksOf(definitions: Readonly<Record<string, Definition>>): Promise<Map<string, Task>> {
  const tasks = new Map<string, Task>();
  for (const [id, definition] of Object.entries(definitions)) {
    const description = await describeTask(
      defineTask({ ...definition, run() {} }),
      () => Promise.reject(new Error("no calendar file is expected")),
    );
    tasks.set(id, { id, path: `${id}.ts`, module: `file:///${id}.js`, version: "1", description });
  }
  return tasks;
}

/** Puts the parts together and starts the scheduler. */
export function assemble(tasks: ReadonlyMap<string, Task>, options: AssemblyOptions = {}): Assembly {
  const { clock = new VirtualClock("2026-03-10T10:00:00Z"), workers = 10, timezone = "UTC" } = options;
  const { history = new MemoryHistory(1_000), behave = () => ({ ms: 0 }) } = options;
  const { journal, lines } = keptJournal();
  const executors = virtualExecutors(clock, behave);
  const runner: Runner = new Runner({
    clock,
    history,
    executors,
    executorOf: ({ description }) => description.policies.executor,
    workers,
    original: (text) => text,
    mask: (text) => text,
    watermarks: noWatermarks,
    local: (at) => localDateTime(at, timezone),
    onEnded: (run) => dispatcher.onEnded(run),
  });
  const dispatcher = new Dispatcher({
    clock,
    runner,
    journal,
    taskOf: (id) => tasks.get(id),
    zoneOf: () => timezone,
    lastAlive: history.lastAlive(),
  });
  dispatcher.follow([...tasks.values()]);
  const scheduler = new Scheduler({
    clock,
    states: history,
    journal,
    onFire: (fire) => dispatcher.onFire(fire),
    batch: (work) => history.batch(work),
  });
  for (const { id, description } of tasks.values()) {
    const spec = oneTrigger(description.triggers);
    if (!spec) continue;
    const trigger = compileTrigger(spec, { timezone, anchor: scheduler.firstSeen(id) });
    scheduler.set(id, trigger, description.policies);
  }
  scheduler.start();
  return {
    clock,
    history,
    runner,
    scheduler,
    dispatcher,
    executors,
    tasks,
    lines,
    told: (taskId) =>
      history.recent(taskId).reverse().map((run) => `${due(run)} ${run.status}${because(run)}`),
    task(id) {
      const found = tasks.get(id);
      if (!found) throw new Error(`no task ${id}`);
      return found;
    },
  };
}

function due(run: Run): string {
  const at = run.scheduledAt ?? run.queuedAt;
  return instantOf(at).toString().slice(11, 19);
}

function because(run: Run): string {
  const said = run.error?.message ?? run.message;
  return said === undefined ? "" : `: ${said}`;
}
