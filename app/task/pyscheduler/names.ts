/** What the names of config.py stand for: modules and functions it imports, functions and constants of its own. */
import { type Expression, readExpression } from "./expression.ts";
import type { LogicalLine, Token } from "./tokens.ts";

/** Where a function is. */
export interface FunctionPlace {
  /** With dots between its parts: `tasks.orders`. */
  readonly module: string;
  readonly function: string;
}

/** A name that an import brings: `module`, or `from` a module something that may be one as well. */
type Imported =
  | { readonly kind: "module"; readonly module: string }
  | { readonly kind: "from"; readonly module: string; readonly name: string };

export class Names {
  readonly #imported = new Map<string, Imported>();
  readonly #functions = new Set<string>();
  readonly #constants = new Map<string, Expression>();
  /** Names that a loop, a parameter or a second assignment gives other values. */
  readonly #varied = new Set<string>();

  /** @param own name of the module that is read; @param isModule whether there is such a module in the folder */
  constructor(
    lines: readonly LogicalLine[],
    readonly own: string,
    readonly isModule: (name: string) => boolean,
  ) {
    const inner = new InnerLines();
    for (const line of lines) {
      const { tokens } = line;
      const [first, second, third] = tokens;
      // Functions within functions and classes cannot be called by their name.
      const isInner = inner.has(line);
      for (const name of variedIn(tokens)) this.#varied.add(name);
      if (first?.text === "from") this.#readFrom(tokens);
      else if (first?.text === "import") this.#readImport(tokens.slice(1));
      else if (first?.text === "def" && second && !isInner) this.#functions.add(second.text);
      else if (first?.text === "async" && second?.text === "def" && third && !isInner) {
        this.#functions.add(third.text);
      } else if (first?.kind === "name" && second?.text === "=") {
        if (this.#constants.has(first.text)) this.#varied.add(first.text);
        this.#constants.set(first.text, readExpression(tokens, 2).expression);
      }
    }
  }

  /** The function that an expression names; undefined for what is none that can be called by name. */
  functionOf(expression: Expression | undefined): FunctionPlace | undefined {
    if (expression?.kind === "value" && typeof expression.value === "string") {
      const [module, name] = expression.value.split(":");
      return module && name ? { module, function: name } : undefined;
    }
    if (expression?.kind !== "name") return undefined;
    const parts = expression.name.split(".");
    const [first = "", ...rest] = parts;
    const imported = this.#imported.get(first);
    if (!imported) {
      return this.#functions.has(first) && rest.length === 0
        ? { module: this.own, function: first }
        : undefined;
    }
    if (imported.kind === "module") return this.#inModule(imported.module, rest);
    const asModule = `${imported.module}.${imported.name}`;
    if (rest.length === 0) return { module: imported.module, function: imported.name };
    if (this.isModule(asModule)) return this.#inModule(asModule, rest);
    return { module: imported.module, function: [imported.name, ...rest].join(".") };
  }

  /** The constant that a name stands for; undefined where it has not the same value all over the file. */
  constant(name: string): Expression | undefined {
    return this.#varied.has(name) ? undefined : this.#constants.get(name);
  }

  /** True for a name that is given several values. */
  isVaried(name: string): boolean {
    return this.#varied.has(name);
  }

  /** What a name is called where it comes from: `CronTrigger` after `import CronTrigger as CT`. */
  original(name: string): string {
    const [first = "", ...rest] = name.split(".");
    const imported = this.#imported.get(first);
    return imported?.kind === "from" ? [imported.name, ...rest].join(".") : name;
  }

  /** `tasks.orders.sync` after `import tasks.orders`: as much as there is belongs to the module. */
  #inModule(module: string, rest: readonly string[]): FunctionPlace | undefined {
    let at = 0;
    let found = module;
    while (at < rest.length - 1 && this.isModule(`${found}.${rest[at]}`)) found += `.${rest[at++]}`;
    const name = rest.slice(at).join(".");
    return name === "" ? undefined : { module: found, function: name };
  }

  #readFrom(tokens: readonly Token[]): void {
    const at = tokens.findIndex(({ kind, text }) => kind === "name" && text === "import");
    const module = tokens.slice(1, at).map(({ text }) => text).join("").replace(/^\.+/, "");
    if (at < 0) return;
    for (
      const [name, alias] of aliases(tokens.slice(at + 1).filter(({ text }) => text !== "(" && text !== ")"))
    ) {
      const from = module === ""
        ? { kind: "module", module: name } as const
        : { kind: "from", module, name } as const;
      this.#imported.set(alias ?? name, from);
    }
  }

  #readImport(tokens: readonly Token[]): void {
    for (const [name, alias] of aliases(tokens)) {
      const [first = ""] = name.split(".");
      this.#imported.set(alias ?? first, { kind: "module", module: alias === undefined ? first : name });
    }
  }
}

/** Which lines stand within a function or a class. */
class InnerLines {
  readonly #blocks: number[] = [];

  /** Asked for each line, in their order. */
  has({ indent, tokens }: LogicalLine): boolean {
    while ((this.#blocks.at(-1) ?? -1) >= indent) this.#blocks.pop();
    const isInner = this.#blocks.length > 0;
    const [first, second] = tokens;
    if (
      first?.text === "class" || first?.text === "def" || (first?.text === "async" && second?.text === "def")
    ) {
      this.#blocks.push(indent);
    }
    return isInner;
  }
}

/** Names that loops, parameters, `as` and assignments other than `name = …` give values. */
function variedIn(tokens: readonly Token[]): string[] {
  const [first, second] = tokens;
  const namesIn = (from: number, to: number) =>
    tokens.slice(from, to < 0 ? undefined : to).filter(({ kind }) => kind === "name").map(({ text }) => text);
  const indexOf = (text: string, from = 0) =>
    tokens.findIndex((each, i) => i >= from && each.kind !== "string" && each.text === text);
  const found: string[] = [];
  for (const [i, { kind, text }] of tokens.entries()) {
    if (kind === "name" && text === "for") found.push(...namesIn(i + 1, indexOf("in", i)));
    if (kind === "operator" && text === ":=") found.push(tokens[i - 1]?.text ?? "");
  }
  if (first?.text === "def" || first?.text === "async") found.push(...parameters(tokens));
  if (first?.text === "with" || first?.text === "except") {
    tokens.forEach(({ text }, i) => text === "as" && found.push(tokens[i + 1]?.text ?? ""));
  }
  if (first?.kind !== "name" || second?.kind !== "operator") return found;
  if (/^(?:[-+*/%&|^@]|\*\*|\/\/|<<|>>)=$/.test(second.text)) found.push(first.text);
  if (second.text === ",") found.push(...namesIn(0, indexOf("=")));
  return found;
}

/** Those of `def f(a, b=1, *c)`, without what stands for their defaults. */
function parameters(tokens: readonly Token[]): string[] {
  return tokens.filter(({ kind }, i) =>
    kind === "name" && ["(", ",", "*", "**"].includes(tokens[i - 1]?.text ?? "")
  )
    .map(({ text }) => text);
}

/** `a.b as c, d` */
function aliases(tokens: readonly Token[]): [string, string | undefined][] {
  const groups: string[][] = [[]];
  for (const { text } of tokens) {
    if (text === ",") groups.push([]);
    else groups.at(-1)?.push(text);
  }
  return groups.filter((group) => group.length > 0).map((group) => {
    const as = group.indexOf("as");
    return as < 0 ? [group.join(""), undefined] : [group.slice(0, as).join(""), group[as + 1]];
  });
}
