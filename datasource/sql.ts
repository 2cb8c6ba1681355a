/** One parameter style for all databases: `:name` with an object, `?` with a list, written as each server wants it. */
import { givenObject, givenText } from "../app/base/given.ts";
import { DatabaseError } from "./errors.ts";
import { type Dialect, type Place, placesIn } from "./sql_scanner.ts";

/** Values of a statement: by name for `:name`, in order for `?`. A list as a value stands for several: `IN (:ids)`. */
export type SqlParams = Readonly<Record<string, unknown>> | readonly unknown[];

export type { Dialect } from "./sql_scanner.ts";
export { singleStatement, withoutComments } from "./sql_scanner.ts";

/** A statement as the server gets it, with its values in order. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** How the server names the value at a place, counted from 1. */
const PLACEHOLDER: Readonly<Record<Dialect, (place: number) => string>> = {
  postgresql: (place) => `$${place}`,
  mysql: () => "?",
  sqlite: () => "?",
  oracle: (place) => `:${place}`,
  sqlserver: (place) => `@p${place}`,
};

/** The statement's value at a place as the server names it, counted from 1. */
export function placeholder(dialect: Dialect, place: number): string {
  return PLACEHOLDER[dialect](place);
}

const BRIEF = 60;

/** The beginning of a statement, for those who wait for it. */
export function brief({ text }: Pick<Statement, "text">): string {
  const plain = text.replace(/\s+/g, " ").trim();
  return `"${plain.length > BRIEF ? `${plain.slice(0, BRIEF)}…` : plain}"`;
}

/** The first word of a statement in capitals, such as `SELECT`. */
export function verbOf({ text }: Pick<Statement, "text">): string {
  return /^(?:\s|--[^\n]*\n|\/\*[^]*?\*\/|\()*([a-z]{1,20})/i.exec(text.slice(0, 2_000))?.[1]
    ?.toUpperCase() ?? "";
}

/** Names of the `:name` parameters of a statement, in order of their first use. */
export function parameterNames(sql: string, dialect: Dialect): string[] {
  return [...new Set([...placesIn(sql, dialect, true)].flatMap(({ name }) => name ?? []))];
}

/**
 * Writes a statement as the server wants it. What is inside strings, quoted names and comments is left alone.
 *
 * @throws TypeError for a value that is missing or not used, before anything is sent
 */
export function statementFor(sql: string, params: SqlParams, dialect: Dialect): Statement {
  givenText("the statement", sql, 'a text such as "SELECT * FROM orders"');
  if (!Array.isArray(params)) {
    givenObject("what the statement is given", params, "an object for :name or a list for ?");
  }
  const named = !Array.isArray(params);
  const places = [...placesIn(sql, dialect, named)];
  const given = named ? checkedNames(params as Readonly<Record<string, unknown>>, places) : undefined;
  if (!named) checkCount(params.length, places.filter(({ literal }) => literal === undefined).length);
  const values: unknown[] = [];
  let text = "";
  let copied = 0;
  let mark = 0;
  for (const { start, end, name, literal } of places) {
    text += sql.slice(copied, start);
    copied = end;
    if (literal !== undefined) {
      text += literal;
      continue;
    }
    const value = given ? given[name ?? ""] : (params as readonly unknown[])[mark++];
    const several = Array.isArray(value)
      ? isJsonPlace(sql, start, end)
        ? [value]
        : dialect === "postgresql" && isArrayPlace(sql, start, end)
        ? [new PostgresArray(value)]
        : value
      : [value];
    if (several.length === 0) {
      throw new TypeError(
        `${
          name === undefined ? `parameter ${mark}` : `:${name}`
        } is an empty list; IN () cannot be asked, skip the statement instead`,
      );
    }
    text += several.map((each) => {
      // SQL Server's parameters have a type, and there is none for nothing that goes into every column.
      if (dialect === "sqlserver" && (each === null || each === undefined)) return "NULL";
      values.push(each);
      return placeholder(dialect, values.length);
    }).join(", ");
  }
  if (values.length > MOST_VALUES[dialect]) {
    throw new DatabaseError(
      `the statement has ${values.length} values, and ${
        MOST_VALUES[dialect]
      } are possible; insertMany() and copyRows() take any number`,
      { code: "TOO_MANY_VALUES" },
    );
  }
  return { text: text + sql.slice(copied), values };
}

/** Most values of one statement: limits of the protocols, and of SQLite as it is built. */
const MOST_VALUES: Readonly<Record<Dialect, number>> = {
  postgresql: 65_535,
  mysql: 65_535,
  sqlite: 32_766,
  // 2,100 less the statement itself and the names of the others.
  sqlserver: 2_098,
  oracle: 65_535,
};

/** A list that goes as one value: into `= ANY(:ids)` or `:tags::text[]` of PostgreSQL. */
export class PostgresArray {
  constructor(readonly items: readonly unknown[]) {}
}

function isArrayPlace(sql: string, start: number, end: number): boolean {
  return /\b(?:any|all|some)\s*\(\s*$/i.test(sql.slice(Math.max(0, start - 40), start)) ||
    /^\s*::\s*(?:"[^"]*"|[\w. ]+?)(?:\(\s*\d+(?:\s*,\s*\d+)?\s*\))?\s*\[/.test(sql.slice(end, end + 80));
}

/** Where a list can only be one value: `:list::jsonb`, `CAST(:list AS JSON)`. */
function isJsonPlace(sql: string, start: number, end: number): boolean {
  const after = sql.slice(end, end + 80);
  return /^\s*::\s*jsonb?\b(?!\s*\[)/i.test(after) ||
    (/\bcast\s*\(\s*$/i.test(sql.slice(Math.max(0, start - 40), start)) &&
      /^\s+as\s+jsonb?\s*\)/i.test(after));
}

function checkedNames(
  params: Readonly<Record<string, unknown>>,
  places: readonly Place[],
): Readonly<Record<string, unknown>> {
  const names = [...new Set(places.flatMap(({ name }) => name ?? []))];
  const given = Object.keys(params);
  const missing = names.filter((name) => !Object.hasOwn(params, name));
  if (missing.length > 0) {
    throw new TypeError(
      `the statement needs :${missing.join(", :")}, which is not among its parameters (given: ${
        given.join(", ") || "none"
      })`,
    );
  }
  const surplus = given.filter((name) => !names.includes(name));
  if (surplus.length > 0) {
    throw new TypeError(
      `the statement has no :${surplus.join(", :")} (it has: ${
        names.map((name) => `:${name}`).join(", ") || "none"
      })`,
    );
  }
  return params;
}

function checkCount(given: number, wanted: number): void {
  if (given === wanted) return;
  throw new TypeError(`the statement has ${wanted} question marks, and ${given} values were given`);
}
