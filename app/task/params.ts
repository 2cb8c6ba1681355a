/** Parameters as people give them, as texts, read as what the task's schema wants; the schema itself then checks them. */
import { isTooDeep, TOO_DEEP } from "../base/depth.ts";
import { Buffer } from "node:buffer";
import { shown } from "../base/shown.ts";
import { suggestion } from "../base/suggestion.ts";
import type { ParamProblem } from "../model/order.ts";
import { losesDigits, readText, wantedText } from "./param_text.ts";
import { FORBIDDEN_NAME, type ParamsDescription } from "./params_description.ts";

export type { ParamProblem };

export type ReadParams =
  | { readonly ok: true; readonly params: Record<string, unknown> }
  | {
    readonly ok: false;
    readonly problems: readonly ParamProblem[];
    /** Those that could be read: the schema may find more wrong with them. */
    readonly params: Record<string, unknown>;
  };

/** All parameters of a run, names included, in bytes of UTF-8. */
export const MAX_PARAMS_BYTES = 64 * 1024;
/** Of so many problems each is said. */
const MAX_PROBLEMS = 20;
/** Longest piece of a name in a problem. */
const MAX_QUOTED = 100;

/**
 * Reads texts such as those of a query string: `"5"` becomes 5 where a number is wanted, `"true"` a boolean, JSON a
 * list or an object, `"2026-11-25 10:00:00"` what a date and time is in ISO 8601. An empty text for a parameter that may
 * be left out means that it is left out. A name the task does not declare is a problem.
 */
export function readParams(
  given: Iterable<readonly [string, string]>,
  wanted: ParamsDescription,
): ReadParams {
  const texts = [...given];
  const bytes = texts.reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (bytes > MAX_PARAMS_BYTES) return { ok: false, problems: [tooLarge(bytes)], params: {} };
  const params = new Map<string, unknown>();
  const problems: ParamProblem[] = [];
  for (const [name, text] of texts) {
    const read = readParam(name, text, wanted, params);
    if (read.kind === "value") params.set(name, read.value);
    else if (read.kind === "problem") problems.push({ name: quoted(name), message: read.message });
  }
  if (problems.length > MAX_PROBLEMS) {
    const rest = problems.splice(MAX_PROBLEMS).length;
    problems.push({ name: "", message: `and ${rest} more` });
  }
  const values = Object.fromEntries(params);
  return problems.length > 0 ? { ok: false, problems, params: values } : { ok: true, params: values };
}

/** What is wrong with parameters that are values already, whatever the task's schema thinks of them. */
export function paramsProblem(params: Readonly<Record<string, unknown>>): ParamProblem | undefined {
  if (Object.hasOwn(params, FORBIDDEN_NAME)) return { name: FORBIDDEN_NAME, message: FORBIDDEN };
  const deep = Object.keys(params).find((name) => isTooDeep(params[name]));
  if (deep !== undefined) return { name: quoted(deep), message: `it has ${TOO_DEEP}` };
  const bytes = Buffer.byteLength(JSON.stringify(params));
  return bytes > MAX_PARAMS_BYTES ? tooLarge(bytes) : undefined;
}

/** What is wrong with parameters that are values already, before the schema itself looks at them. */
export function valueProblems(
  params: Readonly<Record<string, unknown>>,
  wanted: ParamsDescription,
): readonly ParamProblem[] {
  const wrong = paramsProblem(params);
  if (wrong) return [wrong];
  if (wanted.open) return [];
  const known = wanted.fields.map((each) => each.name);
  return Object.keys(params).filter((name) => !known.includes(name)).slice(0, MAX_PROBLEMS)
    .map((name) => ({ name: quoted(name), message: unknownName(name, known) }));
}

function unknownName(name: string, known: readonly string[]): string {
  return `unknown parameter; ${suggestion(quoted(name), known)}`;
}

/** The problems as one sentence. */
export function problemText(problems: readonly ParamProblem[]): string {
  return problems.map(({ name, message }) => name === "" ? message : `${name}: ${message}`).join("; ");
}

/** What a schema found wrong, as zod reports it. */
export interface SchemaIssue {
  readonly code?: string | undefined;
  readonly format?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const FORMAT_EXAMPLES: ReadonlyMap<string | undefined, string> = new Map([
  ["datetime", `write it as "2026-01-31T08:00:00" or, with an offset, "2026-01-31T08:00:00+08:00"`],
  ["date", `write it as "2026-01-31"`],
  ["time", `write it as "08:00:00"`],
  ["duration", `write it as "PT1H30M"`],
]);

/** The problems that a schema has found, with an example where it says no more than that a format is wrong. */
export function schemaProblems(issues: readonly SchemaIssue[]): readonly ParamProblem[] {
  return issues.slice(0, MAX_PROBLEMS).map(({ path, message, code, format }) => {
    const example = code === "invalid_format" ? FORMAT_EXAMPLES.get(format) : undefined;
    return {
      name: quoted(path.map(String).join(".")),
      message: example ? `${message}; ${example}` : message,
    };
  });
}

const FORBIDDEN = "no parameter can have this name";

type Read =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "left_out" }
  | { readonly kind: "problem"; readonly message: string };

function readParam(
  name: string,
  text: string,
  wanted: ParamsDescription,
  before: ReadonlyMap<string, unknown>,
): Read {
  if (name === FORBIDDEN_NAME) return { kind: "problem", message: FORBIDDEN };
  if (before.has(name)) return { kind: "problem", message: "given more than once" };
  const field = wanted.fields.find((each) => each.name === name);
  if (!field) {
    if (wanted.open) return { kind: "value", value: text };
    const known = wanted.fields.map((each) => each.name);
    return { kind: "problem", message: unknownName(name, known) };
  }
  if (text === "" && !field.required) return { kind: "left_out" };
  const value = readText(text, field.schema);
  if (losesDigits(text, value)) {
    return {
      kind: "problem",
      message: `${shown(text)} is too large to be kept exactly; a text parameter can hold it`,
    };
  }
  if (value === undefined) {
    return { kind: "problem", message: `${shown(text)} is not ${wantedText(field.schema)}` };
  }
  return isTooDeep(value) ? { kind: "problem", message: `it has ${TOO_DEEP}` } : { kind: "value", value };
}

function quoted(name: string): string {
  return name.length > MAX_QUOTED ? `${name.slice(0, MAX_QUOTED)}…` : name;
}

function tooLarge(bytes: number): ParamProblem {
  const kb = Math.ceil(bytes / 1024);
  return {
    name: "",
    message: `the parameters have ${kb} KB; ${MAX_PARAMS_BYTES / 1024} KB at the most, names included`,
  };
}
