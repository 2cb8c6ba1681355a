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

  /** @param own name of the module that is read; @param isModule whether there is such a module in the folder */
  constructor(
    lines: readonly LogicalLine[],
    readonly own: string,
    readonly isModule: (name: string) => boolean,
  ) {
    for (const { tokens } of lines) {
      const [first, second, third] = tokens;
      if (first?.text === "from") this.#readFrom(tokens);
      else if (first?.text === "import") this.#readImport(tokens.slice(1));
      else if (first?.text === "def" && second) this.#functions.add(second.text);
      else if (first?.text === "async" && second?.text === "def" && third) this.#functions.add(third.text);
      else if (first?.kind === "name" && second?.text === "=") {
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

  /** The constant that a name stands for. */
  constant(name: string): Expression | undefined {
    return this.#constants.get(name);
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
