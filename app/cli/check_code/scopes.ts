/** Which names a module declares where: scopes of its functions, blocks and classes. */
import type { AnyNode, Expression, Pattern, Program } from "acorn";

/** Any kind of function. */
export type FunctionNode = Extract<
  AnyNode,
  { type: "FunctionDeclaration" | "FunctionExpression" | "ArrowFunctionExpression" }
>;

/** What a name stands for, as far as it is known without running anything. */
export interface Binding {
  /** The name in the module `carillon` that it is imported as; `*` for all of it. */
  readonly imported?: string | undefined;
  /** What a `const` was given. */
  readonly value?: Expression | undefined;
}

export class Scope {
  readonly #names = new Map<string, Binding>();

  constructor(readonly parent: Scope | undefined, readonly isFunction: boolean) {}

  declare(name: string, binding: Binding = {}): void {
    if (!this.#names.has(name)) this.#names.set(name, binding);
  }

  find(name: string): Binding | undefined {
    return this.#names.get(name) ?? this.parent?.find(name);
  }
}

/** The scope of a whole module. */
export function moduleScope(program: Program): Scope {
  const scope = new Scope(undefined, true);
  for (const statement of program.body) {
    if (statement.type !== "ImportDeclaration") continue;
    const isOurs = statement.source.value === "carillon";
    for (const each of statement.specifiers) {
      const name = each.type === "ImportSpecifier"
        ? nameOf(each.imported)
        : each.type === "ImportNamespaceSpecifier"
        ? "*"
        : "default";
      scope.declare(each.local.name, { imported: isOurs ? name : undefined });
    }
  }
  declareVars(program.body, scope);
  declareLexical(program.body, scope);
  return scope;
}

/** The scope of a function: its parameters, `arguments`, and what is `var` anywhere in it. */
export function functionScope(node: FunctionNode, parent: Scope): Scope {
  const scope = new Scope(parent, true);
  if (node.type !== "ArrowFunctionExpression") scope.declare("arguments");
  if (node.type === "FunctionExpression" && node.id) scope.declare(node.id.name);
  for (const each of node.params) for (const name of namesIn(each)) scope.declare(name);
  if (node.body.type === "BlockStatement") declareVars(node.body.body, scope);
  return scope;
}

/** What a block, a loop, a `switch` or a `catch` declares. */
export function blockScope(nodes: readonly AnyNode[], parent: Scope): Scope {
  const scope = new Scope(parent, false);
  declareLexical(nodes, scope);
  return scope;
}

function declareLexical(nodes: readonly AnyNode[], scope: Scope): void {
  for (const each of nodes) {
    const node = each.type === "ExportNamedDeclaration" || each.type === "ExportDefaultDeclaration"
      ? each.declaration
      : each;
    if (node?.type === "VariableDeclaration" && node.kind !== "var") {
      for (const { id, init } of node.declarations) {
        const value = node.kind === "const" && id.type === "Identifier" ? init ?? undefined : undefined;
        for (const name of namesIn(id)) scope.declare(name, { value });
      }
    } else if (node?.type === "FunctionDeclaration" || node?.type === "ClassDeclaration") {
      if (node.id) scope.declare(node.id.name);
    }
  }
}

/** `var` counts in the whole function, wherever it stands. */
function declareVars(nodes: readonly AnyNode[], scope: Scope): void {
  for (const node of nodes) {
    if (node.type === "VariableDeclaration" && node.kind === "var") {
      for (const { id } of node.declarations) for (const name of namesIn(id)) scope.declare(name);
    }
    if (!isFunction(node)) declareVars(childrenOf(node), scope);
  }
}

/** The names that a pattern declares. */
export function namesIn(pattern: Pattern): string[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "ObjectPattern":
      return pattern.properties.flatMap((each) =>
        namesIn(each.type === "Property" ? each.value : each.argument)
      );
    case "ArrayPattern":
      return pattern.elements.flatMap((each) => each ? namesIn(each) : []);
    case "RestElement":
      return namesIn(pattern.argument);
    case "AssignmentPattern":
      return namesIn(pattern.left);
    case "MemberExpression":
      return [];
  }
}

export function isFunction(node: AnyNode): node is FunctionNode {
  return node.type === "FunctionDeclaration" || node.type === "FunctionExpression" ||
    node.type === "ArrowFunctionExpression";
}

/** The nodes that a node consists of, in order. */
export function childrenOf(node: AnyNode): AnyNode[] {
  return Object.values(node).flatMap((value: unknown) =>
    (Array.isArray(value) ? value : [value]).filter((each): each is AnyNode =>
      typeof each === "object" && each !== null && "type" in each && typeof each.type === "string"
    )
  );
}

/** The name of a key or a specifier, where it is one. */
export function nameOf(node: AnyNode): string | undefined {
  if (node.type === "Identifier") return node.name;
  return node.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}
