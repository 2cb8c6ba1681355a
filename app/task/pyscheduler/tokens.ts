/** Python text as tokens in logical lines: what is needed to read calls and literals, without running anything. */

export interface Token {
  readonly kind: "name" | "number" | "string" | "operator";
  /** As written; of a string its value. */
  readonly text: string;
  /** 1-based. */
  readonly line: number;
  /** An f-string, bytes, or one with the name of a character: its value is not known from the text. */
  readonly opaque?: boolean | undefined;
}

/** A statement's line, from its first token to the line's end, over brackets and backslashes. */
export interface LogicalLine {
  readonly indent: number;
  readonly line: number;
  readonly tokens: readonly Token[];
}

const SPACE = /[ \t\f]+|\\\n|#[^\n]*/y;
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const NUMBER = /0[xX][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?/y;
const STRING = /([rRbBuUfF]{0,2})("""|'''|"|')/y;
const OPERATOR = /\*\*=?|\/\/=?|->|:=|[=!<>+\-*/%&|^@]=|<<|>>|[^\s\w]/y;

/** Never fails: what is no Python becomes tokens all the same, and lines that mean nothing. */
export function logicalLines(source: string): LogicalLine[] {
  // To Python each end of a line is one sign, in texts of several lines as well.
  const text = source.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  const lines: LogicalLine[] = [];
  let tokens: Token[] = [];
  let indent = 0;
  let line = 1;
  let depth = 0;
  let at = 0;
  let lineStart = 0;
  const finish = () => {
    const [first] = tokens;
    if (first) lines.push({ indent, line: first.line, tokens });
    tokens = [];
  };
  const add = (token: Token, start: number) => {
    if (tokens.length === 0) indent = start - lineStart;
    tokens.push(token);
  };
  while (at < text.length) {
    const char = text[at];
    if (char === "\n") {
      at++;
      line++;
      lineStart = at;
      if (depth === 0) finish();
      continue;
    }
    const space = matchAt(SPACE, text, at)?.[0] ?? "";
    if (space !== "") {
      at += space.length;
      if (space.includes("\n")) line++;
      continue;
    }
    const string = matchAt(STRING, text, at);
    if (string) {
      const [opening, prefix = "", quote = ""] = string;
      const { value, length, opaque } = readString(text, at + opening.length, quote, /r/i.test(prefix));
      add({ kind: "string", text: value, line, opaque: opaque || /[fb]/i.test(prefix) || undefined }, at);
      const end = at + opening.length + length;
      line += text.slice(at, end).split("\n").length - 1;
      at = end;
      continue;
    }
    const name = matchAt(NAME, text, at);
    const number = name ? undefined : matchAt(NUMBER, text, at);
    const word = (name ?? number ?? matchAt(OPERATOR, text, at))?.[0] ?? char ?? "";
    add({ kind: name ? "name" : number ? "number" : "operator", text: word, line }, at);
    at += word.length;
    if ("([{".includes(word)) depth++;
    if (")]}".includes(word)) depth = Math.max(0, depth - 1);
    if (word === ";" && depth === 0) {
      tokens.pop();
      const before = indent;
      finish();
      indent = before;
    }
  }
  finish();
  return lines;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
};

/** The value of a string from behind its opening quote, and how long it is with its closing one. */
function readString(
  text: string,
  start: number,
  quote: string,
  raw: boolean,
): { readonly value: string; readonly length: number; readonly opaque: boolean } {
  let value = "";
  let opaque = false;
  let at = start;
  while (at < text.length) {
    const char = text[at] ?? "";
    if (text.startsWith(quote, at)) return { value, length: at + quote.length - start, opaque };
    // A string of one line that is not closed ends with it.
    if (char === "\n" && quote.length === 1) break;
    if (char !== "\\") {
      value += char;
      at++;
      continue;
    }
    const next = text[at + 1] ?? "";
    if (raw) {
      value += char + next;
      at += 2;
      continue;
    }
    const code = /^(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3}))/.exec(
      text.slice(at + 1, at + 10),
    );
    if (code) {
      const [, two, four, eight, octal] = code;
      const point = octal === undefined
        ? Number.parseInt(two ?? four ?? eight ?? "", 16)
        : Number.parseInt(octal, 8);
      if (point <= 0x10ffff) value += String.fromCodePoint(point);
      else opaque = true;
      at += 1 + code[0].length;
      continue;
    }
    opaque ||= next === "N";
    if (next !== "\n") value += ESCAPES[next] ?? (/["'\\]/.test(next) ? next : `\\${next}`);
    at += 2;
  }
  return { value, length: at - start, opaque };
}
