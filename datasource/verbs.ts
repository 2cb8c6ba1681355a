/** What a task can do, on a database or in a transaction: `query`, `execute`, `stream`, and transactions within. */
import { type DurationLike, durationMs } from "../app/base/duration.ts";
import { givenOptions, givenSignal } from "../app/base/given.ts";
import type { CallOptions, Isolation, Row } from "./database.ts";
import type { Session } from "./session.ts";
import { type SqlParams, statementFor } from "./sql.ts";

export interface QueryOptions {
  /** Aborted, the statement is cancelled on the server too. Hand on the task's own. */
  readonly signal?: AbortSignal | undefined;
  /** The statement is cancelled on the server after this long, the wait for a connection included. */
  readonly timeout?: DurationLike | undefined;
  /** Dates and times as texts, as the server writes them, and not as `Temporal` values. */
  readonly strings?: boolean | undefined;
}

export interface StreamOptions extends QueryOptions {
  /** Rows a batch, 1,000 when left out. */
  readonly batch?: number | undefined;
}

export interface TransactionOptions extends Pick<QueryOptions, "signal"> {
  /** How far it sees what others do meanwhile; the server's own rule when left out. */
  readonly isolation?: Isolation | undefined;
  /** The server refuses whatever would change something. */
  readonly readOnly?: boolean | undefined;
}

/** Every result of a procedure that has several. */
export interface Results<R extends Row = Row> {
  readonly results: R[][];
}

const DEFAULT_BATCH = 1_000;

export async function queryOn<R extends Row>(
  session: Session,
  sql: string,
  params: SqlParams,
  options: QueryOptions & { readonly results?: boolean | undefined },
): Promise<R[] | Results<R>> {
  const call = callOptions(options);
  const { rows, results } = await session.ask(statementFor(sql, params, session.dialect), call);
  return options.results ? { results: [...(results ?? [rows])] as R[][] } : rows as R[];
}

export async function executeOn(
  session: Session,
  sql: string,
  params: SqlParams,
  options: QueryOptions,
): Promise<number> {
  return (await session.ask(statementFor(sql, params, session.dialect), callOptions(options))).changed;
}

export async function* streamOn<R extends Row>(
  session: Session,
  sql: string,
  params: SqlParams,
  given: StreamOptions & Pick<CallOptions, "exact" | "instants">,
): AsyncGenerator<R[]> {
  givenOptions("what stands for the options", given);
  const { batch = DEFAULT_BATCH, exact, instants, ...options } = given;
  if (!Number.isInteger(batch) || batch < 1) {
    throw new RangeError(`batch: ${batch} is not a whole number above 0`);
  }
  const statement = statementFor(sql, params, session.dialect);
  for await (const rows of session.stream(statement, batch, { ...callOptions(options), exact, instants })) {
    yield rows as R[];
  }
}

export function callOptions(options: QueryOptions): CallOptions {
  givenOptions("what stands for the options", options);
  const { signal, timeout, strings } = options;
  givenSignal("signal", signal);
  return { signal, timeoutMs: timeout === undefined ? undefined : durationMs(timeout), strings };
}
