/** One run's life: queued, running, ended, with every step recorded. */
import { v7 as uuidv7 } from "uuid";
import { isTerminal, type Run, type RunCause, type RunError, type RunStatus } from "../history/run.ts";
import type { HistoryStore } from "../history/store.ts";
import { after, type Clock, sleep } from "../scheduler/clock.ts";
import type { ParamProblem } from "../task/params.ts";
import type { Task } from "../task/registry.ts";
import type { WorkerAnswer } from "./messages.ts";
import type { TaskWorker } from "./task_worker.ts";
import type { WorkerPool } from "./worker_pool.ts";

/** What asks for a run. */
export interface RunRequest {
  readonly cause: RunCause;
  readonly by?: string;
  readonly scheduledAt?: Temporal.Instant;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface RunnerParts {
  readonly clock: Clock;
  readonly history: HistoryStore;
  readonly pool: WorkerPool;
  /** Workers that check parameters; never busy with a task. */
  readonly checkers: WorkerPool;
  /** Puts the paths of task files back into the text of an error. */
  readonly original: (text: string) => string;
  /** Called when a run has ended. */
  readonly onEnded: (run: Run) => void;
}

/** How long a task has to heed its aborted signal before its worker is ended. */
const ABORT_GRACE_MS = 5_000;
/** How long the check of parameters may take. */
const CHECK_TIMEOUT_MS = 10_000;

interface ActiveRun {
  readonly task: Task;
  run: Run;
  worker?: TaskWorker;
  /** Why the run is being ended, whatever the task answers. */
  ending?: { readonly status: RunStatus; readonly message: string };
  /** Aborted when the run has ended; its timers with it. */
  readonly ended: AbortController;
}

export class Runner {
  readonly #active = new Map<string, ActiveRun>();
  /** Runs of each task that wait for an earlier one to end, in their order. */
  readonly #queues = new Map<string, ActiveRun[]>();
  readonly #watchers = new Map<string, Set<() => void>>();
  #closed = false;
  #sequence = 0;

  constructor(readonly parts: RunnerParts) {}

