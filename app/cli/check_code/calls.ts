/** What a call of the module `carillon` says in the code itself: its name, texts and parameters. */
import type { AnyNode, Expression } from "acorn";
import { nameOf, type Scope } from "./scopes.ts";

/** The name in `carillon` of the function that is called; undefined for one of another module. */
export function calledName(callee: AnyNode, scope: Scope): string | undefined {
  if (callee.type === "Identifier") return scope.find(callee.name)?.imported;
  if (callee.type !== "MemberExpression" || callee.computed || callee.object.type !== "Identifier") {
    return undefined;
  }
  return scope.find(callee.object.name)?.imported === "*" ? nameOf(callee.property) : undefined;
}

/** What an object in the code has by a key. */
export function propertyOf(node: AnyNode, name: string): AnyNode | undefined {
  if (node.type !== "ObjectExpression") return undefined;
  for (const each of node.properties) {
    if (each.type === "Property" && !each.computed && nameOf(each.key) === name) return each.value;
  }
  return undefined;
}

/** A text that the code has in place, or in a `const`. */
export function textOf(node: AnyNode, scope: Scope): string | undefined {
  if (node.type === "Literal") return typeof node.value === "string" ? node.value : undefined;
  if (node.type === "TemplateLiteral") {
    return node.expressions.length === 0 ? node.quasis[0]?.value.cooked ?? undefined : undefined;
  }
  const value: Expression | undefined = node.type === "Identifier" ? scope.find(node.name)?.value : undefined;
  return value && value.type !== "Identifier" ? textOf(value, scope) : undefined;
}

/** Names of a task's parameters; undefined where the code does not say all of them in place. */
export function paramNames(definition: AnyNode, scope: Scope): string[] | undefined {
  const given = propertyOf(definition, "params");
  const params = given?.type === "Identifier" ? scope.find(given.name)?.value : given;
  if (params?.type !== "CallExpression" || params.callee.type !== "MemberExpression") return undefined;
  const { object, property } = params.callee;
  const [shape] = params.arguments;
  const isObject = object.type === "Identifier" && scope.find(object.name)?.imported === "z" &&
    nameOf(property) === "object";
  if (!isObject || shape?.type !== "ObjectExpression") return undefined;
  const names = shape.properties.map((each) =>
    each.type === "Property" && !each.computed ? nameOf(each.key) : undefined
  );
  return names.includes(undefined) ? undefined : names.flatMap((name) => name ?? []);
}
