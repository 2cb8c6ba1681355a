/** Cuts a file of SQL into its statements, as the database's own command line does. */
import { type Dialect, endOfComment, scannerSource } from "./sql_scanner.ts";

export interface ScriptStatement {
  /** As the server gets it: without the comments before it and the sign that ends it. */
  readonly text: string;
  /** Where it begins, from 1. */
  readonly line: number;
  /** Its first word in capitals, such as `INSERT`. */
  readonly verb: string;
  /** True where it gives rows and changes none. */
  readonly reads: boolean;
}

/** Lines that are meant for the command line and not for the server. */
const LINES: Readonly<Record<Dialect, string>> = {
  postgresql: "(?!)",
  sqlite: "(?!)",
  mysql: String.raw`(?<=^|\n)[ \t]*delimiter[ \t]+(?<delimiter>\S+)[ \t]*(?=\r?\n|$)`,
  oracle: String.raw`(?<=^|\n)[ \t]*(?<slash>\/)[ \t]*(?=\r?\n|$)`,
  sqlserver: String.raw`(?<=^|\n)[ \t]*(?<go>go)[ \t]*;?[ \t]*(?=\r?\n|$)`,
};

/** Statements that hold others, by their first words; their `;` does not end them. */
const HOLDS: Readonly<Record<Dialect, RegExp>> = {
  postgresql: /^CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE)\b/,
  sqlite: /^CREATE (?:TEMP |TEMPORARY )?TRIGGER\b/,
  mysql: /^CREATE (?:.* )?(?:FUNCTION|PROCEDURE|TRIGGER|EVENT)\b/,
  oracle:
    /^(?:BEGIN|DECLARE)\b|^CREATE (?:OR REPLACE )?(?:(?:NON)?EDITIONABLE )?(?:FUNCTION|PROCEDURE|PACKAGE|TRIGGER|TYPE)\b/,
  // A batch, which has variables and blocks of its own.
  sqlserver:
    /\b(?:DECLARE|BEGIN|IF|WHILE|TRY)\b|^(?:CREATE|ALTER) (?:OR ALTER )?(?:PROC|PROCEDURE|FUNCTION|TRIGGER|VIEW)\b/,
};

/** Words that begin a block in it, each of which `END` ends. */
const BLOCKS = ["BEGIN", "CASE"];
/** `END IF` ends no block that was counted. */
const UNCOUNTED = ["IF", "LOOP", "WHILE", "REPEAT"];
/** So many words say what a statement is. */
const FIRST_WORDS = 8;
const READS = ["SELECT", "VALUES", "WITH", "TABLE"];
const WRITES = ["INSERT", "UPDATE", "DELETE", "MERGE", "INTO"];

/** The statements of a text, in order. */
export function statementsIn(text: string, dialect: Dialect): ScriptStatement[] {
  const pieces = dialect === "sqlserver" ? batchesIn(text) : [{ text, line: 1 }];
  return pieces.flatMap((piece) => new Cutter(piece.text, piece.line, dialect).cut());
}

interface Piece {
  readonly text: string;
  readonly line: number;
}

/** What stands between lines that say `GO`. */
function batchesIn(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  let line = 1;
  const add = (to: number) => {
    pieces.push({ text: text.slice(from, to), line });
    line += countLines(text.slice(from, to));
    from = to;
  };
  for (const token of tokensIn(text, "sqlserver", ";")) {
    if (token.go === undefined) continue;
    add(token.start);
    // The line itself is passed over.
    line += countLines(text.slice(from, token.end));
    from = token.end;
  }
  add(text.length);
  return pieces;
}

interface Token {
  readonly start: number;
  readonly end: number;
  readonly comment?: boolean;
  readonly word?: string;
  readonly go?: string;
  readonly slash?: string;
  readonly delimiter?: string;
  readonly ends?: boolean;
}

