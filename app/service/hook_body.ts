/** The body of a request to a hook as parameters: JSON keeps its types, fields of a form are read as those of a page. */
import { messageOf } from "../base/errors.ts";
import { type JsonSource, losesDigits, parseWithSource } from "../base/json_numbers.ts";
import { isUtf8Escaped, utf8Unmarked } from "../base/utf8.ts";
import type { ParamProblem } from "../model/order.ts";
import type { HookPolicy } from "../policy/hook.ts";
import type { ParamsDescription } from "../task/description.ts";
import { paramsProblem, readParams } from "../task/params.ts";

export type HookBody =
  | { readonly kind: "params"; readonly params: Readonly<Record<string, unknown>> }
  /** Another content type than JSON and forms. */
  | { readonly kind: "unsupported"; readonly type: string }
  | { readonly kind: "malformed"; readonly reason: string }
  | { readonly kind: "invalid"; readonly problems: readonly ParamProblem[] };

const JSON_TYPE = /^(?:application|text)\/(?:[\w.-]+\+)?json$/;
const FORM_TYPE = "application/x-www-form-urlencoded";

/**
 * Reads it. The fields that the task declares become its parameters, lists and objects in them stay as they are; other
 * fields are left out, unless the task takes names that it does not declare. An empty body has no parameters.
 *
 * @param type the header field Content-Type
 */
export function readHookBody(
  type: string | undefined,
  body: Uint8Array,
  policy: HookPolicy,
  wanted: ParamsDescription,
): HookBody {
  const plain = (type ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  let text: string;
  try {
    text = utf8Unmarked(body);
  } catch {
    return { kind: "malformed", reason: "the body is not UTF-8" };
  }
  if (text.trim() === "") return checked({});
  // `curl -d` calls whatever it sends a form; in a form that is one, brackets are encoded.
  if (plain === FORM_TYPE && !/^\s*[{[]/.test(text)) return readForm(text, policy, wanted);
  if (plain !== "" && plain !== FORM_TYPE && !JSON_TYPE.test(plain)) {
    return { kind: "unsupported", type: plain };
  }
  return readJson(text, policy, wanted);
}

function readJson(text: string, { param }: HookPolicy, wanted: ParamsDescription): HookBody {
  let value: unknown;
  try {
    value = parseWithSource(text, withAllDigits);
  } catch (error) {
    return { kind: "malformed", reason: `the body is not JSON: ${withoutText(messageOf(error))}` };
  }
  if (param !== undefined) return checked({ [param]: value });
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { kind: "malformed", reason: "the body is not a JSON object with the parameters as its fields" };
  }
  return checked(Object.fromEntries(Object.entries(value).filter(([name]) => isWanted(name, wanted))));
}

/** The sender cannot be asked to write a number in another way: one that would become another is given as its text. */
function withAllDigits(_name: string, value: unknown, { source }: JsonSource = {}): unknown {
  return typeof value === "number" && source !== undefined && losesDigits(value, source) ? source : value;
}

function readForm(text: string, policy: HookPolicy, wanted: ParamsDescription): HookBody {
  if (!isUtf8Escaped(text)) return { kind: "malformed", reason: "the fields of the form are not UTF-8" };
  const fields = [...new URLSearchParams(text)];
  const [only, other] = fields;
  // GitHub's form has the same JSON in its one field.
  if (policy.verify === "github" && only?.[0] === "payload" && !other) {
    return readJson(only[1], policy, wanted);
  }
  if (policy.param !== undefined) return checked({ [policy.param]: objectOf(fields) });
  const read = readParams(fields.filter(([name]) => isWanted(name, wanted)), wanted);
  return read.ok ? { kind: "params", params: read.params } : { kind: "invalid", problems: read.problems };
}

/** A name that comes several times has a list. */
function objectOf(fields: readonly (readonly [string, string])[]): Record<string, unknown> {
  const values = Map.groupBy(fields, ([name]) => name);
  return Object.fromEntries(
    [...values].map(([name, all]) => [name, all.length === 1 ? all[0]?.[1] : all.map(([, value]) => value)]),
  );
}

function isWanted(name: string, { open, fields }: ParamsDescription): boolean {
  return open || fields.some((field) => field.name === name);
}

function checked(params: Readonly<Record<string, unknown>>): HookBody {
  const problem = paramsProblem(params);
  return problem ? { kind: "invalid", problems: [problem] } : { kind: "params", params };
}

/** What the runtime says of malformed JSON quotes it, and answers end up in logs. */
function withoutText(message: string): string {
  return /at position \d+(?: \(line \d+ column \d+\))?/.exec(message)?.[0] ?? "it ends too early";
}
