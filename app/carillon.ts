/** Carillon as a whole, without its pages: task files become tasks, due instants become runs, runs become history. */
import { dirname, join } from "node:path";
import type { Config } from "./config.ts";
import { Dispatcher } from "./dispatcher.ts";
import { FileBackedHistory } from "./history/history.ts";
import { MemoryHistory } from "./history/memory.ts";
import type { Run } from "./history/run.ts";
import { historyFile } from "./history/file.ts";
import type { HistoryStore, TaskStateStore } from "./history/store.ts";
import type { Journal } from "./journal.ts";
import { createMask, SHORTEST_SECRET } from "./mask.ts";
import { createExecutors, executorOf } from "./run/executor.ts";
import type { HostSettings } from "./run/messages.ts";
import { Runner } from "./run/runner.ts";
import { WatermarkFile } from "./run/watermarks.ts";
import { TaskChecker } from "./run/task_checker.ts";
import { type Clock, sleep } from "./scheduler/clock.ts";
import type { EpochMs } from "./time.ts";
import { Scheduler } from "./scheduler/scheduler.ts";
import { setSecrets } from "./secrets.ts";
import { setDatabaseFile } from "../datasource/datasource.ts";
import { type ApiSettings, setApiSettings } from "../datasource/default_api.ts";
import { secretsOf } from "../datasource/settings.ts";
import { type FollowProblem, followProblems } from "./task/follow.ts";
import { type Locale, text } from "./locale/locale.ts";
import { Mirror } from "./task/mirror.ts";
import { type ParamProblem, readParams } from "./task/params.ts";
import { type Reloaded, type Task, TaskRegistry } from "./task/registry.ts";
import { compileTrigger } from "./trigger/compile.ts";
import type { Trigger, TriggerSpec } from "./trigger/trigger.ts";
import { localDateTime } from "./trigger/zone.ts";

