/** One parameter style for all databases: `:name` with an object, `?` with a list, written as each server wants it. */

/** Values of a statement: by name for `:name`, in order for `?`. A list as a value stands for several: `IN (:ids)`. */
export type SqlParams = Readonly<Record<string, unknown>> | readonly unknown[];

export type Dialect = "postgresql" | "mysql" | "sqlite" | "oracle" | "sqlserver";

/** A statement as the server gets it, with its values in order. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What a parameter must not be looked for in: strings, quoted names, comments, casts; each database has its own. */
const QUOTED: Readonly<Record<Dialect, readonly string[]>> = {
  postgresql: [
    String.raw`\b[eE]'(?:[^'\\]|''|\\[\s\S])*'`,
    String.raw`'(?:[^']|'')*'`,
    String.raw`"(?:[^"]|"")*"`,
    String.raw`\$(\w*)\$[\s\S]*?\$\1\$`,
    String.raw`--[^\n]*`,
    "::",
  ],
  mysql: [
    String.raw`'(?:[^'\\]|''|\\[\s\S])*'`,
    String.raw`"(?:[^"\\]|""|\\[\s\S])*"`,
    "`(?:[^`]|``)*`",
    String.raw`--(?=\s|$)[^\n]*`,
    String.raw`#[^\n]*`,
    String.raw`\/\*[\s\S]*?\*\/`,
    ":=",
  ],
  sqlite: [
    String.raw`'(?:[^']|'')*'`,
    String.raw`"(?:[^"]|"")*"`,
    "`(?:[^`]|``)*`",
    String.raw`\[[^\]]*\]`,
    String.raw`--[^\n]*`,
    String.raw`\/\*[\s\S]*?\*\/`,
    "::",
  ],
  oracle: [
    // q'[it's]': the closing bracket belongs to the opening one (SQL Language Reference, "Text Literals").
    String.raw`\b[nN]?[qQ]'(?:\[[\s\S]*?\]|\{[\s\S]*?\}|<[\s\S]*?>|\([\s\S]*?\)|([^\s\[{<(])[\s\S]*?\1)'`,
    String.raw`'(?:[^']|'')*'`,
    String.raw`"[^"]*"`,
    String.raw`--[^\n]*`,
    String.raw`\/\*[\s\S]*?\*\/`,
    ":=",
  ],
  sqlserver: [
    String.raw`'(?:[^']|'')*'`,
    String.raw`"(?:[^"]|"")*"`,
    String.raw`\[(?:[^\]]|\]\])*\]`,
    String.raw`--[^\n]*`,
    "::",
  ],
};

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

const SCANNERS = Object.fromEntries(
  Object.entries(QUOTED).map(([dialect, quoted]) => [
    dialect,
    // A comment of PostgreSQL and SQL Server may hold others; it is followed by hand from its beginning.
    new RegExp(
      `${quoted.join("|")}|(?<comment>\\/\\*)|(?<![\\w:]):(?<name>[A-Za-z_]\\w*)|(?<mark>\\?\\??)`,
      "g",
    ),
  ]),
) as Readonly<Record<Dialect, RegExp>>;

/** A place in a statement where a value belongs. */
interface Place {
  readonly start: number;
  readonly end: number;
  /** Undefined for a `?`. */
  readonly name?: string;
}

/** Finds the parameters: `:name` where `named`, `?` otherwise. `??` is a question mark of PostgreSQL's operators. */
function* placesIn(
  sql: string,
  dialect: Dialect,
  named: boolean,
): Iterable<Place & { readonly literal?: string }> {
  const scanner = new RegExp(SCANNERS[dialect]);
  for (let match = scanner.exec(sql); match; match = scanner.exec(sql)) {
    const { index: start } = match;
    const { comment, name, mark } = match.groups ?? {};
    if (comment !== undefined) scanner.lastIndex = endOfComment(sql, start);
    const end = scanner.lastIndex;
    if (name !== undefined && named) yield { start, end, name };
    if (mark === undefined || named) continue;
    if (mark === "?" || dialect !== "postgresql") {
      for (let at = start; at < end; at++) yield { start: at, end: at + 1 };
    } else {
      yield { start, end, literal: "?" };
    }
  }
}

/** The end of a comment that may hold others (PostgreSQL, 4.1.5; Transact-SQL, "Slash Star"). */
function endOfComment(sql: string, start: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start;
  let depth = 0;
  for (let match = edge.exec(sql); match; match = edge.exec(sql)) {
    depth += match[0] === "/*" ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return sql.length;
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
    const several = Array.isArray(value) ? value : [value];
    if (several.length === 0) {
      throw new TypeError(
        `${
          name === undefined ? `parameter ${mark}` : `:${name}`
        } is an empty list; IN () cannot be asked, skip the statement instead`,
      );
    }
    text += several.map((each) => {
      values.push(each);
      return placeholder(dialect, values.length);
    }).join(", ");
  }
  return { text: text + sql.slice(copied), values };
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

/** A value as it is sent: Temporal's types and dates as text, lists and objects as JSON, nothing as NULL. */
export function toSent(value: unknown): string | number | bigint | boolean | null | Uint8Array {
  if (value === undefined || value === null) return null;
  if (typeof value === "string" || typeof value === "bigint" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    throw new TypeError(`${value} cannot be sent to a database`);
  }
  if (value instanceof Uint8Array) return value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Temporal.PlainDateTime) return value.toString().replace("T", " ");
  if (typeof value === "function" || typeof value === "symbol") {
    throw new TypeError(`a ${typeof value} cannot be sent to a database`);
  }
  // Temporal's types have a text form of their own; plain lists and objects are stored as JSON.
  const text = JSON.stringify(value);
  return text.startsWith('"') ? JSON.parse(text) as string : text;
}
