/** Which rows a question is about, as a statement. */
import { isTerminal, RUN_STATUSES } from "../../model/run.ts";
import type { RunQuery } from "../../model/history.ts";
import { idFloor } from "../run_id.ts";
import { AWAITING, sqlList } from "./rows.ts";

/** Statuses of the index `runs_unwell`. */
const UNWELL = RUN_STATUSES.filter((each) => isTerminal(each) && each !== "succeeded");
/** So many matching lines are looked at, the newest ones. */
const MAX_MATCHES = 5_000;
/** The trigram index finds texts of at least three characters. */
const SHORTEST_INDEXED = 3;

/** That a run is of one of the tasks of a JSON list. */
export const AMONG_TASKS = "task_id IN (SELECT value FROM json_each(?))";

/** How far the index of the lines' text goes. */
export interface IndexState {
  /** Number of the last line that is in the index. */
  readonly indexedTo: number;
  /** Number of the line from which on texts are read that the index cannot find. */
  readonly readFrom: number;
}

interface Conditions {
  readonly sql: string[];
  readonly values: (string | number)[];
}

/** A statement for a question, and its values. */
export function findStatement(
  query: RunQuery,
  index: IndexState,
): { readonly sql: string; readonly values: readonly (string | number)[] } {
  const { taskId, taskIds, statuses, causes, from, to, text, before, limit } = query;
  const conditions: Conditions = { sql: [], values: [] };
  const where = (condition: string, ...given: (string | number)[]) => {
    conditions.sql.push(condition);
    conditions.values.push(...given);
  };
  if (taskId !== undefined) where("task_id = ?", taskId);
  if (taskIds !== undefined) where(AMONG_TASKS, JSON.stringify(taskIds));
  if (statuses) {
    // Said twice: with the first a partial index fits, the second says what is wanted.
    if (statuses.every((each) => UNWELL.includes(each))) where(`status IN (${sqlList(UNWELL)})`);
    if (statuses.every((each) => each === AWAITING)) where(`status = '${AWAITING}'`);
    where(`status IN (${statuses.map(() => "?").join(", ")})`, ...statuses);
  }
  if (causes) where(`cause IN (${causes.map(() => "?").join(", ")})`, ...causes);
  if (from !== undefined) where("id >= ?", idFloor(from));
  if (to !== undefined) where("id < ?", idFloor(to));
  if (before !== undefined) where("id < ?", before);
  if (text !== undefined) addText(conditions, text, index);
  const { sql, values } = conditions;
  const all = sql.length === 0 ? "" : `WHERE ${sql.join(" AND ")}`;
  return { sql: `SELECT * FROM runs ${all} ORDER BY id DESC LIMIT ?`, values: [...values, limit] };
}

/** Lines that are not in the index yet are read; a text that is too short for it is looked for in the newest lines. */
function addText({ sql, values }: Conditions, text: string, { indexedTo, readFrom }: IndexState): void {
  const like = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  const indexed = [...text].length >= SHORTEST_INDEXED;
  const inIndex =
    `UNION SELECT * FROM (SELECT rowid FROM lines_fts WHERE lines_fts MATCH ? ORDER BY rowid DESC LIMIT ${MAX_MATCHES})`;
  sql.push(
    `id IN (SELECT run_id FROM lines WHERE id IN (
       SELECT * FROM (SELECT id FROM lines WHERE id > ? AND text LIKE ? ESCAPE '\\' ORDER BY id DESC LIMIT ${MAX_MATCHES})
       ${indexed ? inIndex : ""}))`,
  );
  values.push(indexed ? indexedTo : readFrom, like);
  if (indexed) values.push(`"${text.replaceAll('"', '""')}"`);
}
