/** Finds, without running anything, what a task's code names and nobody has declared: variables, members, secrets, databases, packages. */
import { type AnyNode, type CallExpression, parse, type Pattern } from "acorn";
import { nearest } from "../../base/suggestion.ts";
import {
  BY_DATABASE,
  contextOf,
  globalNames,
  type Known,
  LOG,
  MODULE,
  OBJECT_MEMBERS,
  WITH_DATABASE,
} from "./known.ts";
import { calledName, paramNames, propertyOf, textOf } from "./calls.ts";
import {
  blockScope,
  childrenOf,
  type FunctionNode,
  functionScope,
  isFunction,
  moduleScope,
  nameOf,
  namesIn,
  Scope,
} from "./scopes.ts";

export interface Finding {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** What there is beside the code. */
export interface Surroundings {
  /** Names of `[secrets]`. */
  readonly secrets: readonly string[];
  /** Sections of database.ini. */
  readonly databases: readonly string[];
  /** What is wrong with a package that is imported where it is used; undefined where it is there. */
  packageProblem(specifier: string): string | undefined;
}

const GLOBALS = globalNames();

/** @param code JavaScript; @returns in the order of the code; nothing for a text that is no module, which is found elsewhere */
export function undeclared(code: string, around: Surroundings): Finding[] {
  let program;
  try {
    program = parse(code, {
      ecmaVersion: "latest",
      sourceType: "module",
      locations: true,
      allowHashBang: true,
    });
  } catch {
    // Loading the file says what is wrong with it.
    return [];
  }
  const reader = new Reader(around);
  const scope = moduleScope(program);
  for (const each of program.body) reader.visit(each, scope);
  return reader.found.sort((a, b) => a.line - b.line || a.column - b.column);
}

class Reader {
  readonly found: Finding[] = [];
  /** What is known of names that are declared, by their scope. */
  readonly #known = new Map<Scope, Map<string, Known>>();
  /** Functions that are a task's `run`, and what they are given. */
  readonly #runs = new Map<AnyNode, Known>();

  constructor(readonly around: Surroundings) {}

  visit(node: AnyNode, scope: Scope): void {
    if (isFunction(node)) return this.#visitFunction(node, scope);
    switch (node.type) {
      case "Identifier":
        if (!scope.find(node.name) && !GLOBALS.has(node.name)) this.#undefinedName(node);
        return;
      case "MemberExpression":
        this.visit(node.object, scope);
        if (node.computed) this.visit(node.property, scope);
        else this.#checkMember(node.object, node.property, scope);
        return;
      case "Property":
      case "MethodDefinition":
      case "PropertyDefinition":
        if (node.computed) this.visit(node.key, scope);
        if (node.value) this.visit(node.value, scope);
        return;
      case "UnaryExpression":
        // `typeof name` is how one asks whether there is such a name.
        if (node.operator === "typeof" && node.argument.type === "Identifier") return;
        return this.visit(node.argument, scope);
      case "CallExpression":
        this.#checkCall(node, scope);
        break;
      case "ImportExpression": {
        const specifier = textOf(node.source, scope);
        const problem = specifier === undefined ? undefined : this.around.packageProblem(specifier);
        if (problem !== undefined) this.#report(node, problem);
        break;
      }
      case "BlockStatement":
      case "StaticBlock":
        return this.#visitAll(node.body, blockScope(node.body, scope));
      case "SwitchStatement":
        this.visit(node.discriminant, scope);
        return this.#visitAll(node.cases, blockScope(node.cases.flatMap((each) => each.consequent), scope));
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
        return this.#visitAll(childrenOf(node), blockScope(childrenOf(node), scope));
      case "CatchClause": {
        const inner = new Scope(scope, false);
        if (node.param) {
          for (const name of namesIn(node.param)) inner.declare(name);
          this.visit(node.param, inner);
        }
        return this.visit(node.body, inner);
      }
      case "ClassDeclaration":
      case "ClassExpression": {
        const inner = new Scope(scope, false);
        if (node.id) inner.declare(node.id.name);
        return this.#visitAll(childrenOf(node), inner);
      }
      case "LabeledStatement":
        return this.visit(node.body, scope);
      case "ImportDeclaration":
      case "BreakStatement":
      case "ContinueStatement":
      case "MetaProperty":
      case "ExportAllDeclaration":
        return;
      case "ExportNamedDeclaration":
        if (node.declaration) return this.visit(node.declaration, scope);
        if (!node.source) { for (const { local } of node.specifiers) this.visit(local, scope); }
        return;
    }
    this.#visitAll(childrenOf(node), scope);
  }

