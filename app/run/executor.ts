/** Where task code runs: one interface, and what stands behind each of its three kinds. */
import type { Mask } from "../mask.ts";
import type { Clock } from "../scheduler/clock.ts";
import type { ExecutorKind } from "../task/define.ts";
import type { Permissions } from "../task/policies.ts";
import type { Task } from "../task/registry.ts";
import { HostPool } from "./host_pool.ts";
import { InlineExecutor } from "./inline_executor.ts";
import type { HostAnswer, HostSettings, RunAnswer, RunNews, RunOrder } from "./messages.ts";
import type { TaskHost } from "./task_host.ts";
import { TaskProcess } from "./task_process.ts";
import { TaskThread } from "./task_thread.ts";

/** An attempt that is going on. */
export interface Execution {
  /** Never rejects: whatever happens is an answer. */
  readonly answer: Promise<RunAnswer>;
  /** Aborts the task's signal; the task may or may not heed it. */
  abort(reason: string): void;
  /** Ends the attempt at once; its answer is then a failure with `reason`. */
  end(reason: string): void;
}

export interface Executor {
  /** Begins an attempt. `onNews` is told of log lines and progress until there is an answer. */
  begin(task: Task, order: RunOrder, onNews: (news: RunNews) => void): Execution;
  close(): Promise<void>;
}

/** A worker thread for each run, kept warm for the next run of the same version of the task. */
export class ThreadExecutor implements Executor {
  readonly pool: HostPool;

  constructor(settings: HostSettings, clock: Clock, limit: number) {
    this.pool = new HostPool({ limit, clock, create: () => new TaskThread(settings) });
  }

  begin(task: Task, order: RunOrder, onNews: (news: RunNews) => void): Execution {
    return beginOn((work) => this.pool.use(task.module, work), order, onNews);
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}

/** A process for each run, with the task's permissions alone. */
export class ProcessExecutor implements Executor {
  /**
   * @param defaults permissions of tasks that declare none
   * @param readable what the runtime itself reads for a task: task files and database.ini
   */
  constructor(
    readonly settings: HostSettings,
    readonly defaults: Permissions,
    readonly readable: readonly string[],
  ) {}

  begin(task: Task, order: RunOrder, onNews: (news: RunNews) => void): Execution {
    const permissions = task.description.policies.permissions ?? this.defaults;
    return beginOn(
      async (work) => {
        const host = new TaskProcess(this.settings, permissions, this.readable);
        try {
          return await work(host);
        } finally {
          await host.end("its run is over");
        }
      },
      order,
      onNews,
    );
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function beginOn(
  use: (work: (host: TaskHost) => Promise<RunAnswer>) => Promise<RunAnswer>,
  order: RunOrder,
  onNews: (news: RunNews) => void,
): Execution {
  let host: TaskHost | undefined;
  let ended: string | undefined;
  const answer = use(async (given) => {
    if (ended !== undefined) return failure(new Error(ended));
    host = given;
    return runAnswer(await host.ask({ kind: "run", order }, onNews));
  });
  return {
    answer: answer.catch(failure),
    abort: (reason) => host?.abort(reason),
    end(reason) {
      ended = reason;
      void host?.end(reason);
    },
  };
}

function runAnswer(answer: HostAnswer): RunAnswer {
  if (answer.kind === "succeeded" || answer.kind === "refused" || answer.kind === "failed") return answer;
  return failure(new Error(`the worker answered "${answer.kind}" to a run`));
}

function failure(thrown: unknown): RunAnswer {
  const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
  return { kind: "failed", error: { name, message } };
}

export type Executors = Readonly<Record<ExecutorKind, Executor>>;

export interface ExecutorParts {
  readonly settings: HostSettings;
  readonly clock: Clock;
  /** Most runs in threads and processes at one time. */
  readonly limit: number;
  readonly mask: Mask;
  readonly defaults: Permissions;
  readonly readable: readonly string[];
  /** Told of an error in this thread that nobody can say whose it is. */
  readonly onStray: (thrown: unknown) => void;
}

export function createExecutors(
  { settings, clock, limit, mask, defaults, readable, onStray }: ExecutorParts,
): Executors & { readonly worker: ThreadExecutor } {
  return {
    worker: new ThreadExecutor(settings, clock, limit),
    process: new ProcessExecutor(settings, defaults, readable),
    inline: new InlineExecutor(mask, onStray),
  };
}

/** Where a task runs: limited permissions need a process, whatever the task would like. */
export function executorOf(task: Task, defaults: Permissions): ExecutorKind {
  const { executor, permissions = defaults } = task.description.policies;
  const limited = Object.values(permissions).some((each) => each !== true);
  return limited ? "process" : executor;
}