  /** Runs that are queued or running. */
  get active(): readonly Run[] {
    return [...this.#active.values()].map(({ run }) => run);
  }

  /** True while a run of the task is going on. */
  isBusy(taskId: string): boolean {
    return this.#queues.has(taskId);
  }

  /** The run of a task that is going on, where there is one. */
  current(taskId: string): Run | undefined {
    return this.active.find((run) => run.taskId === taskId);
  }

  /** Checks parameters by the task's own schema, in a worker. Nothing of the task's `run` is executed. */
  async check(task: Task, params: Readonly<Record<string, unknown>>): Promise<readonly ParamProblem[]> {
    if (task.description.params.fields.length === 0) return [];
    const done = new AbortController();
    const answer = await this.parts.checkers.use((worker) => {
      void after(
        this.parts.clock,
        CHECK_TIMEOUT_MS,
        done.signal,
        () => void worker.end("the check took too long"),
      );
      return worker.ask({ kind: "check", module: task.module, params }).finally(() => done.abort());
    });
    if (answer.kind === "checked") return answer.problems;
    return [{
      name: "",
      message: answer.kind === "failed" ? this.parts.original(answer.error.message) : "not checked",
    }];
  }

  /** A run as it is now and after each change of it or of its log, until it has ended. */
  async *follow(runId: string): AsyncGenerator<Run> {
    let told = Promise.withResolvers<void>();
    const watcher = () => told.resolve();
    const watchers = this.#watchers.get(runId) ?? new Set();
    watchers.add(watcher);
    this.#watchers.set(runId, watchers);
    try {
      for (;;) {
        const run = this.parts.history.get(runId);
        if (!run) return;
        yield run;
        if (isTerminal(run.status)) return;
        await told.promise;
        told = Promise.withResolvers<void>();
      }
    } finally {
      watchers.delete(watcher);
      if (watchers.size === 0) this.#watchers.delete(runId);
    }
  }

  /** Records a run as queued and begins it as soon as no earlier run of the task is going on and a worker is free. */
  start(task: Task, request: RunRequest): Run {
    if (this.#closed) throw new Error("Carillon is stopping: no new runs");
    const run = this.#record(task.id, request, { status: "queued" });
    const active: ActiveRun = { task, run, ended: new AbortController() };
    const queue = this.#queues.get(task.id);
    this.#active.set(run.id, active);
    if (queue) {
      queue.push(active);
    } else {
      this.#queues.set(task.id, []);
      void this.#live(active);
    }
    return run;
  }

  /** Records a due instant that does not become a run, with the reason. */
  note(
    taskId: string,
    request: RunRequest,
    outcome: { readonly status: "skipped" | "missed"; readonly message: string; readonly instants?: number },
  ): Run {
    return this.#record(taskId, request, { ...outcome, finishedAt: this.parts.clock.now() });
  }

  /** No new runs; waits for those under way up to a grace time, then ends and records them. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    const message = "Carillon was stopped";
    for (const active of this.#active.values()) {
      if (!active.worker) this.#end(active, "interrupted", message);
    }
    const running = [...this.#active.values()];
    const allEnded = Promise.all(running.map(({ ended }) => aborted(ended.signal)));
    if (running.length > 0) {
      const waiting = new AbortController();
      await Promise.race([
        allEnded,
        sleep(this.parts.clock, graceMs, waiting.signal).catch((error) => {
          if (!waiting.signal.aborted) throw error;
        }),
      ]);
      waiting.abort();
      for (const active of this.#active.values()) this.#end(active, "interrupted", message, 0);
      await allEnded;
    }
    await this.parts.pool.close();
    await this.parts.checkers.close();
  }

  #record(taskId: string, request: RunRequest, rest: Partial<Run> & Pick<Run, "status">): Run {
    const now = this.parts.clock.now();
    const { cause, by, scheduledAt, params } = request;
    const run: Run = {
      id: uuidv7({ msecs: now.epochMilliseconds, seq: this.#sequence++ % 0x8000_0000 }),
      taskId,
      cause,
      queuedAt: now,
      attempt: 1,
      instants: 1,
      params,
      ...(by === undefined ? {} : { by }),
      ...(scheduledAt ? { scheduledAt } : {}),
      ...rest,
    };
    this.parts.history.save(run);
    return run;
  }

  async #live(active: ActiveRun): Promise<void> {
    try {
      const answer = await this.parts.pool.use((worker) => this.#execute(active, worker));
      if (answer) this.#finish(active, answer);
    } finally {
      this.#startNext(active.task.id);
    }
  }

  #startNext(taskId: string): void {
    const next = this.#queues.get(taskId)?.shift();
    if (next) void this.#live(next);
    else this.#queues.delete(taskId);
  }

  async #execute(active: ActiveRun, worker: TaskWorker): Promise<WorkerAnswer | undefined> {
    if (isTerminal(active.run.status)) return undefined;
    const { task, run } = active;
    const { clock, history } = this.parts;
    const startedAt = clock.now();
    active.worker = worker;
    this.#move(active, { status: "running", startedAt });
    if (task.description.timeoutMs !== undefined) {
      const limit = task.description.timeoutMs;
      void after(clock, limit, active.ended.signal, () => {
        this.#end(active, "timed_out", `ended after its time limit of ${limit / 1_000} s`);
      });
    }
    return await worker.ask({
      kind: "run",
      order: {
        runId: run.id,
        taskId: task.id,
        module: task.module,
        cause: run.cause,
        attempt: run.attempt,
        scheduledAt: (run.scheduledAt ?? run.queuedAt).epochMilliseconds,
        params: run.params,
      },
    }, (news) => {
      if (news.kind === "log") {
        history.log(run.id, { at: clock.now(), level: news.level, text: this.parts.original(news.text) });
        this.#tell(run.id);
      } else {this.#move(active, {
          progress: { fraction: news.fraction, ...(news.note === undefined ? {} : { note: news.note }) },
        });}
    });
  }

  #finish(active: ActiveRun, answer: WorkerAnswer): void {
    const finishedAt = this.parts.clock.now();
    if (active.ending) {
      this.#move(active, { ...active.ending, finishedAt });
    } else if (answer.kind === "succeeded") {
      this.#move(active, {
        status: "succeeded",
        finishedAt,
        ...(answer.message === undefined ? {} : { message: answer.message }),
      });
    } else {
      this.#move(active, { status: "failed", finishedAt, error: this.#errorOf(answer) });
    }
  }

  #errorOf(answer: WorkerAnswer): RunError {
    if (answer.kind === "refused") {
      const message = answer.problems.map(({ name, message }) => `${name}: ${message}`).join("; ");
      return { name: "InvalidParams", message };
    }
    if (answer.kind !== "failed") {
      return { name: "Error", message: `the worker answered "${answer.kind}" to a run` };
    }
    const { name, message, stack } = answer.error;
    const { original } = this.parts;
    return { name, message: original(message), ...(stack === undefined ? {} : { stack: original(stack) }) };
  }

  #tell(runId: string): void {
    for (const watcher of this.#watchers.get(runId) ?? []) watcher();
  }

  /** Ends a run: a queued one at once, a running one by its signal and then with its worker. */
  #end(active: ActiveRun, status: RunStatus, message: string, graceMs: number = ABORT_GRACE_MS): void {
    active.ending ??= { status, message };
    const { worker } = active;
    if (!worker) {
      this.#move(active, { ...active.ending, finishedAt: this.parts.clock.now() });
      return;
    }
    worker.abort(message);
    void after(this.parts.clock, graceMs, active.ended.signal, () => void worker.end(message));
  }

  #move(active: ActiveRun, change: Partial<Run>): void {
    if (isTerminal(active.run.status)) return;
    active.run = { ...active.run, ...change };
    this.parts.history.save(active.run);
    this.#tell(active.run.id);
    if (!isTerminal(active.run.status)) return;
    this.#active.delete(active.run.id);
    active.ended.abort();
    this.parts.onEnded(active.run);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
