/** Python expressions as far as a schedule is made of them: literals, names, calls and arithmetic on numbers. */
import type { Token } from "./tokens.ts";

export type Expression =
  | Value
  /** A number that JavaScript would round. */
  | { readonly kind: "inexact"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly Expression[]; readonly isTuple?: boolean }
  | { readonly kind: "dictionary"; readonly entries: readonly (readonly [Expression, Expression])[] }
  /** A name, with those before it: `tasks.orders.sync`. */
  | { readonly kind: "name"; readonly name: string }
  | Call
  /** Of texts or numbers that are known once names are. */
  | { readonly kind: "sum"; readonly left: Expression; readonly right: Expression }
  /** Anything else, as it is written. */
  | { readonly kind: "other"; readonly text: string };

export interface Value {
  readonly kind: "value";
  readonly value: string | number | boolean | null;
  /** `1.0`, which is not 1 to Python. */
  readonly isFloat?: boolean;
}

export interface Call {
  readonly kind: "call";
  readonly callee: string;
  readonly args: readonly Expression[];
  readonly named: readonly (readonly [string, Expression])[];
  /** True where `*` brings arguments. */
  readonly spread: boolean;
  /** What `**` brings. */
  readonly brought: readonly Expression[];
}

/** Deepest brackets within each other. */
const MAX_DEPTH = 100;

/** Reads one expression from a token on; `end` is the index behind it. */
export function readExpression(
  tokens: readonly Token[],
  start: number,
): { expression: Expression; end: number } {
  const reader = new Reader(tokens, start);
  const expression = reader.expression(0);
  return { expression, end: reader.at };
}

/** Reads the call that begins at a token, whatever follows it; undefined where none does. */
export function readCall(tokens: readonly Token[], start: number): { call: Call; end: number } | undefined {
  const reader = new Reader(tokens, start);
  const call = reader.primary(0);
  return call?.kind === "call" ? { call, end: reader.at } : undefined;
}

class Reader {
  constructor(readonly tokens: readonly Token[], public at: number) {}

  expression(depth: number): Expression {
    const start = this.at;
    const found = depth > MAX_DEPTH ? undefined : this.#sum(depth);
    return found && this.#isEnd() ? found : this.#other(start);
  }

  #sum(depth: number): Expression | undefined {
    let left = this.#product(depth);
    while (left && (this.#is("+") || this.#is("-"))) {
      const sign = this.#take();
      const right = this.#product(depth);
      left = arithmetic(left, sign, right) ??
        (sign === "+" && right ? { kind: "sum", left, right } : undefined);
    }
    return left;
  }

