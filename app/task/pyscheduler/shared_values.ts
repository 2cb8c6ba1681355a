/** Lists and dictionaries that have a name: where else than at the name's assignment they may be changed. */
import type { Expression } from "./expression.ts";
import { depthsOf, isSign } from "./bindings.ts";
import type { Token } from "./tokens.ts";

/** Calls that take what they are given and leave it as it is. */
const ADDING = /^(?:add_job|scheduled_job|configure|\w*Trigger|\w*Scheduler)$/;
const READING_CALL =
  /^(?:len|print|str|repr|dict|list|tuple|set|sorted|sum|min|max|range|enumerate|zip|bool)$/;
const READING_METHOD = /^(?:get|copy|items|keys|values|index|count)$/;

/** `flat`: nothing in it can be changed. */
type Kind = "flat" | "nested";

/**
 * The names whose list or dictionary is used in a way that may change it, or gives it to something that may. Uses that are
 * known to read are few: a wrong value is worse than one that is not known.
 */
export function changedElsewhere(
  constants: ReadonlyMap<string, Expression>,
  statements: readonly (readonly Token[])[],
): ReadonlySet<string> {
  const kinds = new Map<string, Kind>();
  for (const [name, expression] of constants) {
    if (isChangeable(expression)) kinds.set(name, isFlat(expression) ? "flat" : "nested");
  }
  const found = new Set<string>();
  if (kinds.size === 0) return found;
  for (const tokens of statements) {
    const [depths, calls] = [depthsOf(tokens), callsAround(tokens)];
    for (const [i, { kind, text }] of tokens.entries()) {
      const of = kind === "name" && !isSign(tokens[i - 1], ".") ? kinds.get(text) : undefined;
      if (of === undefined) continue;
      // The assignment itself, and the name of an argument.
      const isName = isSign(tokens[i + 1], "=") && (i === 0 || depths[i] !== 0);
      if (!isName && !isRead(tokens, i, of, calls[i])) found.add(text);
    }
  }
  return found;
}

function isRead(tokens: readonly Token[], at: number, kind: Kind, call: string | undefined): boolean {
  const isAdded = call !== undefined && ADDING.test(call);
  const isSafe = isAdded || kind === "flat";
  const [before, next] = [tokens[at - 1], tokens[at + 1]];
  if (isSign(next, ".")) {
    return isSafe && READING_METHOD.test(tokens[at + 2]?.text ?? "") && isSign(tokens[at + 3], "(");
  }
  if (isSign(next, "[") || isSign(before, "*") || isSign(before, "**")) return isSafe;
  if (isAdded) return true;
  return kind === "flat" && (before?.text === "in" || (call !== undefined && READING_CALL.test(call)));
}

/** For each token the last name of what is called by the innermost brackets of a call around it. */
function callsAround(tokens: readonly Token[]): (string | undefined)[] {
  const open: (string | undefined)[] = [];
  return tokens.map((token, i) => {
    if (token.kind === "operator" && ")]}".includes(token.text)) open.pop();
    const here = open.at(-1);
    const before = tokens[i - 1];
    if (token.kind === "operator" && "([{".includes(token.text)) {
      open.push(token.text === "(" && before?.kind === "name" ? before.text : here);
    }
    return here;
  });
}

function isChangeable(expression: Expression): boolean {
  switch (expression.kind) {
    case "list":
      return !expression.isTuple || expression.items.some(isChangeable);
    case "dictionary":
      return true;
    case "call":
      return /(?:^|\.)(?:dict|list|set)$/.test(expression.callee);
    case "sum":
      return isChangeable(expression.left) || isChangeable(expression.right);
    default:
      return false;
  }
}

function isFlat(expression: Expression): boolean {
  switch (expression.kind) {
    case "list":
      return !expression.items.some(isChangeable);
    case "dictionary":
      return !expression.entries.some(([, value]) => isChangeable(value));
    case "call":
      return ![...expression.args, ...expression.named.map(([, value]) => value)].some(isChangeable);
    case "sum":
      return isFlat(expression.left) && isFlat(expression.right);
    default:
      return true;
  }
}
