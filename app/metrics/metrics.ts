/** All metrics of a Carillon, and their text. */
import type { EventBus } from "../events/bus.ts";
import { exposition } from "./exposition.ts";
import { Counter, Gauge, Histogram, type Metric } from "./metric.ts";
import { processMetrics } from "./process_metrics.ts";
import { runMetrics } from "./run_metrics.ts";

/** Seconds. */
const REQUESTS = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

/** What is asked for when somebody reads the metrics; all of it costs next to nothing. */
export interface Readings {
  readonly folderOf: (taskId: string) => string;
  /** Runs that wait for the word of another person. */
  readonly awaiting: () => number;
  readonly queued: () => number;
  readonly running: () => number;
  readonly busyWorkers: () => number;
  readonly workers: number;
  readonly warmHosts: () => number;
  /** Tasks with a trigger that fires, that is paused, that has ended or is not there. */
  readonly tasks: () => Readonly<Record<"active" | "paused" | "by_hand", number>>;
  readonly brokenFiles: () => number;
  /** False while what is behind the history's memory cannot be written. */
  readonly historyWrites: () => boolean;
  readonly historyBytes: () => number;
  /** How long the writes of its file took. */
  readonly historyWriteTimes: Metric;
  /** Seconds since the clock ticked last. */
  readonly tickAge: () => number;
  /** How many seconds the oldest due instant is overdue; 0 where none is. */
  readonly overdue: () => number;
  /** Messages that are not done, by target. */
  readonly waitingMessages: () => readonly (readonly [string, number])[];
}

export class Metrics {
  readonly #metrics: readonly Metric[];
  readonly #requests = new Counter("carillon_http_requests_total", "Requests, by method, route and status.", [
    "method",
    "route",
    "status",
  ]);
  readonly #requestTimes = new Histogram(
    "carillon_http_request_duration_seconds",
    "How long answers took.",
    REQUESTS,
    ["route"],
  );

  constructor(events: EventBus, readings: Readings) {
    this.#metrics = [
      ...runMetrics(events, readings.folderOf),
      ...systemCounters(events),
      ...systemGauges(readings),
      readings.historyWriteTimes,
      this.#requests,
      this.#requestTimes,
      ...processMetrics(),
    ];
  }

  /** A request was answered. @param route the pattern, such as `/tasks/:id`, of which there is a bounded number */
  onRequest(method: string, route: string, status: number, ms: number): void {
    this.#requests.add([KNOWN_METHODS.has(method) ? method : "other", route, String(status)]);
    this.#requestTimes.observe(ms / 1_000, [route]);
  }

  /** The text for Prometheus. @param version of Carillon */
  text(version: string): string {
    const build = new Gauge("carillon_build_info", "Versions, as labels.", ["version", "deno"], () => [
      [[version, Deno.version.deno], 1],
    ]);
    return exposition([build, ...this.#metrics]);
  }
}

const KNOWN_METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

function systemCounters(events: EventBus): readonly Metric[] {
  const tried = new Counter(
    "carillon_notifications_total",
    "Messages that were sent, or tried to be, by target and outcome.",
    [
      "target",
      "outcome",
    ],
  );
  const lost = new Counter(
    "carillon_notifications_undelivered_total",
    "Messages that a target did not take.",
    ["target"],
  );
  const setBack = new Counter("carillon_clock_set_back_total", "How often the system's time was set back.");
  const faults = new Counter("carillon_clock_faults_total", "Due instants whose handing on failed: a bug.");
  const history = new Counter(
    "carillon_history_failures_total",
    "How often the history could not be written.",
  );
  const loaded = new Counter("carillon_tasks_loaded_total", "Versions of tasks that were loaded.");
  const spans = new Counter("carillon_trace_spans_dropped_total", "Spans of traces that no collector got.");
  events.on("trace.dropped", ({ count }) => spans.add([], count));
  events.on("notify.tried", ({ target, outcome }) => tried.add([target, outcome]));
  events.on("notify.undelivered", ({ target }) => lost.add([target]));
  events.on("clock.set_back", () => setBack.add());
  events.on("clock.failed", () => faults.add());
  events.on("history.failed", () => history.add());
  events.on("task.loaded", () => loaded.add());
  return [tried, lost, setBack, faults, history, loaded, spans];
}

function systemGauges(readings: Readings): readonly Metric[] {
  return [
    new Gauge("carillon_runs_active", "Runs that are not over.", ["state"], () => [
      [["awaiting_approval"], readings.awaiting()],
      [["queued"], readings.queued()],
      [["running"], readings.running()],
    ]),
    new Gauge("carillon_workers_busy", "Workers that are taken.", [], readings.busyWorkers),
    new Gauge("carillon_workers", "Workers there are.", [], () => readings.workers),
    new Gauge("carillon_hosts_warm", "Hosts that are ready for a run.", [], readings.warmHosts),
    new Gauge(
      "carillon_tasks",
      "Tasks, by how their trigger is.",
      ["state"],
      () => Object.entries(readings.tasks()).map(([state, count]) => [[state], count]),
    ),
    new Gauge("carillon_task_files_broken", "Task files that cannot be used.", [], readings.brokenFiles),
    new Gauge(
      "carillon_history_writes",
      "1 while the history is written to its file, 0 while it is kept in memory.",
      [],
      () => readings.historyWrites() ? 1 : 0,
    ),
    new Gauge("carillon_history_bytes", "Size of the history file.", [], readings.historyBytes),
    new Gauge("carillon_clock_tick_age_seconds", "Since the clock ticked last.", [], readings.tickAge),
    new Gauge(
      "carillon_oldest_overdue_seconds",
      "How long the oldest due instant waits for its start.",
      [],
      readings.overdue,
    ),
    new Gauge(
      "carillon_notifications_waiting",
      "Messages that are not sent yet, by target.",
      ["target"],
      () => readings.waitingMessages().map(([target, count]) => [[target], count]),
    ),
  ];
}
