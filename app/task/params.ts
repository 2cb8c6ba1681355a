/** Parameters as people give them, as texts, read as what the task's schema wants; the schema itself then checks them. */
import { suggestion } from "../nearest.ts";
import type { ParamsDescription } from "./description.ts";

/** One thing that is wrong with a parameter. */
export interface ParamProblem {
  readonly name: string;
  readonly message: string;
}

export type ReadParams =
  | { readonly ok: true; readonly params: Record<string, unknown> }
  | { readonly ok: false; readonly problems: readonly ParamProblem[] };

/**
 * Reads texts such as those of a query string: `"5"` becomes 5 where a number is wanted, `"true"` a boolean, JSON a
 * list or an object. An empty text for a parameter that may be left out means that it is left out. A name the task
 * does not declare is a problem.
 */
export function readParams(
  given: Iterable<readonly [string, string]>,
  wanted: ParamsDescription,
): ReadParams {
  const params: Record<string, unknown> = {};
  const problems: ParamProblem[] = [];
  for (const [name, value] of given) {
    const field = wanted.fields.find((each) => each.name === name);
    if (!field) {
      if (wanted.open) params[name] = value;
      else {problems.push({
          name,
          message: `unknown parameter; ${
            suggestion(
              name,
              wanted.fields.map((each) => each.name),
            )
          }`,
        });}
      continue;
    }
    if (Object.hasOwn(params, name)) {
      problems.push({ name, message: "given more than once" });
      continue;
    }
    if (value === "" && !field.required) continue;
    const read = readText(value, typesOf(field.schema));
    if (read === undefined) problems.push({ name, message: `"${value}" is not ${wantedText(field.schema)}` });
    else params[name] = read;
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, params };
}

/** The problems as one sentence. */
export function problemText(problems: readonly ParamProblem[]): string {
  return problems.map(({ name, message }) => name === "" ? message : `${name}: ${message}`).join("; ");
}

function typesOf(schema: Readonly<Record<string, unknown>>): string[] {
  const { type, anyOf } = schema;
  if (typeof type === "string") return [type];
  if (Array.isArray(type)) return type.map(String);
  if (Array.isArray(anyOf)) return anyOf.flatMap((each: Record<string, unknown>) => typesOf(each));
  const fixed = Array.isArray(schema.enum) ? schema.enum : "const" in schema ? [schema.const] : [];
  return [...new Set(fixed.map((value) => typeof value))];
}

function readText(value: string, types: readonly string[]): unknown {
  if (types.length === 0 || types.includes("string")) return value;
  for (const type of types) {
    if (
      (type === "number" || type === "integer") &&
      /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*$/i.test(value)
    ) {
      return Number(value);
    }
    if (type === "boolean" && /^(?:true|on|yes|1)$/i.test(value)) return true;
    if (type === "boolean" && /^(?:false|off|no|0)$/i.test(value)) return false;
    if (type === "array" || type === "object") {
      const parsed = parseJson(value);
      if (typeof parsed === "object" && parsed !== null && Array.isArray(parsed) === (type === "array")) {
        return parsed;
      }
    }
    if (type === "null" && value === "") return null;
  }
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wantedText(schema: Readonly<Record<string, unknown>>): string {
  const words: Readonly<Record<string, string>> = {
    number: "a number",
    integer: "a whole number",
    boolean: "true or false",
    array: "a JSON list",
    object: "a JSON object",
  };
  return typesOf(schema).map((type) => words[type] ?? type).join(" or ");
}
