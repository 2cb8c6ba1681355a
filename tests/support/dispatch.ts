/** Scheduler, policies and runs on virtual time, with attempts that take no real time either. */
import { instantOf } from "../../app/base/time.ts";
import type { ArrivalLog, BackfillLog, History } from "../../app/contracts.ts";
import { EventBus } from "../../app/events/bus.ts";
import { MemoryHistory } from "../../app/history/memory.ts";
import type { RunOrder } from "../../app/model/order.ts";
import type { Run } from "../../app/model/run.ts";
import type { Approvals } from "../../app/run/approvals.ts";
import type { Backfills } from "../../app/run/backfills.ts";
import type { Dispatcher } from "../../app/run/dispatcher.ts";
import type { Arrivals } from "../../app/run/files/arrivals.ts";
import type { Runner } from "../../app/run/runner.ts";
import type { Scheduler } from "../../app/scheduler/scheduler.ts";
import type { ClockMark } from "../../app/scheduler/set_back.ts";
import { composeEngine } from "../../app/service/engine.ts";
import { writeJournal } from "../../app/service/journal_lines.ts";
import { defineTask, type TaskDefinition } from "../../app/task/define.ts";
import { describeTask } from "../../app/task/description.ts";
import type { Task } from "../../app/task/task.ts";
import { TriggerTable } from "../../app/task/trigger_table.ts";
import { VirtualClock } from "./clock.ts";
import { keptJournal } from "./journal.ts";
import { type Behaviour, type VirtualExecutor, virtualExecutor } from "./virtual_executor.ts";

export type Definition = Omit<TaskDefinition, "run">;

export interface Assembly {
  readonly clock: VirtualClock;
  readonly history: History;
  readonly events: EventBus;
  readonly runner: Runner;
  readonly scheduler: Scheduler;
  readonly triggers: TriggerTable;
  readonly backfills: Backfills;
  readonly approvals: Approvals;
  readonly dispatcher: Dispatcher;
  readonly arrivals: Arrivals;
  readonly executors: VirtualExecutor;
  readonly tasks: ReadonlyMap<string, Task>;
  readonly lines: readonly string[];
  /** The runs of a task, oldest first, each as `status: message` and, where asked for, its due instant. */
  told(taskId: string): Promise<string[]>;
  /** The task, which must be there. */
  task(id: string): Task;
}

export interface AssemblyOptions {
  readonly clock?: VirtualClock;
  readonly history?: History;
  readonly workers?: number;
  readonly backfillLog?: BackfillLog;
  readonly arrivalLog?: ArrivalLog;
  /** The working folder; the tests' own where undefined. */
  readonly folder?: string;
  /** How far the clock was ahead, over several lives. */
  readonly ahead?: ClockMark;
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

/** Puts the parts together as the program does, and starts the scheduler. */
export async function assemble(
  tasks: ReadonlyMap<string, Task>,
  options: AssemblyOptions = {},
): Promise<Assembly> {
  const { clock = new VirtualClock("2026-03-10T10:00:00Z"), workers = 10, timezone = "UTC" } = options;
  const { history = new MemoryHistory(1_000), behave = () => ({ ms: 0 }) } = options;
  const { journal, lines } = keptJournal();
  const events = new EventBus((sentence, thrown) => journal.error(sentence, thrown));
  writeJournal(events, journal);
  const executor = virtualExecutor(clock, behave);
  const triggers = new TriggerTable(timezone);
  const plain = (text: string) => text;
  const { runner, dispatcher, scheduler, interrupted, selfPause, backfills, approvals, arrivals } =
    await composeEngine({
      clock,
      events,
      history,
      executor,
      triggers,
      tasks: () => tasks.values(),
      taskOf: (id) => tasks.get(id),
      mask: plain,
      original: plain,
      backfillLog: options.backfillLog,
      arrivalLog: options.arrivalLog,
      folder: options.folder,
      ahead: options.ahead,
      workers,
      graceMs: 30_000,
    });
  dispatcher.follow([...tasks.values()]);
  for (const task of tasks.values()) {
    const trigger = triggers.set(task, await scheduler.firstSeen(task.id));
    if (trigger) await scheduler.set(task.id, trigger, task.description.policies);
  }
  await selfPause.start();
  await interrupted.start();
  await approvals.start();
  scheduler.start();
  await backfills.start();
  arrivals.start();
  return {
    clock,
    history,
    events,
    runner,
    scheduler,
    triggers,
    backfills,
    approvals,
    dispatcher,
    arrivals,
    executors: executor,
    tasks,
    lines,
    told: async (taskId) =>
      (await history.recent(taskId)).toReversed().map((run) => `${due(run)} ${run.status}${because(run)}`),
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
