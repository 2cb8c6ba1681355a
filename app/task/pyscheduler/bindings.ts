/** Which names a statement of Python gives values, or changes the values of. */
import type { LogicalLine, Token } from "./tokens.ts";

export interface Bindings {
  /** The name of `name = …`, where the statement does nothing else. */
  readonly assigned: string | undefined;
  /** What gets a value in any other way, with dots: `a` for `a += 1`, `for a in …` and `a["b"] = 1`, `a.b` for `a.b = 1`. */
  readonly changed: readonly string[];
}

/** Words of blocks, behind whose colon a statement may stand. */
const BLOCKS = ["if", "elif", "else", "for", "while", "try", "except", "finally", "with"]
  .concat(["def", "async", "class", "match", "case"]);
const ASSIGNING = /^(?:[-+*/%&|^@]|\*\*|\/\/)?=$/;

/** The statements of a line: `if x: y = 1` has two. */
export function statementsOf({ tokens }: LogicalLine): (readonly Token[])[] {
  if (!BLOCKS.includes(tokens[0]?.text ?? "")) return [tokens];
  const depths = depthsOf(tokens);
  let lambdas = 0;
  const end = tokens.findIndex((token, i) => {
    if (depths[i] !== 0) return false;
    if (token.kind === "name" && token.text === "lambda") lambdas++;
    return isSign(token, ":") && lambdas-- === 0;
  });
  return end < 0 || end === tokens.length - 1 ? [tokens] : [tokens.slice(0, end + 1), tokens.slice(end + 1)];
}

export function bindingsOf(tokens: readonly Token[]): Bindings {
  const [first] = tokens;
  const isImport = first?.text === "import" || first?.text === "from";
  const changed = isImport
    ? []
    : tokens.flatMap((token, i) => token.kind === "name" ? byWord(tokens, i) : []);
  tokens.forEach((token, i) => isSign(token, ":=") && changed.push(tokens[i - 1]?.text ?? ""));
  if (first?.text === "def" || first?.text === "async") changed.push(...parameters(tokens));
  if (first?.text === "case") changed.push(...pathsIn(tokens.slice(1)));
  if (["del", "global", "nonlocal"].includes(first?.text ?? "")) changed.push(...pathsIn(tokens.slice(1)));
  const targets = targetsIn(tokens);
  const [target] = targets;
  const isPlain = targets.length === 1 && target?.length === 1 && isSign(tokens[1], "=");
  if (isPlain) return { assigned: target[0], changed };
  return { assigned: undefined, changed: [...changed, ...targets.flat()] };
}

/** What `for`, `as` and `lambda` give values to. */
function byWord(tokens: readonly Token[], at: number): string[] {
  const word = tokens[at]?.text;
  const upTo = (...ends: readonly string[]) => {
    const end = tokens.findIndex(({ kind, text }, i) => i > at && kind !== "string" && ends.includes(text));
    return tokens.slice(at + 1, end < 0 ? undefined : end);
  };
  if (word === "for") return pathsIn(upTo("in"));
  if (word === "as") return isSign(tokens[at + 1], "(") ? pathsIn(upTo(")")) : pathsIn(upTo(",", ":", ")"));
  return word === "lambda" ? parameters([...tokens.slice(at, at + 1), ...upTo(":")]) : [];
}

/** The left sides of the assignments that a statement is; `name: kind = …` has the name. */
function targetsIn(tokens: readonly Token[]): string[][] {
  const depths = depthsOf(tokens);
  const found: string[][] = [];
  let start = 0;
  let annotated: string[] | undefined;
  for (const [i, token] of tokens.entries()) {
    if (depths[i] !== 0 || token.kind !== "operator") continue;
    if (token.text === ":") annotated = pathsIn(tokens.slice(start, i));
    if (!ASSIGNING.test(token.text)) continue;
    found.push(annotated ?? pathsIn(tokens.slice(start, i)));
    annotated = undefined;
    start = i + 1;
  }
  return found;
}

/** Names with what follows them by dots; not those within an index or the arguments of a call. */
function pathsIn(tokens: readonly Token[]): string[] {
  const found: string[] = [];
  let inside = 0;
  for (const [i, token] of tokens.entries()) {
    const before = tokens[i - 1];
    const isBehind = before?.kind === "name" || isSign(before, ")") || isSign(before, "]");
    if (isSign(token, "(") || isSign(token, "[")) {
      if (inside > 0 || isBehind) inside++;
    } else if (isSign(token, ")") || isSign(token, "]")) inside = Math.max(0, inside - 1);
    if (inside > 0 || token.kind !== "name" || isSign(before, ".")) continue;
    let path = token.text;
    for (let at = i + 1; isSign(tokens[at], ".") && tokens[at + 1]; at += 2) {
      path += `.${tokens[at + 1]?.text}`;
    }
    found.push(path);
  }
  return found;
}

/** Those of `def f(a, b=1, *c)` and of a lambda, without what stands for their defaults. */
function parameters(tokens: readonly Token[]): string[] {
  return tokens.filter(({ kind }, i) =>
    kind === "name" && ["(", ",", "*", "**", "lambda"].includes(tokens[i - 1]?.text ?? "")
  )
    .map(({ text }) => text);
}

/** How many brackets are open at each token. */
export function depthsOf(tokens: readonly Token[]): number[] {
  let depth = 0;
  return tokens.map(({ kind, text }) => {
    if (kind !== "operator") return depth;
    if (")]}".includes(text)) depth--;
    const here = depth;
    if ("([{".includes(text)) depth++;
    return here;
  });
}

export function isSign(token: Token | undefined, text: string): boolean {
  return token?.kind === "operator" && token.text === text;
}
