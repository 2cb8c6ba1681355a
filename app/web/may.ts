/** What whoever looks may do, as pages ask it: what is refused to them is not offered. */
import type { Access } from "../model/access.ts";
import type { Queries } from "../service/queries.ts";
import { subjectOf } from "../service/seen/sight.ts";
import type { ViewerView } from "../../templates/views.ts";

/** The door decides all the same: this only spares people buttons that it would refuse. */
export function mayOf(access: Access, { tasks }: Pick<Queries, "tasks">): Pick<ViewerView, "may" | "mayAny"> {
  return {
    may(right, taskId) {
      const found = taskId === undefined ? undefined : tasks.find(taskId);
      return access.may(right, found && subjectOf(found.task));
    },
    mayAny: (right) => access.mayAny(right),
  };
}
