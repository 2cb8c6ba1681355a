/** Which tasks somebody sees, and what of their runs. */
import type { Access, Subject } from "../../model/access.ts";
import type { Run } from "../../model/run.ts";
import type { TaskRegistry } from "../../task/registry.ts";
import type { Task } from "../../task/task.ts";

/** What a list of tasks is taken from. */
export type Tasks = Pick<TaskRegistry, "tasks" | "broken" | "folder" | "textOf">;

export function subjectOf({ id, path, description: { tags } }: Task): Subject {
  return { id, path, tags };
}

export class Sight {
  #seen: { readonly of: Tasks["tasks"]; readonly tasks: ReadonlyMap<string, Task> } | undefined;

  constructor(readonly all: Tasks, readonly access: Access) {}

  /** The tasks that are seen, by id. */
  get tasks(): ReadonlyMap<string, Task> {
    const { tasks } = this.all;
    if (this.#seen?.of === tasks) return this.#seen.tasks;
    const seen = new Map([...tasks].filter(([, task]) => this.access.may("view", subjectOf(task))));
    this.#seen = { of: tasks, tasks: seen };
    return seen;
  }

  /** Ids that a question to the history is narrowed to; undefined where all are seen, also of tasks that are gone. */
  get ids(): readonly string[] | undefined {
    return this.access.may("view") ? undefined : [...this.tasks.keys()];
  }

  /** Tasks and files as the queries read them. */
  get registry(): Tasks {
    const { all, access } = this;
    const seen = () => this.tasks;
    return {
      folder: all.folder,
      textOf: (task) => all.textOf(task),
      get tasks() {
        return seen();
      },
      get broken() {
        return all.broken.filter(({ path, taskId = "" }) =>
          seen().has(taskId) || access.may("view", { id: taskId, path, tags: [] })
        );
      },
    };
  }

  sees(taskId: string): boolean {
    return this.tasks.has(taskId) || (!this.all.tasks.has(taskId) && this.access.may("view"));
  }

  /** A run without what is not for these eyes. */
  shown(run: Run): Run {
    return this.#mayKnow(run.taskId) ? run : { ...withoutData(run), params: {}, result: undefined };
  }

  /** The same for a run that has neither parameters nor result with it. */
  withoutData<R extends Saying & { readonly taskId: string }>(run: R): R {
    return this.#mayKnow(run.taskId) ? run : withoutData(run);
  }

  /** The same for what has parameters only. */
  withoutParams<P extends { readonly taskId: string; readonly params: Run["params"] }>(plan: P): P {
    return this.#mayKnow(plan.taskId) ? plan : { ...plan, params: {} };
  }

  #mayKnow(taskId: string): boolean {
    const task = this.all.tasks.get(taskId);
    return this.access.may("parameters", task && subjectOf(task));
  }
}

type Saying = Pick<Run, "status" | "message">;

/** What a task returns is its message too, unless it says something else: data are a result, a text is what it says. */
function withoutData<R extends Saying>(run: R): R {
  return run.status === "succeeded" && isData(run.message) ? { ...run, message: undefined } : run;
}

/** JSON of anything but a text. Long ones were cut, so their end says nothing. */
function isData(message: string | undefined): boolean {
  if (message === undefined) return false;
  if (/^[[{]/.test(message)) return true;
  try {
    return typeof JSON.parse(message) !== "string";
  } catch {
    return false;
  }
}
