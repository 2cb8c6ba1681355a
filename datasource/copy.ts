/** Many rows at once: into a table from a list or a generator, or from a question to the same or another database. */
import { givenObject, givenOptions, givenSeveral, givenSignal, givenText } from "../app/base/given.ts";
import { cancelledError } from "./cancel.ts";
import type { Row, Rows } from "./database.ts";
import type { Session } from "./session.ts";
import type { SqlParams } from "./sql.ts";
import { traced } from "./trace.ts";
import { aboutDatabase } from "./transaction_session.ts";
import { instantText } from "./values.ts";
import { type QueryOptions, streamOn } from "./verbs.ts";
import { later, type Watermark } from "./watermark.ts";

export interface InsertOptions extends Pick<QueryOptions, "signal"> {
  /** Columns by which a row that is there already is known: it is changed. Without them such a row is an error. */
  readonly upsert?: string | readonly string[] | undefined;
  /** Rows that are sent together, 5,000 when left out. */
  readonly batch?: number | undefined;
}

export interface CopySource {
  readonly database: string;
  readonly sql: string;
  readonly params?: SqlParams | undefined;
}

export interface CopyTarget {
  readonly database: string;
  readonly table: string;
}

export interface CopyOptions extends InsertOptions {
  /** Set to the greatest value of a column of what was copied, for the next run to go on from. */
  readonly watermark?: { readonly mark: Watermark; readonly column: string } | undefined;
}

const INSERT_BATCH = 5_000;

/** Inserts rows in batches, all or none of them. Returns how many there were. */
export async function insertOn(
  session: Session,
  table: string,
  rows: Iterable<Row> | AsyncIterable<Row>,
  options: InsertOptions,
): Promise<number> {
  checkInsert(table, options);
  givenSeveral(
    "what insertMany inserts",
    rows,
    "a list or a generator of rows, each an object of columns and values",
  );
  return await traced(
    `insert into ${table}`,
    aboutDatabase(session),
    () => insertBatches(session, table, batched(rows, batchOf(options)), options, false),
  );
}

/** Copies the rows of a question into a table, batch by batch. Returns how many there were. */
export async function copyOn(
  from: Session,
  { sql, params = {} }: Omit<CopySource, "database">,
  to: Session,
  table: string,
  options: CopyOptions,
): Promise<number> {
  checkInsert(table, options);
  const { signal, watermark } = options;
  if (watermark !== undefined) {
    givenObject("watermark", watermark, 'an object such as { mark: watermark(), column: "id" }');
  }
  // Two sections with clocks of different zones: what is a moment must not arrive as another one's time of day.
  const instants = from.zone !== to.zone;
  let latest: unknown;
  async function* watched(): AsyncGenerator<Row[]> {
    for await (
      const rows of streamOn(from, sql, params, { batch: batchOf(options), signal, exact: true, instants })
    ) {
      if (watermark) { for (const row of rows) latest = later(latest, valueOf(row, watermark.column)); }
      yield rows;
    }
  }
  const count = await traced(
    `copy to ${table}`,
    { ...aboutDatabase(to), "carillon.copy.from": from.label },
    () => insertBatches(to, table, watched(), options, true),
  );
  watermark?.mark.set(askedAgain(latest, from));
  return count;
}

/** A watermark as the source itself writes it: the next question compares it there. */
function askedAgain(value: unknown, { dialect, zone }: Session): unknown {
  return dialect === "mysql" && value instanceof Temporal.Instant
    ? instantText(value, zone, "nothing")
    : value;
}

function checkInsert(table: string, options: InsertOptions): void {
  givenText("the table", table, 'a name such as "orders" or "sales.orders"');
  givenOptions("what stands for the options", options);
  const { signal, upsert } = options;
  givenSignal("signal", signal);
  if (upsert === undefined || (Array.isArray(upsert) && upsert.every((each) => typeof each === "string"))) {
    return;
  }
  givenText("upsert", upsert, "the name of a column or a list of such");
}

