/** What is asked of the runs in the history file. */
import type { OutcomeQuery, RunOutcome, RunQuery } from "../../model/history.ts";
import type { Run } from "../../model/run.ts";
import { idFloor } from "../run_id.ts";
import { OUTCOME_COLUMNS, type RunRow, toOutcome, whole } from "./rows.ts";
import { AMONG_TASKS, findStatement } from "./search.ts";
import type { Statements } from "./statements.ts";
import type { TextIndex } from "./text_index.ts";

export class Questions {
  constructor(readonly sql: Statements, readonly texts: TextIndex) {}

  recent(taskId: string, limit: number): readonly Run[] {
    return this.sql.runs("SELECT * FROM runs WHERE task_id = ? ORDER BY id DESC LIMIT ?", taskId, limit);
  }

  lastRuns(taskIds: readonly string[]): ReadonlyMap<string, Run> {
    const runs = this.sql.runs(
      `SELECT runs.* FROM json_each(?) AS wanted JOIN runs ON runs.id =
         (SELECT id FROM runs WHERE task_id = wanted.value ORDER BY id DESC LIMIT 1)`,
      JSON.stringify(taskIds),
    );
    return new Map(runs.map((run) => [run.taskId, run]));
  }

  find(query: RunQuery): readonly Run[] {
    const index = query.text === undefined ? { indexedTo: 0, readFrom: 0 } : this.texts.upToDate();
    const { sql, values } = findStatement(query, index);
    return this.sql.runs(sql, ...values);
  }

  outcomes({ taskId, taskIds, from, to, limit }: OutcomeQuery): readonly RunOutcome[] {
    const ofTask = taskId === undefined ? "" : "task_id = ? AND";
    const amongTasks = taskIds === undefined ? "" : `${AMONG_TASKS} AND`;
    const rows = this.sql.all(
      `SELECT ${OUTCOME_COLUMNS} FROM runs WHERE ${ofTask} ${amongTasks} id >= ? AND id < ? ORDER BY id DESC LIMIT ?`,
      ...(taskId === undefined ? [] : [taskId]),
      ...(taskIds === undefined ? [] : [JSON.stringify(taskIds)]),
      idFloor(from),
      idFloor(to),
      limit,
    );
    return rows.map((row) => toOutcome(row as RunRow));
  }

  durations(taskId: string, limit: number): readonly number[] {
    return this.sql.all(
      `SELECT finished_at - started_at AS ms FROM runs
       WHERE task_id = ? AND status = 'succeeded' AND started_at IS NOT NULL ORDER BY id DESC LIMIT ?`,
      taskId,
      limit,
    ).map(({ ms }) => whole(ms));
  }

  get(runId: string): Run | undefined {
    return this.sql.runs("SELECT * FROM runs WHERE id = ?", runId)[0];
  }
}
