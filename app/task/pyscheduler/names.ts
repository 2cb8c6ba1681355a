/** What the names of config.py stand for: modules and functions it imports, functions and constants of its own. */
import { bindingsOf, statementsOf } from "./bindings.ts";
import { type Expression, readExpression } from "./expression.ts";
import { changedElsewhere } from "./shared_values.ts";
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

/** What a line stands in, innermost. */
type Scope = "module" | "function" | "class";

/** Calls by which any name may get any value. */
const OPAQUE = ["globals", "locals", "vars", "exec"];

export class Names {
  readonly #imported = new Map<string, Imported>();
  readonly #functions = new Set<string>();
  readonly #constants = new Map<string, Expression>();
  /** What has given each name its value; a text for imports, of which the same may stand twice. */
  readonly #bound = new Map<string, string | undefined>();
  /** What is given values by a loop, a parameter, a second assignment or import, with dots: `orders.sync`. */
  readonly #varied = new Set<string>();
  /** Names of which something is changed: `OPTIONS` after `OPTIONS.update(…)` or `OPTIONS.hour = …`. */
  readonly #changed = new Set<string>();
  /** `from x import *` may bring any name. */
  #hasStar = false;
  #isOpaque = false;

  /** @param own name of the module that is read; @param isModule whether there is such a module in the folder */
  constructor(
    lines: readonly LogicalLine[],
    readonly own: string,
    readonly isModule: (name: string) => boolean,
  ) {
    const scopes = new Scopes();
    const statements: (readonly Token[])[] = [];
    for (const line of lines) {
      const scope = scopes.of(line);
      const [first, ...rest] = statementsOf(line);
      if (first) this.#readStatement(first, scope, line.indent > 0);
      for (const tokens of rest) this.#readStatement(tokens, scope, true);
      statements.push(...(first ? [first, ...rest] : []));
    }
    for (const name of changedElsewhere(this.#constants, statements)) this.#changed.add(name);
  }

  /** The function that an expression names; undefined for what is none that can be called by name. */
  functionOf(expression: Expression | undefined): FunctionPlace | undefined {
    if (expression?.kind === "value" && typeof expression.value === "string") {
      const [module, name] = expression.value.split(":");
      return module && name ? { module, function: name } : undefined;
    }
    if (expression?.kind !== "name") return undefined;
    if (this.isVaried(expression.name)) return undefined;
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
    return this.isVaried(name) || this.#isChanged(name) ? undefined : this.#constants.get(name);
  }

  /** Why the value of a name is not known, as the end of a sentence; empty where nothing gives it one here. */
  whyUnknown(name: string): string {
    if (this.isVaried(name)) return ", as it is given several values";
    return this.#constants.has(name) && this.#isChanged(name) ? ", as something may change it" : "";
  }

  /** True for a name that is given several values, or one with dots of which a part is. */
  isVaried(name: string): boolean {
    const parts = name.split(".");
    return parts.some((_, i) => this.#varied.has(parts.slice(0, i + 1).join(".")));
  }

  #isChanged(name: string): boolean {
    return this.#isOpaque || this.#changed.has(name);
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

  #readStatement(tokens: readonly Token[], scope: Scope, mayBeSkipped: boolean): void {
    const [first, second, third] = tokens;
    const { assigned, changed } = bindingsOf(tokens);
    for (const path of changed) {
      this.#varied.add(path);
      if (path.includes(".")) this.#changed.add(path.split(".", 1).join());
    }
    this.#isOpaque ||= tokens.some(({ kind, text }, i) =>
      kind === "name" && OPAQUE.includes(text) && tokens[i + 1]?.text === "("
    );
    if (assigned !== undefined) this.#readConstant(assigned, tokens, mayBeSkipped);
    else if (first?.text === "from") this.#readFrom(tokens);
    else if (first?.text === "import") this.#readImport(tokens.slice(1));
    else if (first?.text === "def" && second) this.#readFunction(second.text, scope);
    else if (first?.text === "async" && second?.text === "def" && third) {
      this.#readFunction(third.text, scope);
    } else if (first?.text === "class" && second) this.#readFunction(second.text, scope, false);
  }

  #readConstant(name: string, tokens: readonly Token[], mayBeSkipped: boolean): void {
    this.#bind(name, undefined);
    if (mayBeSkipped && this.#hasStar) this.#varied.add(name);
    const { expression, end } = readExpression(tokens, 2);
    const text = tokens.slice(2).map(({ text }) => text).join(" ").slice(0, 80);
    // A comma behind it makes a tuple of it.
    this.#constants.set(name, end < tokens.length ? { kind: "other", text } : expression);
  }

  /** Those within others and in classes cannot be called by their name; those within others hide one that can. */
  #readFunction(name: string, scope: Scope, isFunction = true): void {
    if (scope === "class") return;
    this.#bind(name, undefined);
    if (isFunction && scope === "module") this.#functions.add(name);
  }

  #readFrom(tokens: readonly Token[]): void {
    const at = tokens.findIndex(({ kind, text }) => kind === "name" && text === "import");
    const module = tokens.slice(1, at).map(({ text }) => text).join("").replace(/^\.+/, "");
    if (at < 0) return;
    if (tokens[at + 1]?.text === "*") {
      this.#hasStar = true;
      for (const name of this.#constants.keys()) this.#varied.add(name);
    }
    for (
      const [name, alias] of aliases(tokens.slice(at + 1).filter(({ text }) => text !== "(" && text !== ")"))
    ) {
      const from = module === ""
        ? { kind: "module", module: name } as const
        : { kind: "from", module, name } as const;
      this.#import(alias ?? name, from);
    }
  }

  #readImport(tokens: readonly Token[]): void {
    for (const [name, alias] of aliases(tokens)) {
      const [first = ""] = name.split(".");
      this.#import(alias ?? first, { kind: "module", module: alias === undefined ? first : name });
    }
  }

  #import(name: string, from: Imported): void {
    this.#bind(name, JSON.stringify(from));
    this.#imported.set(name, from);
  }

  /** @param what the same text where it is the same again */
  #bind(name: string, what: string | undefined): void {
    const isSame = what !== undefined && this.#bound.get(name) === what;
    if (this.#bound.has(name) && !isSame) this.#varied.add(name);
    this.#bound.set(name, what);
  }
}

/** What lines stand in. */
class Scopes {
  readonly #blocks: { readonly indent: number; readonly scope: Scope }[] = [];

  /** Asked for each line, in their order. */
  of({ indent, tokens }: LogicalLine): Scope {
    while ((this.#blocks.at(-1)?.indent ?? -1) >= indent) this.#blocks.pop();
    const scope = this.#blocks.at(-1)?.scope ?? "module";
    const [first, second] = tokens;
    if (first?.text === "class") this.#blocks.push({ indent, scope: "class" });
    if (first?.text === "def" || (first?.text === "async" && second?.text === "def")) {
      this.#blocks.push({ indent, scope: "function" });
    }
    return scope;
  }
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
