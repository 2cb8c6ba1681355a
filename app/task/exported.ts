/** The tasks of a file: its default export, a list of them there, and further exports by name. */
import { shown } from "../base/shown.ts";
import { type DefinedTask, isDefinedTask } from "./define.ts";
import { isTaskId, TASK_ID_RULE } from "./task_id.ts";

export interface ExportedTask {
  /** Undefined for the one that is called as its file is. */
  readonly id?: string | undefined;
  readonly task: DefinedTask;
}

/** What a module exports, by name. */
export type ModuleExports = Readonly<Record<string, unknown>>;

/** Begins what is said of a file that exports no task at all. */
export const NO_DEFAULT_EXPORT = "the default export is missing";

/** More in one file are a mistake. */
const MAX_TASKS = 1_000;

/**
 * All tasks of a file. The default export is one task or a list of tasks, each with an `id` of its own; a task that is
 * exported by a name has its `id`, or that name.
 *
 * @throws TypeError with a sentence about what is wrong
 */
export function tasksIn(exports: ModuleExports): readonly ExportedTask[] {
  const { default: main, ...named } = exports;
  const found = defaultTasks(main, Object.values(named).some(isDefinedTask));
  for (const [name, task] of Object.entries(named)) {
    // The same task may be exported by its name as well.
    if (!isDefinedTask(task) || found.some((each) => each.task === task)) continue;
    found.push({ id: ownId(task) ?? checkedId(name), task });
  }
  if (found.length > MAX_TASKS) {
    throw new TypeError(`the file has ${found.length} tasks; ${MAX_TASKS} at the most`);
  }
  const ids = new Set<string | undefined>();
  for (const { id } of found) {
    if (ids.has(id)) {
      throw new TypeError(`two tasks of the file have the id "${id}"; give each an id of its own`);
    }
    ids.add(id);
  }
  return found;
}

/** The task of a module that is known by an id: its own, or its file's for the one that has none. */
export function taskIn(exports: ModuleExports, id: string): DefinedTask {
  const found = tasksIn(exports);
  const task = found.find((each) => each.id === id) ?? found.find((each) => each.id === undefined);
  if (!task) throw new TypeError(`the file has no task "${id}" any more`);
  return task.task;
}

/** @param others true where the file has tasks beside its default export, so that it needs none */
function defaultTasks(main: unknown, others: boolean): ExportedTask[] {
  if (main === undefined && others) return [];
  if (isDefinedTask(main)) return [{ id: ownId(main), task: main }];
  if (!Array.isArray(main)) {
    throw new TypeError(
      `${
        main === undefined ? NO_DEFAULT_EXPORT : `the default export is ${kindOf(main)}`
      }, not a task; write "export default defineTask({ … })"`,
    );
  }
  return Array.from(main as readonly unknown[], (task, i) => {
    const place = `item ${i + 1} of the default export`;
    if (!isDefinedTask(task)) {
      throw new TypeError(`${place} is ${kindOf(task)}, not a task; write defineTask({ id: "…", … })`);
    }
    const id = ownId(task);
    if (id === undefined) throw new TypeError(`${place} has no id; write defineTask({ id: "…", … })`);
    return { id, task };
  });
}

function ownId(task: DefinedTask): string | undefined {
  return task.id === undefined ? undefined : checkedId(task.id);
}

function checkedId(id: unknown): string {
  if (typeof id === "string" && isTaskId(id)) return id;
  throw new TypeError(`defineTask: id: ${shown(id)} cannot be a task's id; it has ${TASK_ID_RULE}`);
}

/** What a value is, in words. */
export function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : shown(value);
}
