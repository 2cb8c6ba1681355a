/** What an operation needs to be there before it does anything: the task, the run, a Carillon that starts runs. */
import type { RunReader } from "../../contracts.ts";
import type { Run } from "../../model/run.ts";
import type { Task } from "../../task/task.ts";
import type { Lifetime } from "../lifetime.ts";
import { Refusal } from "../refusal.ts";

export interface ExpectedParts {
  readonly lifetime: Lifetime;
  readonly taskOf: (id: string) => Task | undefined;
  readonly runs: Pick<RunReader, "get">;
}

export class Expected {
  constructor(readonly parts: ExpectedParts) {}

  /** A task. @throws Refusal `unknown` */
  task(id: string): Task {
    const task = this.parts.taskOf(id);
    if (!task) throw new Refusal("unknown", "problem.no_task", { id });
    return task;
  }

  /** A run. @throws Refusal `unknown` */
  async run(id: string): Promise<Run> {
    const run = await this.parts.runs.get(id);
    if (!run) throw new Refusal("unknown", "problem.no_run", { id });
    return run;
  }

  /** @throws Refusal `stopping` once nothing is started any more */
  starting(): void {
    if (this.parts.lifetime.isStopping) throw new Refusal("stopping", "problem.stopping");
  }
}