function batchOf({ batch = INSERT_BATCH }: InsertOptions): number {
  if (Number.isInteger(batch) && batch >= 1) return batch;
  throw new RangeError(`batch: ${batch} is not a whole number above 0`);
}

function valueOf(row: Row, column: string): unknown {
  if (Object.hasOwn(row, column)) return row[column];
  throw new TypeError(
    `watermark: the rows have no column "${column}"; they have ${Object.keys(row).join(", ")}`,
  );
}

async function insertBatches(
  session: Session,
  table: string,
  batches: AsyncIterable<readonly Row[]>,
  { upsert, signal }: InsertOptions,
  exact: boolean,
): Promise<number> {
  const keys = typeof upsert === "string" ? [upsert] : upsert;
  const given = heedingSignal(batches, session.label, signal);
  let next = await given.next();
  while (!next.done && next.value.length === 0) next = await given.next();
  if (next.done) return 0;
  const columns = Object.keys(rowOf(next.value[0], 1));
  if (columns.length === 0) throw new TypeError(`${table}: the first row has no columns`);
  let count = 0;
  async function* placed(): AsyncGenerator<Rows> {
    for (; !next.done; next = await given.next()) {
      yield rowsByPlace(next.value, columns, count);
      count += next.value.length;
    }
  }
  try {
    await session.insert({ table, columns, keys: checkedKeys(keys, columns) }, placed(), { signal, exact });
  } finally {
    await given.return(undefined);
  }
  return count;
}

/** A source that hangs does not hold up who cancels. */
async function* heedingSignal<T>(
  source: AsyncIterable<T>,
  label: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  const given = source[Symbol.asyncIterator]();
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => {});
  const stop = () => aborted.reject(cancelledError(label, signal));
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  let finished = false;
  try {
    for (;;) {
      const next = await Promise.race([aborted.promise, given.next()]);
      if (next.done) {
        finished = true;
        return;
      }
      yield next.value;
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    // A generator that waits for something else takes its end when it has got it.
    const ended = finished ? undefined : given.return?.();
    if (signal?.aborted) ended?.catch(() => {});
    else await ended;
  }
}

function checkedKeys(
  keys: readonly string[] | undefined,
  columns: readonly string[],
): readonly string[] | undefined {
  if (keys === undefined) return undefined;
  const missing = keys.find((key) => !columns.some((each) => each.toLowerCase() === key.toLowerCase()));
  if (keys.length === 0) throw new TypeError("upsert: name at least one column");
  if (missing === undefined) {
    return keys.map((key) => columns.find((each) => each === key) ?? sameButCase(key, columns));
  }
  throw new TypeError(`upsert: the rows have no column "${missing}"; they have ${columns.join(", ")}`);
}

function sameButCase(key: string, columns: readonly string[]): string {
  return columns.find((each) => each.toLowerCase() === key.toLowerCase()) ?? key;
}

function rowOf(row: unknown, number: number): object {
  givenObject(`row ${number}`, row, "an object of columns and values");
  return row;
}

/** Rows as lists in the order of the columns; each must have the same columns as the first. */
function rowsByPlace(rows: readonly Row[], columns: readonly string[], from: number): unknown[][] {
  return rows.map((row, i) => {
    const keys = Object.keys(rowOf(row, from + i + 1));
    const missing = columns.find((each) => !Object.hasOwn(row, each));
    if (missing === undefined && keys.length === columns.length) return columns.map((each) => row[each]);
    const odd = missing ?? keys.find((each) => !columns.includes(each));
    throw new TypeError(
      `row ${from + i + 1}: ${
        missing === undefined ? "it has" : "it lacks"
      } the column "${odd}", unlike the first row`,
    );
  });
}

async function* batched(rows: Iterable<Row> | AsyncIterable<Row>, size: number): AsyncGenerator<Row[]> {
  let some: Row[] = [];
  for await (const row of rows) {
    some.push(row);
    if (some.length < size) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}
