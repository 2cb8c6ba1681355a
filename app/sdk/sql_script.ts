/** `sqlScript`: a task that runs the statements of a text of SQL, one after another. */
import { currentDatasource } from "../../datasource/environment.ts";
import { DatabaseError } from "../../datasource/errors.ts";
import type { Session } from "../../datasource/session.ts";
import { type Dialect, parameterNames, type Statement, statementFor } from "../../datasource/sql.ts";
import { type ScriptStatement, statementsIn } from "../../datasource/statements.ts";
import { givenObject } from "../base/given.ts";
import { refuse } from "../policy/option.ts";
import type { ParamsSchema, RunContext, TaskDefinition } from "../task/define.ts";
import { defineTask } from "../task/define.ts";
import { KeptRows } from "./kept_rows.ts";
import { Said } from "./said.ts";

/** A task's definition, with SQL in place of a function. */
export interface SqlScriptDefinition<S extends ParamsSchema = ParamsSchema>
  extends Omit<TaskDefinition<S>, "run"> {
  /** A section of database.ini. */
  readonly database: string;
  /** The statements, each ended by `;`. A parameter of the task stands in them as `:name`. */
  readonly sql: string;
  /** True where all of them are done or none; else each counts by itself, and one that fails ends the run. */
  readonly transaction?: boolean;
}

/** What statements are sent to: a connection, or a transaction on one. */
type Target = Pick<Session, "ask" | "stream">;

/** Rows that are asked for at a time. */
const BATCH = 1_000;
/** Characters of a statement in its line of the log. */
const SHOWN = 80;
/** Statements whose rows are said even where there were none. */
const COUNTED = ["INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "WITH"];

/**
 * Declares a task that runs statements on a database, on one connection; make it the file's default export. The log
 * has a line for each with its rows. The rows of the last `SELECT` are the run's result, as far as a result may go.
 *
 * @throws TypeError for a definition that cannot be
 * @example
 * export default sqlScript({ database: "dwh", sql: "DELETE FROM visits WHERE day < :day; SELECT count(*) FROM visits" });
 */
export function sqlScript<S extends ParamsSchema>(definition: SqlScriptDefinition<S>): TaskDefinition<S> {
  givenObject("what sqlScript is given", definition, 'an object such as { database: "dwh", sql: "…" }');
  const { database, sql, transaction = false, ...rest } = definition;
  if (typeof database !== "string" || database === "") {
    refuse("database", 'it is the name of a section of database.ini, such as "dwh"');
  }
  if (typeof sql !== "string" || sql.trim() === "") refuse("sql", "it is a text of statements");
  if (typeof transaction !== "boolean") refuse("transaction", "it is true or false");
  return defineTask<S>({
    ...rest,
    run: (context) => runScript({ database, sql, transaction }, context),
  } as TaskDefinition<S>);
}

interface Script {
  readonly database: string;
  readonly sql: string;
  readonly transaction: boolean;
}

async function runScript(
  { database: name, sql, transaction }: Script,
  { params, signal, log, progress }: RunContext<Record<string, unknown>>,
): Promise<Said> {
  const database = await currentDatasource().database(name);
  // All are made before the first one is sent: a value that is missing is known by then.
  const steps = statementsIn(sql, database.dialect).map((step): Step => ({
    ...step,
    statement: at(step, () => statementOf(step.text, params, database.dialect)),
  }));
  if (steps.length === 0) throw new DatabaseError(`${database.label}: the text holds no statement`);
  const kept = new KeptRows();
  let changed = 0;
  const runAll = async (target: Target) => {
    for (const [index, step] of steps.entries()) {
      const rows = await runStep(step, target, kept, signal);
      if (!step.reads) changed += rows;
      log.info(lineOf(step, rows));
      progress((index + 1) / steps.length);
    }
  };
  if (transaction) await database.transaction(runAll, {}, { signal });
  else await database.hold(`the script of ${steps.length} statements`, { signal }, runAll);
  if (kept.missing > 0) {
    log.warn(
      `the result has the first ${kept.rows.length} of ${kept.count} rows; a result has 64 KB at the most`,
    );
  }
  const done = `${counted(steps.length, "statement")}, ${counted(changed, "row")} changed`;
  return kept.isEmpty
    ? new Said(done, undefined)
    : new Said(`${done}, ${counted(kept.count, "row")} read`, kept.rows);
}

interface Step extends ScriptStatement {
  readonly statement: Statement;
}

/** Those of the parameters that the statement names. */
function statementOf(text: string, params: Readonly<Record<string, unknown>>, dialect: Dialect): Statement {
  const names = parameterNames(text, dialect);
  const given = Object.entries(params).filter(([name, value]) => names.includes(name) && value !== undefined);
  return statementFor(text, Object.fromEntries(given), dialect);
}

/** How many rows it gave or changed. */
async function runStep(step: Step, target: Target, kept: KeptRows, signal: AbortSignal): Promise<number> {
  try {
    if (step.reads) {
      kept.begin();
      for await (const rows of target.stream(step.statement, BATCH, { signal })) kept.add(rows);
      return kept.count;
    }
    const { rows, changed } = await target.ask(step.statement, { signal });
    // What a procedure or RETURNING gives counts as what a SELECT does.
    if (rows.length > 0) {
      kept.begin();
      kept.add(rows);
    }
    return Math.max(changed, 0);
  } catch (error) {
    throw placed(error, step);
  }
}

function at<T>(step: ScriptStatement, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw placed(error, step);
  }
}

/** The same error, whose message begins with the line that it speaks of. */
function placed(error: unknown, { line, text }: ScriptStatement): unknown {
  if (!(error instanceof DatabaseError || error instanceof TypeError)) return error;
  const position = error instanceof DatabaseError ? error.position : undefined;
  const before = text.slice(0, Math.max(0, (position ?? 1) - 1));
  error.message = `line ${line + before.split("\n").length - 1}: ${error.message}`;
  return error;
}

/** `line 5: INSERT INTO orders: 12 rows`. */
function lineOf({ line, text, verb, reads }: ScriptStatement, rows: number): string {
  const plain = text.replace(/\s+/g, " ");
  const short = plain.length > SHOWN ? `${plain.slice(0, SHOWN)}…` : plain;
  return `line ${line}: ${short}: ${
    reads || COUNTED.includes(verb) || rows > 0 ? counted(rows, "row") : "done"
  }`;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
