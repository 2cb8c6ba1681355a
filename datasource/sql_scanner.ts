/** Where parameters stand in a text of SQL, and where a statement ends: not in strings, quoted names and comments. */
import { DatabaseError } from "./errors.ts";

export type Dialect = "postgresql" | "mysql" | "sqlite" | "oracle" | "sqlserver";

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

/** An expression for all of that, to be a part of another one; a `comment` is followed with {@link endOfComment}. */
export function scannerSource(dialect: Dialect): string {
  return SCANNERS[dialect].source;
}

/** A place in a statement where a value belongs. */
export interface Place {
  readonly start: number;
  readonly end: number;
  /** Undefined for a `?`. */
  readonly name?: string;
}

/** Finds the parameters: `:name` where `named`, `?` otherwise. `??` is a question mark of PostgreSQL's operators. */
export function* placesIn(
  sql: string,
  dialect: Dialect,
  named: boolean,
): Iterable<Place & { readonly literal?: string }> {
  const scanner = new RegExp(SCANNERS[dialect]);
  // The rows of a trigger of Oracle are named as parameters are.
  const inTrigger = dialect === "oracle" && TRIGGER.test(sql);
  for (let match = scanner.exec(sql); match; match = scanner.exec(sql)) {
    const { index: start } = match;
    const { comment, name, mark } = match.groups ?? {};
    if (inTrigger && /^(?:new|old|parent)$/i.test(name ?? "")) continue;
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

const TRIGGER = /^\s*create\s+(?:(?:or\s+replace|temp|temporary|(?:non)?editionable)\s+)*trigger\b/i;

/** @throws DatabaseError for a text with several statements, of which `node:sqlite` would do the first alone */
export function singleStatement(sql: string, dialect: Dialect): void {
  if (!sql.includes(";") || TRIGGER.test(sql)) return;
  const scanner = new RegExp(`${SCANNERS[dialect].source}|(?<end>;)`, "g");
  let ended = false;
  let last = 0;
  for (let match = scanner.exec(sql); match; match = scanner.exec(sql)) {
    const { comment, end } = match.groups ?? {};
    const between = sql.slice(last, match.index);
    if (comment !== undefined) scanner.lastIndex = endOfComment(sql, match.index);
    last = scanner.lastIndex;
    const isComment = comment !== undefined || /^(?:--|#|\/\*)/.test(match[0]);
    if (ended && (between.trim() !== "" || !(isComment || end !== undefined))) throw severalStatements();
    if (end !== undefined) ended = true;
  }
  if (ended && sql.slice(last).trim() !== "") throw severalStatements();
}

function severalStatements(): DatabaseError {
  return new DatabaseError(
    "one statement at a time: the text holds several; send them one after another, or in a transaction",
  );
}

/** A statement from its first word on. A comment of MySQL with an exclamation mark is none: the server does what is in it. */
export function withoutComments(sql: string): string {
  let at = 0;
  for (;;) {
    const [skipped = ""] = /^(?:\s|(?:--|#)[^\n]*(?:\n|$))*/.exec(sql.slice(at)) ?? [];
    at += skipped.length;
    if (!sql.startsWith("/*", at) || sql.startsWith("/*!", at)) return sql.slice(at);
    at = endOfComment(sql, at);
  }
}

/** The end of a comment that may hold others (PostgreSQL, 4.1.5; Transact-SQL, "Slash Star"). */
export function endOfComment(sql: string, start: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start;
  let depth = 0;
  for (let match = edge.exec(sql); match; match = edge.exec(sql)) {
    depth += match[0] === "/*" ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return sql.length;
}
