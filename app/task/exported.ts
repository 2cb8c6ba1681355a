/** The tasks of a file: its default export, a list of them there, and further exports by name. */
import type { SentenceValue } from "../base/sentence.ts";
import { DefinitionError, refuse } from "../policy/option.ts";
import { sentence, type Told } from "../locale/sentence.ts";
import { shown } from "../base/shown.ts";
import { type DefinedTask, isDefinedTask } from "./define.ts";
import { isTaskId } from "./task_id.ts";

export interface ExportedTask {
  /** Undefined for the one that is called as its file is. */
  readonly id?: string | undefined;
  readonly task: DefinedTask;
}

/** What a module exports, by name. */
export type ModuleExports = Readonly<Record<string, unknown>>;

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
    throw new DefinitionError(sentence("mistake.many_tasks", { n: found.length, most: MAX_TASKS }));
  }
  const ids = new Set<string | undefined>();
  for (const { id } of found) {
    if (ids.has(id)) {
      throw new DefinitionError(sentence("mistake.same_id", { id: id ?? "default" }));
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
    throw new DefinitionError(sentence("mistake.default_export", { kind: kindOf(main) }));
  }
  return Array.from(main as readonly unknown[], (task, i) => {
    if (!isDefinedTask(task)) {
      throw new DefinitionError(sentence("mistake.item_export", { n: i + 1, kind: kindOf(task) }));
    }
    const id = ownId(task);
    if (id === undefined) throw new DefinitionError(sentence("mistake.item_id", { n: i + 1 }));
    return { id, task };
  });
}

function ownId(task: DefinedTask): string | undefined {
  return task.id === undefined ? undefined : checkedId(task.id);
}

function checkedId(id: unknown): string {
  if (typeof id === "string" && isTaskId(id)) return id;
  return refuse("id", sentence("mistake.id", { id: shown(id) }));
}

/** What a value is, in words. */
export function kindOf(value: unknown): SentenceValue {
  if (value === undefined) return sentence("mistake.kind.missing");
  if (value === null) return "null";
  if (Array.isArray(value)) return sentence("mistake.kind.list");
  return typeof value === "object" ? sentence("mistake.kind.object") : shown(value);
}

/** True for what is said of a file that exports no task at all. */
export function isNoExport({ sentence }: Told): boolean {
  const kind = sentence?.key === "mistake.default_export" ? sentence.values.kind : undefined;
  return typeof kind === "object" && kind.key === "mistake.kind.missing";
}