  #product(depth: number): Expression | undefined {
    let left = this.#unary(depth);
    while (left && (this.#is("*") || this.#is("/") || this.#is("//"))) {
      const sign = this.#take();
      left = arithmetic(left, sign, this.#unary(depth));
    }
    return left;
  }

  #unary(depth: number): Expression | undefined {
    if (!this.#is("-") && !this.#is("+")) return this.primary(depth);
    const sign = this.#take();
    return arithmetic({ kind: "value", value: 0 }, sign, this.primary(depth));
  }

  primary(depth: number): Expression | undefined {
    const token = this.tokens[this.at];
    if (!token) return undefined;
    if (token.kind === "string") return this.#string();
    this.at++;
    if (token.kind === "number") {
      const value = Number(token.text.replaceAll("_", ""));
      const isFloat = /^[^xX]*[.eE]/.test(token.text);
      return Number.isNaN(value) ? undefined : numberValue(value, isFloat, token.text);
    }
    if (token.kind === "name") return this.#named(token.text, depth);
    if (token.text === "(") return this.#tuple(depth);
    if (token.text === "[") return { kind: "list", items: this.#items("]", depth) };
    if (token.text === "{") return this.#dictionary(depth);
    return undefined;
  }

  /** Strings that stand side by side are one. */
  #string(): Expression | undefined {
    let value = "";
    let opaque = false;
    for (let token = this.tokens[this.at]; token?.kind === "string"; token = this.tokens[this.at]) {
      value += token.text;
      opaque ||= token.opaque === true;
      this.at++;
    }
    return opaque ? undefined : { kind: "value", value };
  }

  #named(first: string, depth: number): Expression | undefined {
    if (first === "True" || first === "False") return { kind: "value", value: first === "True" };
    if (first === "None") return { kind: "value", value: null };
    if (first === "lambda" || first === "not" || first === "await") return undefined;
    let name = first;
    while (this.#is(".") && this.tokens[this.at + 1]?.kind === "name") {
      name += `.${this.tokens[this.at + 1]?.text}`;
      this.at += 2;
    }
    if (!this.#is("(")) return { kind: "name", name };
    this.at++;
    return this.#call(name, depth);
  }

  #call(callee: string, depth: number): Call {
    const args: Expression[] = [];
    const named: [string, Expression][] = [];
    const brought: Expression[] = [];
    let spread = false;
    while (this.at < this.tokens.length && !this.#is(")")) {
      const token = this.tokens[this.at];
      if (this.#is("*") || this.#is("**")) {
        const isNamed = this.#take() === "**";
        const expression = this.expression(depth + 1);
        if (isNamed) brought.push(expression);
        else spread = true;
      } else if (token?.kind === "name" && this.tokens[this.at + 1]?.text === "=") {
        this.at += 2;
        named.push([token.text, this.expression(depth + 1)]);
      } else {
        args.push(this.expression(depth + 1));
      }
      if (!this.#is(",")) break;
      this.at++;
    }
    if (this.#is(")")) this.at++;
    return { kind: "call", callee, args, named, spread, brought };
  }

  #tuple(depth: number): Expression {
    const start = this.at;
    const items = this.#items(")", depth);
    const isOne = items.length === 1 && this.tokens[this.at - 2]?.text !== ",";
    const tuple: Expression = { kind: "list", items, isTuple: true };
    return isOne && start < this.at ? items[0] ?? tuple : tuple;
  }

  #items(closing: string, depth: number): Expression[] {
    const items: Expression[] = [];
    while (this.at < this.tokens.length && !this.#is(closing)) {
      items.push(this.expression(depth + 1));
      if (!this.#is(",")) break;
      this.at++;
    }
    if (this.#is(closing)) this.at++;
    return items;
  }

  #dictionary(depth: number): Expression | undefined {
    const entries: [Expression, Expression][] = [];
    let isOther = false;
    while (this.at < this.tokens.length && !this.#is("}")) {
      const key = this.expression(depth + 1);
      // A set, or what `**` brings.
      if (!this.#is(":")) isOther = true;
      else {
        this.at++;
        entries.push([key, this.expression(depth + 1)]);
      }
      if (!this.#is(",")) break;
      this.at++;
    }
    if (this.#is("}")) this.at++;
    return isOther ? undefined : { kind: "dictionary", entries };
  }

  /** What is not understood, up to the comma or the bracket that ends it. */
  #other(start: number): Expression {
    this.at = start;
    let depth = 0;
    while (this.at < this.tokens.length) {
      const { text, kind } = this.tokens[this.at] ?? { text: "", kind: "operator" };
      const isOperator = kind === "operator";
      if (isOperator && depth === 0 && ",)]}:".includes(text)) break;
      if (isOperator && "([{".includes(text)) depth++;
      if (isOperator && ")]}".includes(text)) depth--;
      this.at++;
    }
    // A bracket that nothing has opened: it must not be read for ever.
    if (this.at === start) this.at++;
    return {
      kind: "other",
      text: this.tokens.slice(start, this.at).map(({ text }) => text).join(" ").slice(0, 80),
    };
  }

  #isEnd(): boolean {
    const token = this.tokens[this.at];
    return token === undefined || (token.kind === "operator" && ",)]}:=".includes(token.text));
  }

  #is(text: string): boolean {
    const token = this.tokens[this.at];
    return token?.kind === "operator" && token.text === text;
  }

  #take(): string {
    return this.tokens[this.at++]?.text ?? "";
  }
}

/** Of numbers that are known, as Python counts; undefined for anything else. */
export function arithmetic(
  left: Expression,
  sign: string,
  right: Expression | undefined,
): Expression | undefined {
  if (left.kind === "inexact" || right?.kind === "inexact") {
    return left.kind === "inexact" ? left : right;
  }
  const [a, b] = [numberIn(left), right && numberIn(right)];
  if (!a || !b) return undefined;
  const isFloat = sign === "/" || a.isFloat === true || b.isFloat === true;
  return numberValue(resultOf(a.value, sign, b.value), isFloat, `${a.value} ${sign} ${b.value}`);
}

function resultOf(a: number, sign: string, b: number): number {
  if (sign === "+") return a + b;
  if (sign === "-") return a - b;
  if (sign === "*") return a * b;
  return sign === "//" ? Math.floor(a / b) : a / b;
}

function numberValue(value: number, isFloat: boolean, text: string): Expression {
  const isExact = isFloat ? Number.isFinite(value) : Number.isSafeInteger(value);
  if (!isExact) return { kind: "inexact", text };
  return { kind: "value", value, ...(isFloat && { isFloat }) };
}

function numberIn(expression: Expression): (Value & { readonly value: number }) | undefined {
  return expression.kind === "value" && typeof expression.value === "number"
    ? { ...expression, value: expression.value }
    : undefined;
}