/** @param ending what ends a statement */
function* tokensIn(text: string, dialect: Dialect, ending: string, from = 0): Iterable<Token> {
  // The scanner's own first: parts of it are known by their number.
  const scanner = new RegExp(
    `${scannerSource(dialect)}|${LINES[dialect]}|(?<ends>${
      escaped(ending)
    })|(?<word>[A-Za-z_][\\w$#@]*)|[^\\s]`,
    "gi",
  );
  scanner.lastIndex = from;
  for (let match = scanner.exec(text); match; match = scanner.exec(text)) {
    const { index: start, groups = {} } = match;
    const block = groups.comment !== undefined;
    if (block) scanner.lastIndex = endOfComment(text, start);
    yield {
      start,
      end: scanner.lastIndex,
      // MySQL does what is in `/*! … */`.
      comment: block || /^(?:--.?|#.|\/\*(?!!))/.test(match[0]),
      word: groups.word?.toUpperCase(),
      go: groups.go,
      slash: groups.slash,
      delimiter: groups.delimiter,
      ends: groups.ends !== undefined,
    };
  }
}

class Cutter {
  readonly #found: ScriptStatement[] = [];
  #start = -1;
  #last = 0;
  #words: string[] = [];
  #writes = false;
  #depth = 0;
  #previous = "";
  readonly #whole: boolean;

  /** Up to where lines were counted, and the line there. */
  #counted = 0;
  #line: number;

  constructor(readonly text: string, line: number, readonly dialect: Dialect) {
    this.#line = line;
    this.#whole = dialect === "sqlserver" && HOLDS.sqlserver.test(wordsOf(text));
  }

  cut(): readonly ScriptStatement[] {
    let ending = ";";
    let at = 0;
    while (at < this.text.length) {
      let next = this.text.length;
      for (const token of tokensIn(this.text, this.dialect, ending, at)) {
        if (token.delimiter !== undefined) {
          this.#end();
          ending = token.delimiter;
          next = token.end;
          break;
        }
        this.#take(token, ending === ";");
      }
      at = next;
    }
    this.#end();
    return this.#found;
  }

  #take(token: Token, isUsual: boolean): void {
    if (token.comment || token.go !== undefined) return;
    if (token.slash !== undefined || (token.ends && !(isUsual && this.#holds()))) return this.#end();
    // A sign that ends nothing, such as the second of `;;`.
    if (this.#start < 0 && token.ends) return;
    if (this.#start < 0) this.#start = token.start;
    this.#last = token.end;
    if (token.word !== undefined) this.#takeWord(token.word);
  }

  #takeWord(word: string): void {
    if (this.#words.length < FIRST_WORDS) this.#words.push(word);
    if (WRITES.includes(word)) this.#writes = true;
    if (BLOCKS.includes(word) && this.#previous !== "END") this.#depth++;
    else if (UNCOUNTED.includes(word) && this.#previous === "END") this.#depth++;
    else if (word === "END") this.#depth--;
    this.#previous = word;
  }

  /** True where what has begun goes on behind a `;`. */
  #holds(): boolean {
    const first = this.#words.join(" ");
    if (this.dialect === "sqlserver") return this.#whole;
    return HOLDS[this.dialect].test(first) && (this.dialect === "oracle" || this.#depth > 0);
  }

  #end(): void {
    if (this.#start >= 0) {
      const verb = this.#words[0] ?? "";
      this.#line += countLines(this.text.slice(this.#counted, this.#start));
      this.#counted = this.#start;
      this.#found.push({
        text: this.text.slice(this.#start, this.#last),
        line: this.#line,
        verb,
        reads: READS.includes(verb) && !this.#writes,
      });
    }
    this.#start = -1;
    this.#words = [];
    this.#writes = false;
    this.#depth = 0;
    this.#previous = "";
  }
}

/** The words of a batch of SQL Server without those in texts, names and comments. */
function wordsOf(text: string): string {
  return [...tokensIn(text, "sqlserver", ";")].flatMap(({ word }) => word ?? []).join(" ");
}

function countLines(text: string): number {
  return text.split("\n").length - 1;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\\/]/g, "\\$&");
}
