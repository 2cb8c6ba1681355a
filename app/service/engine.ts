/** The engine: what turns due instants into runs. The same on a real clock with real hosts and in tests. */
import type { Mask } from "../base/mask.ts";
import type { EpochMs } from "../base/time.ts";
import type { ArrivalLog, BackfillLog, Clock, Executor, History, PlannedRunLog } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";
import type { CodeFile } from "../model/code.ts";
import { Approvals } from "../run/approvals.ts";
import { Backfills } from "../run/backfills.ts";
import { Dispatcher } from "../run/dispatcher.ts";
import { Arrivals } from "../run/files/arrivals.ts";
import { InterruptedRuns } from "../run/interrupted_runs.ts";
import { SelfPause } from "../run/self_pause.ts";
import { passingPlans, PlannedRuns } from "../run/planned_runs.ts";
import { HistoryInstants } from "../run/recorded_instants.ts";
import { Recorder } from "../run/recorder.ts";
import { Runner } from "../run/runner.ts";
import { Scheduler } from "../scheduler/scheduler.ts";
import { type ClockMark, STEP_BACK_MS } from "../scheduler/set_back.ts";
import type { Task } from "../task/task.ts";
import type { TriggerTable } from "../task/trigger_table.ts";
import { Windows } from "../task/windows.ts";

export interface EngineParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly history: History;
  readonly executor: Executor;
  readonly triggers: TriggerTable;
  readonly tasks: () => Iterable<Task>;
  readonly taskOf: (id: string) => Task | undefined;
  readonly mask: Mask;
  /** Puts the paths of task files back into the text of an error. */
  readonly original: (text: string) => string;
  /** Sees to it that a host can load a task; a promise where something has to be done for it. */
  readonly prepare?: ((task: Task) => Promise<void> | undefined) | undefined;
  /** The files that a task was loaded from; the code of runs is not kept where undefined. */
  readonly filesOf?: ((task: Task) => readonly CodeFile[]) | undefined;
  /** Name of this machine, and version of this program, as they are kept with the runs. */
  readonly machine?: string | undefined;
  readonly program?: string | undefined;
  /** How far the clock was ahead; kept for this run of the program only where undefined. */
  readonly ahead?: ClockMark | undefined;
  /** When Carillon was active before this start, where something else than the history knows. */
  readonly lastAlive?: EpochMs | undefined;
  /** Where backfills are written down; kept for this run of the program only where undefined. */
  readonly backfillLog?: BackfillLog | undefined;
  /** Where files that were taken are written down; kept for this run of the program only where undefined. */
  readonly arrivalLog?: ArrivalLog | undefined;
  /** The folder from which the patterns of `watch` are meant; the working folder where undefined. */
  readonly folder?: string | undefined;
  /** Where planned runs are written down; kept for this run of the program only where undefined. */
  readonly plannedLog?: PlannedRunLog | undefined;
  /** What goes out with what an attempt does elsewhere; undefined where nobody traces. */
  readonly traceparentOf?: ((runId: string, attempt: number) => string) | undefined;
  /** Most runs that need a worker at one time. */
  readonly workers: number;
  /** Time limit of attempts whose task has none of its own, in milliseconds; none where undefined. */
  readonly timeoutMs?: number | undefined;
  /** How long runs under way have when Carillon stops, in milliseconds. */
  readonly graceMs: number;
}

export interface Engine {
  readonly windows: Windows;
  readonly runner: Runner;
  readonly dispatcher: Dispatcher;
  readonly scheduler: Scheduler;
  readonly interrupted: InterruptedRuns;
  readonly selfPause: SelfPause;
  readonly backfills: Backfills;
  readonly approvals: Approvals;
  readonly arrivals: Arrivals;
  readonly planned: PlannedRuns;
}

