/** What keeps news of a task from those whom it names, for its page and for `check`. */
import { nearest } from "../base/suggestion.ts";
import type { NamedSection } from "../config/named_sections.ts";
import type { TaskWarning } from "../policy/policy.ts";
import type { Task } from "../task/task.ts";

/** For each name in the task's `notify` that is no `[notify:…]` section: it is passed over. */
export function notifyWarnings(
  { description: { policies: { notify } } }: Task,
  sections: readonly NamedSection[],
): readonly TaskWarning[] {
  if (!notify) return [];
  const known = sections.filter(({ kind }) => kind === "notify").map(({ name }) => name);
  return notify.filter((name) => !known.includes(name)).map((name): TaskWarning => {
    const near = nearest(name, known);
    return near === undefined
      ? { key: "warning.notify_target", values: { name } }
      : { key: "warning.notify_target_near", values: { name, near } };
  });
}
