/** Reads what a request gives to a route: path, query and body, each by its schema; what does not fit is a problem that names it. */
import type { Context } from "hono";
import { z } from "zod";
import { messageOf } from "../base/errors.ts";
import { type JsonSource, losesDigits, parseWithSource } from "../base/json_numbers.ts";
import { utf8Unmarked } from "../base/utf8.ts";
import { FORBIDDEN_NAME } from "../task/params_description.ts";
import { RequestProblem } from "../web/request_problem.ts";
import { type FieldError, FieldProblem } from "./problem.ts";

/** For a route without parameters, or without a query. */
export const NOTHING = z.strictObject({});
/** For a route that reads no body. */
export const NO_BODY = z.undefined();

const MAX_BODY_BYTES = 1024 * 1024;
/** Of so many fields each is named. */
const MAX_ERRORS = 20;

export function readParams<P extends z.ZodObject>(context: Context, schema: P): z.output<P> {
  return checked("path", context.req.param(), schema);
}

/** A name that is given twice is a mistake, but for a list. */
export function readQuery<Q extends z.ZodObject>(context: Context, schema: Q): z.output<Q> {
  const { searchParams } = new URL(context.req.url);
  const values = new Map<string, unknown>();
  const errors: FieldError[] = [];
  for (const name of new Set(searchParams.keys())) {
    const field = Object.hasOwn(schema.shape, name) ? schema.shape[name] : undefined;
    const texts = searchParams.getAll(name);
    const kind = field && kindOf(field);
    if (kind !== "array" && texts.length > 1) {
      errors.push({ in: "query", name, detail: "given more than once" });
    }
    values.set(name, valueOf(texts, kind));
  }
  if (errors.length > 0) throw new FieldProblem(400, errors);
  return checked("query", Object.fromEntries(values), schema);
}

export async function readBody<B extends z.ZodType>(context: Context, schema: B): Promise<z.output<B>> {
  if (isNothing(schema)) {
    if (await saysSomething(context)) {
      throw new RequestProblem(400, "problem.request", { reason: "it has a body, and none is read here" });
    }
    return checked("body", undefined, schema);
  }
  const text = textOf(new Uint8Array(await context.req.arrayBuffer()));
  if (text.length > MAX_BODY_BYTES) {
    throw new RequestProblem(413, "problem.body_too_large", { most: MAX_BODY_BYTES / 1024 });
  }
  // No body is the same as one that says nothing.
  return checked("body", text === "" ? {} : parsed(text), schema);
}

/** What many programs send where there is nothing to say. */
const EMPTY_BODIES: readonly string[] = ["", "{}", "null"];

/** True for a request whose body means something: where none is read, that would be lost without a word. */
export async function saysSomething({ req }: Context): Promise<boolean> {
  if (req.method === "GET" || req.method === "HEAD") return false;
  return !EMPTY_BODIES.includes((await req.text()).trim());
}

function textOf(body: Uint8Array): string {
  try {
    return utf8Unmarked(body);
  } catch {
    throw new RequestProblem(400, "problem.request", { reason: "the body is not UTF-8" });
  }
}

export function isNothing(schema: z.ZodType): boolean {
  return schema.def.type === "undefined";
}

function parsed(text: string): unknown {
  try {
    return parseWithSource(text, checkedValue);
  } catch (cause) {
    if (cause instanceof FieldProblem) throw cause;
    const reason = cause instanceof RangeError
      ? "the body has too many lists and objects within each other"
      : `the body is not JSON: ${messageOf(cause)}`;
    throw new RequestProblem(400, "problem.request", { reason });
  }
}

/** A number that loses digits when it is read is refused: it would arrive as another one. */
function checkedValue(name: string, value: unknown, context?: JsonSource): unknown {
  if (name === FORBIDDEN_NAME) {
    throw new FieldProblem(400, [{ in: "body", name, detail: "no field can have this name" }]);
  }
  const source = context?.source;
  if (typeof value !== "number" || source === undefined || !losesDigits(value, source)) return value;
  const detail = `${source.slice(0, 100)} cannot be kept exactly as a number; send it as a text`;
  throw new FieldProblem(400, [{ in: "body", name, detail }]);
}

type Kind = "integer" | "boolean" | "array" | "text";

function kindOf(schema: z.ZodType): Kind {
  const inner = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault
    ? schema.unwrap() as z.ZodType
    : schema;
  if (inner !== schema) return kindOf(inner);
  switch (schema.def.type) {
    case "number":
      return "integer";
    case "boolean":
      return "boolean";
    case "array":
      return "array";
    default:
      return "text";
  }
}

/** What the texts of a query are as values; a text that is none of what is wanted stays one, and the schema says so. */
function valueOf(texts: readonly string[], kind: Kind | undefined): unknown {
  const [text = ""] = texts;
  switch (kind) {
    case "integer":
      return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "array":
      return texts.flatMap((each) => each.split(","));
    default:
      return text;
  }
}

function checked<T extends z.ZodType>(place: FieldError["in"], value: unknown, schema: T): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap((issue) => fieldErrors(place, issue)).slice(0, MAX_ERRORS);
  throw new FieldProblem(400, errors);
}

/** One for each name that is not known, else one for what is wrong. */
function fieldErrors(place: FieldError["in"], issue: z.core.$ZodIssue): FieldError[] {
  const named = (path: readonly PropertyKey[], detail: string) => ({
    in: place,
    name: path.map(String).join(".").slice(0, 200),
    detail: detail.slice(0, 500),
  });
  if (issue.code !== "unrecognized_keys") return [named(issue.path, issue.message)];
  return issue.keys.map((key) => named([...issue.path, key], "there is no such field"));
}
