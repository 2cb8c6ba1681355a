/** What a Carillon shows of its own health: its pulse, whether it is ready, its metrics. */
import type { Clock, History } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";
import type { Metric } from "../metrics/metric.ts";
import { Metrics } from "../metrics/metrics.ts";
import type { Run } from "../model/run.ts";
import type { TaskRegistry } from "../task/registry.ts";
import type { Lifetime } from "./lifetime.ts";
import { Pulse } from "./pulse.ts";
import { HeartbeatQueries } from "./queries/heartbeat.ts";
import type { NotifyQueries } from "./queries/notify.ts";
import type { TaskQueries } from "./queries/tasks.ts";
import { Readiness } from "./readiness.ts";

export interface ObservationParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly lifetime: Lifetime;
  readonly history: History;
  /** Why the task folder could not be read the last time; undefined where it could. */
  readonly folderTrouble: () => string | undefined;
  readonly historyBytes: () => number;
  readonly historyWriteTimes: Metric;
  readonly registry: TaskRegistry;
  readonly tasks: TaskQueries;
  readonly notify: NotifyQueries;
  readonly active: () => readonly Run[];
  readonly earliest: () => number | undefined;
  readonly workers: number;
  readonly busyWorkers: () => number;
  /** How many runs wait for the word of another person. */
  readonly awaiting: () => number;
  readonly warmHosts: () => number;
  /** Why no host answers and none can be started; undefined where one does or can. */
  readonly hostTrouble: () => string | undefined;
  /** Of `[watch]`. */
  readonly watchSecret: string | undefined;
}

export interface Observation {
  readonly pulse: Pulse;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly heartbeat: HeartbeatQueries;
}

export function composeObservation(parts: ObservationParts): Observation {
  const { clock, events, lifetime, history, registry, tasks, notify, active } = parts;
  const running = () => active().filter(({ status }) => status === "running");
  const pulse = new Pulse({
    clock,
    earliest: parts.earliest,
    onStall: (ms) =>
      events.emit("clock.stalled", { ms, running: [...new Set(running().map(({ taskId }) => taskId))] }),
  });
  const readiness = new Readiness({
    lifetime,
    pulse,
    health: () => history.health(),
    folderTrouble: parts.folderTrouble,
    hostTrouble: parts.hostTrouble,
  });
  const metrics = new Metrics(events, {
    folderOf: (taskId) => folderOf(registry, taskId),
    awaiting: parts.awaiting,
    queued: () => active().filter(({ status }) => status === "queued").length,
    running: () => running().length,
    busyWorkers: parts.busyWorkers,
    workers: parts.workers,
    warmHosts: parts.warmHosts,
    tasks: () => countTasks(tasks),
    brokenFiles: () => registry.broken.length,
    historyWrites: () => history.health().trouble === undefined,
    historyBytes: parts.historyBytes,
    historyWriteTimes: parts.historyWriteTimes,
    tickAge: () => pulse.ageMs / 1_000,
    overdue: () => pulse.overdueMs / 1_000,
    waitingMessages: () => notify.targets().map(({ name, waiting }) => [name, waiting]),
  });
  const heartbeat = new HeartbeatQueries({
    clock,
    events,
    reader: history,
    lifetime,
    pulse,
    readiness,
    promised: () => promised(registry),
    secret: parts.watchSecret,
  });
  return { pulse, readiness, metrics, heartbeat };
}

function folderOf(registry: TaskRegistry, taskId: string): string {
  const path = registry.tasks.get(taskId)?.path ?? "";
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

function countTasks(tasks: TaskQueries) {
  const counts = { active: 0, paused: 0, by_hand: 0 };
  for (const id of tasks.ids()) counts[tasks.stateOf(id)]++;
  return counts;
}

function promised({ tasks }: TaskRegistry): string[] {
  return [...tasks.values()].filter(({ description: { policies } }) => policies.doneBy !== undefined).map((
    { id },
  ) => id);
}
