/** Rows of the task list that were made before: of thousands of tasks few have changed since the last look. */
import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import { TaskRow, type TaskRowView } from "../../templates/task_list.tsx";
import type { ViewerView } from "../../templates/views.ts";

/** Kinds of viewers (language and zone) whose rows are kept; the one that was here longest ago goes first. */
const MAX_VIEWERS = 4;

interface Kept {
  /** Everything that the row shows, as text. */
  readonly shows: string;
  readonly html: string;
}

export class RowCache {
  readonly #viewers = new Map<string, Map<string, Kept>>();

  /** The row of a task for a viewer, made anew only where it shows something else than before. */
  row(task: TaskRowView, viewer: ViewerView): Child {
    const rows = this.#rowsFor(viewer);
    const shows = JSON.stringify(task);
    const before = rows.get(task.id);
    if (before?.shows === shows) return raw(before.html);
    const html = String(<TaskRow task={task} viewer={viewer} />);
    rows.set(task.id, { shows, html });
    return raw(html);
  }

  /** Forgets the rows of tasks that are not there any more. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const rows of this.#viewers.values()) {
      for (const id of rows.keys()) if (!ids.has(id)) rows.delete(id);
    }
  }

  #rowsFor({ locale, timezone = "" }: ViewerView): Map<string, Kept> {
    const key = `${locale} ${timezone}`;
    const rows = this.#viewers.get(key) ?? new Map<string, Kept>();
    // The one that is used last stands last.
    this.#viewers.delete(key);
    this.#viewers.set(key, rows);
    const [oldest] = this.#viewers.keys();
    if (this.#viewers.size > MAX_VIEWERS && oldest !== undefined) this.#viewers.delete(oldest);
    return rows;
  }
}
