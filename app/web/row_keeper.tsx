/** Rows of the task table that were made before, as text: of thousands of tasks few have changed since the last look. */
import { TaskRow } from "../../templates/components/task_row.tsx";
import type { TaskRowView } from "../../templates/components/task_row.tsx";
import type { ViewerView } from "../../templates/views.ts";

/** Kinds of viewers (language, zone and rights) whose rows are kept; the one that was here longest ago goes first. */
const MAX_VIEWERS = 4;

interface Kept {
  readonly changed: number;
  readonly html: string;
}

interface Rows {
  epoch: number;
  readonly byTask: Map<string, Kept>;
}

export class RowKeeper {
  readonly #viewers = new Map<string, Rows>();

  /**
   * The row of a task, made again only where the task has changed since, or with the epoch: what time alone changes, such as
   * where a lane begins, changes for all rows at once.
   */
  row(id: string, changed: number, epoch: number, viewer: ViewerView, make: () => TaskRowView): string {
    const rows = this.#rowsFor(viewer, epoch);
    const before = rows.get(id);
    if (before?.changed === changed) return before.html;
    const html = String(<TaskRow task={make()} viewer={viewer} />);
    rows.set(id, { changed, html });
    return html;
  }

  /** Forgets the rows of tasks that a viewer does not see any more. */
  keepOnly(ids: ReadonlySet<string>, viewer: ViewerView): void {
    const rows = this.#viewers.get(keyOf(viewer))?.byTask;
    for (const id of rows?.keys() ?? []) if (!ids.has(id)) rows?.delete(id);
  }

  #rowsFor(viewer: ViewerView, epoch: number): Map<string, Kept> {
    const key = keyOf(viewer);
    const rows = this.#viewers.get(key) ?? { epoch, byTask: new Map<string, Kept>() };
    if (rows.epoch !== epoch) {
      rows.byTask.clear();
      rows.epoch = epoch;
    }
    // The one that is used last stands last.
    this.#viewers.delete(key);
    this.#viewers.set(key, rows);
    const [oldest] = this.#viewers.keys();
    if (this.#viewers.size > MAX_VIEWERS && oldest !== undefined) this.#viewers.delete(oldest);
    return rows.byTask;
  }
}

function keyOf({ locale, zone, access }: ViewerView): string {
  return `${locale} ${zone} ${access}`;
}