  #visitAll(nodes: readonly AnyNode[], scope: Scope): void {
    for (const each of nodes) this.visit(each, scope);
  }

  #visitFunction(node: FunctionNode, scope: Scope): void {
    const inner = functionScope(node, scope);
    const given = this.#runs.get(node);
    const [first] = node.params;
    if (given && first) this.#learn(first, given, inner);
    this.#visitAll(node.params, inner);
    if (node.body.type !== "BlockStatement") return this.visit(node.body, inner);
    this.#visitAll(node.body.body, blockScope(node.body.body, inner));
  }

  /** Takes what is known of a value over to the names that a pattern gives it. */
  #learn(pattern: Pattern, known: Known, scope: Scope): void {
    if (pattern.type === "Identifier") {
      const names = this.#known.get(scope) ?? new Map<string, Known>();
      this.#known.set(scope, names.set(pattern.name, known));
      return;
    }
    if (pattern.type !== "ObjectPattern") return;
    for (const each of pattern.properties) {
      if (each.type !== "Property" || each.computed) continue;
      const name = nameOf(each.key);
      if (name === undefined || !this.#checkName(each.key, name, known)) continue;
      const inner = known.members[name];
      const target = each.value.type === "AssignmentPattern" ? each.value.left : each.value;
      if (inner) this.#learn(target, inner, scope);
    }
  }

  #checkMember(object: AnyNode, property: AnyNode, scope: Scope): void {
    const known = this.#knownOf(object, scope);
    if (known && property.type === "Identifier") this.#checkName(property, property.name, known);
  }

  #knownOf(node: AnyNode, scope: Scope): Known | undefined {
    if (node.type === "Identifier") {
      for (let each: Scope | undefined = scope; each; each = each.parent) {
        const known = this.#known.get(each)?.get(node.name);
        if (known) return known;
      }
      const { imported } = scope.find(node.name) ?? {};
      return imported === "*" ? MODULE : imported === "log" ? LOG : undefined;
    }
    if (node.type !== "MemberExpression" || node.computed) return undefined;
    const name = nameOf(node.property);
    return name === undefined ? undefined : this.#knownOf(node.object, scope)?.members[name];
  }

  /** False for a name that is not among the members. */
  #checkName(node: AnyNode, name: string, { what, members }: Known): boolean {
    if (Object.hasOwn(members, name)) return true;
    if (!OBJECT_MEMBERS.has(name)) {
      this.#report(node, `${what} has no "${name}"; ${choice(name, Object.keys(members))}`);
    }
    return false;
  }

  #checkCall(node: CallExpression, scope: Scope): void {
    const called = calledName(node.callee, scope);
    if (called === undefined) return;
    const [first, ...others] = node.arguments;
    if (called === "defineTask" && first) this.#learnTask(first, scope);
    if (called === "secret") {
      this.#checkText(first, scope, "[secrets] of carillon.ini has no", this.around.secrets);
    }
    if (BY_DATABASE.includes(called)) this.#checkDatabase(first, scope);
    if (!WITH_DATABASE.includes(called)) return;
    for (const each of [first, ...others]) this.#checkDatabase(each && propertyOf(each, "database"), scope);
  }

  #checkDatabase(node: AnyNode | undefined, scope: Scope): void {
    this.#checkText(node, scope, "database.ini has no section", this.around.databases);
  }

  #checkText(node: AnyNode | undefined, scope: Scope, problem: string, known: readonly string[]): void {
    const text = node && textOf(node, scope);
    if (!node || text === undefined || known.includes(text)) return;
    this.#report(node, `${problem} "${text}"; ${choice(text, known)}`);
  }

  #learnTask(definition: AnyNode, scope: Scope): void {
    const run = propertyOf(definition, "run");
    if (run && isFunction(run)) this.#runs.set(run, contextOf(paramNames(definition, scope)));
  }

  #undefinedName(node: AnyNode & { readonly name: string }): void {
    // Short names are near to everything.
    const near = node.name.length < 3 ? undefined : nearest(node.name, Object.keys(MODULE.members));
    const more = near === undefined ? "" : `; did you mean "${near}" of carillon? Import it`;
    this.#report(node, `"${node.name}" is not defined${more}`);
  }

  #report({ loc }: AnyNode, message: string): void {
    this.found.push({ line: loc?.start.line ?? 1, column: (loc?.start.column ?? 0) + 1, message });
  }
}

function choice(word: string, known: readonly string[]): string {
  if (known.length === 0) return "there are none";
  const near = nearest(word, known);
  return near === undefined ? `there are ${known.join(", ")}` : `did you mean "${near}"?`;
}
