/** What goes from the history file, in steps of some milliseconds: old logs, old runs, more runs than are kept, free pages. */
import type { EpochMs } from "../../base/time.ts";
import type { TaskKeeping } from "../../model/history.ts";
import { idFloor } from "../run_id.ts";
import { DamagedRowError } from "./errors.ts";
import { sqlList, text, UNFINISHED } from "./rows.ts";
import type { Row, Statements } from "./statements.ts";
import type { TextIndex } from "./text_index.ts";
import { TrustedTime } from "./trusted_time.ts";

export interface Keeping {
  /** Runs kept a task; the oldest finished ones go first. */
  readonly keep: number;
  /** Runs are kept so long, in milliseconds. */
  readonly keepMs: number;
  /** Logs are kept so long, in milliseconds. */
  readonly keepLogsMs: number;
}

/** Runs that one step removes, and pages that it gives back. */
const REMOVED_A_STEP = 10;
const VACUUMED_A_STEP = 20;
/** Code is kept again a few times a day while runs are made with it, and goes after the last of them. */
const CODE_MARGIN_MS = 86_400_000;
/** How often it is looked for what is too old, while nothing is. */
const LOOK_MS = 60_000;

const FINISHED = `status NOT IN (${sqlList(UNFINISHED)})`;

export class Retention {
  /** Called with the id of each run that is removed. */
  onRemoved: (runId: string) => void = () => {};
  /** Tasks that may have more runs than are kept. */
  readonly #crowded = new Set<string>();
  readonly #ofTasks = new Map<string, TaskKeeping>();
  readonly #time: TrustedTime;
  #lookedAt = -Infinity;

  constructor(readonly sql: Statements, readonly texts: TextIndex, readonly keeping: Keeping) {
    for (const id of taskIds(sql)) this.#crowded.add(id);
    this.#time = new TrustedTime(sql);
  }

  /** What is kept of a task where it is not what is kept of all; undefined for that. */
  retain(taskId: string, keeping: TaskKeeping | undefined): void {
    if (keeping) this.#ofTasks.set(taskId, keeping);
    else this.#ofTasks.delete(taskId);
    this.#crowded.add(taskId);
    this.#lookedAt = -Infinity;
  }

  /** A task has one more run. */
  addTo(taskId: string): void {
    this.#crowded.add(taskId);
  }

  /** Removes a few of what is too old. True where there may be more. */
  removeOld(given: EpochMs): boolean {
    const now = this.#time.from(given);
    if (Math.abs(now - this.#lookedAt) < LOOK_MS) return false;
    const more = this.#removeOldLogs(now) || this.#removeOldRuns(now) || this.#removeOldOfTasks(now);
    if (more) return true;
    this.sql.run("DELETE FROM code WHERE seen_at < ?", now - this.#longest() - CODE_MARGIN_MS);
    this.#lookedAt = now;
    return false;
  }

  /** Removes a few runs of a task beyond those that are kept. True where there may be more. */
  removeSurplus(): boolean {
    const [taskId] = this.#crowded;
    if (taskId === undefined) return false;
    const first = this.sql.one(
      "SELECT id FROM runs WHERE task_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?",
      taskId,
      this.#ofTasks.get(taskId)?.keep ?? this.keeping.keep,
    );
    const runs = first === undefined ? [] : this.sql.all(
      `SELECT id FROM runs WHERE task_id = ? AND id <= ? AND ${FINISHED} ORDER BY id LIMIT ?`,
      taskId,
      String(first.id),
      REMOVED_A_STEP,
    );
    this.sql.batch(() => this.#removeRuns(runs));
    if (runs.length < REMOVED_A_STEP) this.#crowded.delete(taskId);
    return this.#crowded.size > 0;
  }

  /** Gives a few free pages back to the disk. True where there are more. */
  vacuum(): boolean {
    const free = Number(this.sql.one("PRAGMA freelist_count")?.freelist_count ?? 0);
    if (free === 0 || Number(this.sql.one("PRAGMA auto_vacuum")?.auto_vacuum) !== 2) return false;
    // `exec` would stop after the first page.
    this.sql.all(`PRAGMA incremental_vacuum(${VACUUMED_A_STEP})`);
    return free > VACUUMED_A_STEP;
  }

  /** How long runs are kept, those of the task that keeps them longest. */
  #longest(): number {
    return Math.max(this.keeping.keepMs, ...[...this.#ofTasks.values()].map(({ keepMs = 0 }) => keepMs));
  }

  #removeOldLogs(now: EpochMs): boolean {
    const runs = this.sql.all(
      "SELECT DISTINCT run_id FROM lines WHERE run_id < ? LIMIT ?",
      idFloor(now - this.keeping.keepLogsMs),
      REMOVED_A_STEP,
    );
    for (const { run_id } of runs) this.texts.removeLines(text(run_id));
    return runs.length === REMOVED_A_STEP;
  }

  #removeOldRuns(now: EpochMs): boolean {
    const own = [...this.#ofTasks].filter(([, { keepMs }]) => keepMs !== undefined).map(([id]) => id);
    return this.#removeRuns(this.sql.all(
      `SELECT id FROM runs WHERE id < ? AND ${FINISHED} AND task_id NOT IN (SELECT value FROM json_each(?))
       ORDER BY id LIMIT ?`,
      idFloor(now - this.keeping.keepMs),
      JSON.stringify(own),
      REMOVED_A_STEP,
    ));
  }

  #removeOldOfTasks(now: EpochMs): boolean {
    for (const [taskId, { keepMs }] of this.#ofTasks) {
      if (keepMs === undefined) continue;
      const runs = this.sql.all(
        `SELECT id FROM runs WHERE task_id = ? AND id < ? AND ${FINISHED} ORDER BY id LIMIT ?`,
        taskId,
        idFloor(now - keepMs),
        REMOVED_A_STEP,
      );
      if (this.#removeRuns(runs)) return true;
    }
    return false;
  }

  /** True where there may be more. */
  #removeRuns(rows: readonly Row[]): boolean {
    for (const row of rows) {
      // An id that is no text is in no row of ours: it would not be found again, and be removed for ever.
      const id = text(row.id);
      this.texts.removeLines(id);
      this.sql.run("DELETE FROM artifacts WHERE run_id = ?", id);
      this.sql.run("DELETE FROM runs WHERE id = ?", id);
      this.onRemoved(id);
    }
    return rows.length === REMOVED_A_STEP;
  }
}

/** Ids of the tasks that have runs; one step down the index for each. */
function* taskIds(sql: Statements): Iterable<string> {
  const next = sql.db.prepare("SELECT min(task_id) AS id FROM runs WHERE task_id > ?");
  for (let id = next.get("")?.id, last = ""; typeof id === "string"; last = id, id = next.get(id)?.id) {
    if (id <= last) throw new DamagedRowError("the index of tasks is not in its order");
    yield id;
  }
}
