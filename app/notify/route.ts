/** Which notices go to a target: by kind, folder, tag and task. */
import type { Notice, NoticeKind, TaskFacts } from "./notice.ts";

export interface Route {
  readonly events: ReadonlySet<NoticeKind>;
  /** Folders below the tasks folder, each with what is in it; every folder where there are none. */
  readonly folders: readonly string[];
  readonly tags: readonly string[];
  /** Ids of tasks, with `*` for any characters. */
  readonly tasks: readonly string[];
}

/** Whether a notice goes to a target of this name. @param task undefined for what is about no task, or one that is gone */
export function goesTo(name: string, route: Route, notice: Notice, task: TaskFacts | undefined): boolean {
  if (!route.events.has(notice.kind)) return false;
  if (task?.notify === false) return false;
  if (task?.notify !== undefined) return task.notify.includes(name);
  const { folders, tags, tasks } = route;
  if (folders.length + tags.length + tasks.length === 0) return true;
  // What is about no task goes to those who have not asked for certain tasks only.
  if (!task) return false;
  return (folders.length === 0 || folders.some((each) => isIn(task.folder, each))) &&
    (tags.length === 0 || tags.some((each) => task.tags.includes(each))) &&
    (tasks.length === 0 || tasks.some((each) => matches(task.id, each)));
}

/** Whether a folder is another one or lies in it. */
export function isIn(folder: string, wanted: string): boolean {
  const bare = wanted.replace(/\/$/, "");
  return folder === bare || folder.startsWith(`${bare}/`);
}

/** Without a regular expression: a pattern with many stars costs no more than its length times the id's. */
export function matches(id: string, pattern: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return id === pattern;
  const last = rest.pop() ?? "";
  if (!id.startsWith(first) || !id.endsWith(last) || id.length < first.length + last.length) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = id.indexOf(piece, at);
    if (found === -1 || found + piece.length > id.length - last.length) return false;
    at = found + piece.length;
  }
  return true;
}
