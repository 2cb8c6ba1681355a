/** Looks at task files and parameters in threads that are never busy with a task, so that nobody waits for one. */
import { after, type Clock } from "../scheduler/clock.ts";
import type { ParamsDescription } from "../task/description.ts";
import type { ParamProblem } from "../task/params.ts";
import type { DescribeModule, Task } from "../task/registry.ts";
import { HostPool } from "./host_pool.ts";
import type { HostAnswer, HostRequest, HostSettings } from "./messages.ts";
import { TaskThread } from "./task_thread.ts";

const MAX_CHECKERS = 2;
/** How long a task file may take to be imported, and a check of parameters to be made. */
const TIME_LIMIT_MS = 10_000;

export type DatabaseTest =
  | { readonly ok: true; readonly version: string; readonly ms: number }
  | { readonly ok: false; readonly message: string };

export class TaskChecker {
  readonly #pool: HostPool;

  /** @param original puts the paths of task files back into the text of an error */
  constructor(settings: HostSettings, readonly clock: Clock, readonly original: (text: string) => string) {
    this.#pool = new HostPool({ limit: MAX_CHECKERS, clock, create: () => new TaskThread(settings) });
  }

  /** Imports a file and describes its task. */
  async describe(module: string): ReturnType<DescribeModule> {
    const limit = `the file did not finish loading within ${TIME_LIMIT_MS / 1_000} s`;
    const answer = await this.#ask({ kind: "describe", module }, limit);
    if (answer.kind === "described") return { ok: true, description: answer.description };
    if (answer.kind !== "failed") throw new Error(`the worker answered "${answer.kind}" to a description`);
    const { name, message, stack } = answer.error;
    const said = ["TypeError", "TriggerError", "Error"].includes(name) ? message : `${name}: ${message}`;
    return { ok: false, message: said, ...(stack === undefined ? {} : { stack }) };
  }

  /** The parameters of a task with the defaults of this moment; those it was loaded with where it does not answer. */
  async params(task: Task): Promise<ParamsDescription> {
    const { params } = task.description;
    if (params.fields.every(({ schema }) => schema.default === undefined)) return params;
    const answer = await this.#ask({ kind: "params", module: task.module }, "the file took too long");
    return answer.kind === "params" ? answer.params : params;
  }

  /** Checks parameters by the task's own schema. Nothing of the task's `run` is executed. */
  async check(task: Task, params: Readonly<Record<string, unknown>>): Promise<readonly ParamProblem[]> {
    if (task.description.params.fields.length === 0) return [];
    const answer = await this.#ask({ kind: "check", module: task.module, params }, "the check took too long");
    if (answer.kind === "checked") return answer.problems;
    return [{
      name: "",
      message: answer.kind === "failed" ? this.original(answer.error.message) : "not checked",
    }];
  }

  /** Whether a database answers; in a worker, so that no driver is loaded in the scheduler's thread. */
  async testDatabase(name: string): Promise<DatabaseTest> {
    const answer = await this.#ask(
      { kind: "test_database", name },
      `no answer within ${TIME_LIMIT_MS / 1_000} s`,
    );
    if (answer.kind === "database_tested") return { ok: true, version: answer.version, ms: answer.ms };
    return { ok: false, message: answer.kind === "failed" ? answer.error.message : "not tested" };
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #ask(request: HostRequest, whenLate: string): Promise<HostAnswer> {
    return await this.#pool.use("", (host) => {
      const done = new AbortController();
      void after(this.clock, TIME_LIMIT_MS, done.signal, () => void host.end(whenLate));
      return host.ask(request).finally(() => done.abort());
    });
  }
}