/** How often it is written down that Carillon is at work. */
const ALIVE_MS = 60_000;
/** How often the history is given time for what can wait, and the pause between two steps of a longer work. */
const MAINTAIN_MS = 5_000;
const STEP_MS = 50;

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
  /** When this program began its work. */
  readonly openedAt: EpochMs;
  readonly #triggers = new Map<string, Trigger>();
  /** Ends what goes on beside the runs. */
  readonly #stopping = new AbortController();
  #warnings: ReadonlyMap<string, readonly FollowProblem[]> = new Map();
  #running = false;
  #stopped: Promise<void> | undefined;

  private constructor(
    readonly config: Config,
    readonly clock: Clock,
    readonly journal: Journal,
    readonly history: HistoryStore & TaskStateStore,
    readonly mirror: Mirror,
    readonly registry: TaskRegistry,
    readonly scheduler: Scheduler,
    readonly runner: Runner,
    readonly checker: TaskChecker,
    readonly dispatcher: Dispatcher,
  ) {
    this.openedAt = clock.now();
  }

  /** Makes the folders, opens the history and loads the task files; nothing becomes due before {@link start}. */
  static async open(
    config: Config,
    clock: Clock,
    journal: Journal,
  ): Promise<Carillon> {
    await Deno.mkdir(config.scheduler.data, { recursive: true });
    await Deno.mkdir(config.scheduler.tasks, { recursive: true });
    const history = await openHistory(config, clock, journal);
    const mirror = new Mirror(config.scheduler.data, config.scheduler.tasks);
    await mirror.open();
    const settings = hostSettings(config, journal);
    const mask = createMask([...Object.values(settings.secrets), ...settings.masked]);
    setSecrets(settings.secrets);
    setApiSettings(settings.api);
    // For tasks that run in this thread.
    setDatabaseFile(settings.databaseFile);
    const checker = new TaskChecker(settings, clock, (text) => mirror.original(text));
    const registry = new TaskRegistry(
      config.scheduler.tasks,
      mirror,
      (module) => checker.describe(module),
    );
    const scheduler = new Scheduler({
      clock,
      states: history,
      journal,
      onFire: (fire) => dispatcher.onFire(fire),
      batch: (work) => history.batch(work),
    });
    const runner = new Runner({
      clock,
      history,
      executors: createExecutors({
        settings,
        clock,
        limit: config.scheduler.workers,
        mask,
        defaults: config.permissions,
        readable: [mirror.root, config.datasource.file],
        onStray: (error) => journal.error("an inline task left an error behind", error),
      }),
      executorOf: (task) => executorOf(task, config.permissions),
      workers: config.scheduler.workers,
      original: (text) => mirror.original(text),
      mask,
      watermarks: new WatermarkFile(join(config.scheduler.data, "watermarks.json")),
      local: (at, taskId) => localDateTime(at, carillon.zoneOf(taskId)),
      onEnded: (run) => carillon.#onEnded(run),
    });
    const dispatcher: Dispatcher = new Dispatcher({
      clock,
      runner,
      journal,
      taskOf: (id) => registry.tasks.get(id),
      zoneOf: (id) => carillon.zoneOf(id),
      lastAlive: history.lastAlive(),
    });
    const carillon: Carillon = new Carillon(
      config,
      clock,
      journal,
      history,
      mirror,
      registry,
      scheduler,
      runner,
      checker,
      dispatcher,
    );
    await carillon.reload();
    return carillon;
  }

  /** From now on tasks become due. */
  start(): void {
    this.scheduler.start();
    this.#running = true;
    void this.#keepAlive();
  }

  readonly #boot = crypto.randomUUID();
  #touches = 0;

  /** Another one whenever something has changed that pages show of tasks and runs, except for lines of logs. */
  get revision(): string {
    return `${this.#boot}.${this.#touches}.${this.runner.changes}`;
  }

  /** Stops the trigger of a task, or lets it go on. */
  setPaused(taskId: string, paused: boolean): void {
    this.scheduler.setPaused(taskId, paused);
    this.#touches++;
    this.journal.info(`task ${taskId}: its trigger was ${paused ? "paused" : "resumed"}`);
  }

  /** True between {@link start} and {@link stop}. */
  get isRunning(): boolean {
    return this.#running && !this.isStopping;
  }

  /** True once {@link stop} was called: nothing is started any more. */
  get isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** What is wrong with the history file; nothing while it is written, or where there is none. */
  get historyTrouble(): { readonly reason?: string; readonly setAside?: string } {
    if (!(this.history instanceof FileBackedHistory)) return {};
    const { trouble, setAside } = this.history;
    return {
      ...(trouble === undefined ? {} : { reason: trouble }),
      ...(setAside === undefined ? {} : { setAside }),
    };
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
    this.#follow();
    this.#touches++;
    return reloaded;
  }

  /** The trigger of a task; undefined for one that is only started by hand. */
  triggerOf(taskId: string): TaskTrigger | undefined {
    const trigger = this.#triggers.get(taskId);
    return trigger && { trigger, ended: trigger.nextMs(this.clock.now()) === null };
  }

  /** The next due instants of a task after a moment, at most `limit` of them; none while it is paused. */
  upcoming(taskId: string, after: EpochMs, limit: number, until = Infinity): EpochMs[] {
    const trigger = this.#triggers.get(taskId);
    const found: EpochMs[] = [];
    if (!trigger || this.scheduler.isPaused(taskId)) return found;
    for (let at = trigger.nextMs(after); at !== null && at < until; at = trigger.nextMs(at)) {
      found.push(at);
      if (found.length >= limit) break;
    }
    return found;
  }

  /** Zone in which a task's times are told. */
  zoneOf(taskId: string): string {
    return this.#triggers.get(taskId)?.timezone ?? this.config.scheduler.timezone;
  }

  /** Starts a run for somebody, with parameters as texts. Parameters that do not pass the task's schema start nothing. */
  async request(
    task: Task,
    given: Iterable<readonly [string, string]>,
    who: { readonly cause: "manual" | "api" | "cli"; readonly by?: string },
  ): Promise<StartAnswer> {
    const read = readParams(given, task.description.params);
    if (!read.ok) return read;
    const problems = await this.checker.check(task, read.params);
    if (problems.length > 0) return { ok: false, problems };
    return { ok: true, run: this.dispatcher.startAsked(task, { ...who, params: read.params }) };
  }

  /** Starts the same run once more, with the parameters it had; they are checked as the task is now. */
  async again(task: Task, run: Run): Promise<StartAnswer> {
    const problems = await this.checker.check(task, run.params);
    if (problems.length > 0) return { ok: false, problems };
    return { ok: true, run: this.dispatcher.startAsked(task, { cause: "retry", params: run.params }) };
  }

  /** What is odd about a task but does not keep it from running, in sentences. */
  warnings(taskId: string, locale: Locale): readonly string[] {
    return (this.#warnings.get(taskId) ?? []).map(({ key, values }) => text(locale, key, values));
  }

  /** Stops: nothing becomes due any more, running runs are waited for up to the grace time and then ended. */
  stop(): Promise<void> {
    return this.#stopped ??= this.#stop();
  }

  async #stop(): Promise<void> {
    this.#stopping.abort(new Error("Carillon is stopping"));
    await this.scheduler.stop();
    await this.runner.close(this.config.scheduler.grace);
    await this.checker.close();
    if (this.#running) this.history.saveAlive(this.clock.now());
    this.#running = false;
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
    this.scheduler.set(task.id, trigger, task.description.policies);
  }

  #ruleNote(taskId: string): string {
    const found = this.triggerOf(taskId);
    if (!found) return ", started by hand only";
    return `, ${found.trigger.describe("en")}${found.ended ? "; it has ended and will not fire" : ""}`;
  }

  #onEnded(run: Run): void {
    const said = run.error ? `: ${run.error.message}` : run.message === undefined ? "" : `: ${run.message}`;
    const line = `task ${run.taskId}: run ${run.id} ${run.status}${said}`;
    if (run.status === "succeeded") this.journal.info(line);
    else this.journal.warn(line);
    if (!this.isStopping) this.dispatcher.onEnded(run);
  }

  /** Which task follows which, anew after each reload. */
  #follow(): void {
    const tasks = [...this.registry.tasks.values()];
    const before = new Map(tasks.map(({ id }) => [id, this.warnings(id, "en")]));
    this.#warnings = followProblems(tasks);
    for (const { id } of tasks) {
      for (const sentence of this.warnings(id, "en")) {
        if (!before.get(id)?.includes(sentence)) this.journal.warn(`task ${id}: ${sentence}`);
      }
    }
    this.dispatcher.follow(tasks);
  }

  async #keepAlive(): Promise<void> {
    const { signal } = this.#stopping;
    let aliveAt = -Infinity;
    try {
      for (;;) {
        const now = this.clock.now();
        if (Math.abs(now - aliveAt) >= ALIVE_MS) {
          this.history.saveAlive(now);
          aliveAt = now;
        }
        const more = this.history instanceof FileBackedHistory && this.history.maintain(now);
        await sleep(this.clock, more ? STEP_MS : MAINTAIN_MS, signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
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
  const memory = new MemoryHistory(config.history.limit);
  if (config.history.file === "") return memory;
  await Deno.mkdir(dirname(config.history.file), { recursive: true });
  return new FileBackedHistory(memory, historyFile(config, clock), (sentence, error) => {
    if (error === undefined) journal.info(sentence);
    else journal.error(sentence);
  });
}

/** The default API client of tasks; its secret is the one of `[secrets]` that `[api]` names. */
function apiSettings({ api, secrets }: Config): ApiSettings {
  return {
    baseUrl: api.base_url,
    appId: api.app_id,
    appSecret: secrets[api.secret] ?? "",
    tokenPath: api.token_path,
    timeoutMs: api.timeout,
  };
}

/** What threads and processes are told when they start. */
function hostSettings(config: Config, journal: Journal): HostSettings {
  const { secrets, api } = config;
  for (const [name, value] of Object.entries(secrets)) {
    if (value.length >= SHORTEST_SECRET) continue;
    journal.warn(
      `[secrets] ${name} is shorter than ${SHORTEST_SECRET} characters: it is not taken out of logs and pages`,
    );
  }
  return {
    databaseFile: config.datasource.file,
    memoryMb: config.scheduler.memory,
    secrets,
    ...(api.base_url === "" ? {} : { api: apiSettings(config) }),
    masked: secretsOf(config.datasource.file),
  };
}