export async function composeEngine(parts: EngineParts): Promise<Engine> {
  const { clock, events, history, executor, triggers, taskOf, mask, original, workers, graceMs, timeoutMs } =
    parts;
  const following = (taskId: string, at: EpochMs) => triggers.of(taskId)?.nextMs(at);
  const zoneOf = (taskId: string) => triggers.zoneOf(taskId);
  const recorder = new Recorder({
    clock,
    history,
    events,
    mask,
    original,
    zoneOf,
    following,
    filesOf: parts.filesOf,
    machine: parts.machine,
    program: parts.program,
  });
  const windows = new Windows(triggers);
  const runner = new Runner({
    clock,
    events,
    recorder,
    executor,
    states: history,
    windows,
    prepare: parts.prepare,
    artifacts: history.artifactLimits,
    traceparentOf: parts.traceparentOf,
    workers,
    graceMs,
    timeoutMs,
  });
  const lastAlive = latest(parts.lastAlive, await history.lastAlive());
  const ahead = parts.ahead ?? passingMark();
  noticeSetBack(clock.now(), lastAlive, ahead, events);
  const dispatcher = new Dispatcher({
    clock,
    events,
    recorder,
    runner,
    runs: history,
    taskOf,
    zoneOf,
    lastAlive: earlier(lastAlive, clock.now()),
  });
  const scheduler = new Scheduler({
    clock,
    states: history,
    gate: history,
    recorded: new HistoryInstants(history, recorder, zoneOf),
    ahead,
    events,
    onFire: (fire) => dispatcher.onFire(fire),
    batch: (work) => recorder.batch(work),
  });
  const { tasks } = parts;
  const interrupted = new InterruptedRuns({ events, runs: history, tasks, taskOf, dispatcher, lastAlive });
  const selfPause = new SelfPause({ events, runs: history, tasks, taskOf, scheduler });
  const log = parts.backfillLog ?? passingLog();
  const backfills = new Backfills({
    clock,
    events,
    log,
    runs: history,
    runner,
    windows,
    taskOf,
    maskedParams: (params) => recorder.maskedParams(params),
  });
  const approvals = new Approvals({ clock, events, runs: history, recorder, dispatcher, zoneOf });
  const arrivals = new Arrivals({
    clock,
    events,
    log: parts.arrivalLog ?? passingArrivals(),
    runs: history,
    runner,
    tasks,
    taskOf,
    isPaused: (id) => scheduler.isPaused(id),
    zoneOf,
    folder: parts.folder ?? Deno.cwd(),
  });
  const planLog = parts.plannedLog ?? passingPlans();
  const planned = new PlannedRuns({
    clock,
    events,
    log: planLog,
    runs: history,
    recorder,
    dispatcher,
    taskOf,
  });
  return {
    windows,
    runner,
    dispatcher,
    scheduler,
    interrupted,
    selfPause,
    backfills,
    approvals,
    arrivals,
    planned,
  };
}

function latest(...moments: readonly (EpochMs | undefined)[]): EpochMs | undefined {
  const known = moments.filter((each) => each !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function earlier(moment: EpochMs | undefined, now: EpochMs): EpochMs | undefined {
  return moment === undefined ? undefined : Math.min(moment, now);
}

/** The clock was set back while Carillon was stopped, or was wrong when it last ran. */
function noticeSetBack(
  now: EpochMs,
  lastAlive: EpochMs | undefined,
  ahead: ClockMark,
  events: EventBus,
): void {
  if (lastAlive === undefined || lastAlive - now <= STEP_BACK_MS) return;
  const until = Math.max(lastAlive, ahead.until() ?? -Infinity);
  ahead.keep(until);
  events.emit("clock.set_back", { ms: lastAlive - now, until });
}

/** A mark that the next start of the program does not know. */
function passingMark(): ClockMark {
  let mark: EpochMs | undefined;
  return {
    until: () => mark,
    keep: (until) => {
      mark = until;
    },
  };
}

/** A log of backfills that the next start of the program does not know. */
function passingLog(): BackfillLog {
  return { read: () => [], begin() {}, add() {}, remove() {} };
}

/** A log of files that the next start of the program does not know. */
function passingArrivals(): ArrivalLog {
  return { read: () => Promise.resolve([]), add: () => Promise.resolve(), replace: () => Promise.resolve() };
}
