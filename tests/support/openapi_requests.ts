/** Requests that an OpenAPI document allows, and such that it does not: made of the document alone. */
import type { OpenApi, OperationObject, Parameter } from "../../app/api/openapi/document.ts";
import type { JsonSchema } from "../../app/api/openapi/schemas.ts";
import { fc } from "./fast_check.ts";

export interface Operation extends OperationObject {
  readonly path: string;
  readonly method: string;
}

export interface MadeRequest {
  readonly operation: Operation;
  /** Behind the address of the server. */
  readonly address: string;
  readonly init: RequestInit;
  /** What was made wrong, and the name of the field where it is one. */
  readonly wrong?: string;
  readonly field?: string;
}

export function operationsOf({ paths }: OpenApi): Operation[] {
  return Object.entries(paths).flatMap(([path, ways]) =>
    Object.entries(ways).map(([method, each]) => ({ ...each, path, method: method.toUpperCase() }))
  );
}

/** Ids that exist, by the part of a path before them: generated ones alone would never meet anything. */
export type Known = Readonly<Record<string, readonly string[]>>;

export function validRequest(
  document: OpenApi,
  operation: Operation,
  known: Known,
): fc.Arbitrary<MadeRequest> {
  const { parameters, requestBody } = operation;
  const of = (place: Parameter["in"]) => parameters.filter((each) => each.in === place);
  const values = (all: readonly Parameter[]) =>
    fc.record(
      Object.fromEntries(all.map((each) => [each.name, parameterValue(document, operation, each, known)])),
      { requiredKeys: all.filter(({ required }) => required).map(({ name }) => name) },
    ) as fc.Arbitrary<Record<string, unknown>>;
  const schema = requestBody?.content["application/json"]?.schema;
  const body = schema ? valueOf(document, schema) : fc.constant(undefined);
  return fc.record({
    path: values(of("path")),
    query: values(of("query")),
    headers: values(of("header")),
    body: requestBody?.required === false ? fc.option(body, { nil: undefined }) : body,
  }).map(({ path, query, headers, body }) => ({
    operation,
    address: addressOf(operation.path, path, query),
    init: {
      method: operation.method,
      headers: headers as Record<string, string>,
      body: body === undefined ? null : JSON.stringify(body),
    },
  }));
}

/** The same with one thing wrong. */
export function brokenRequest(
  document: OpenApi,
  operation: Operation,
  known: Known,
): fc.Arbitrary<MadeRequest> {
  const schema = operation.requestBody?.content["application/json"]?.schema;
  return validRequest(document, operation, known).chain((valid) =>
    fc.oneof(...[
      ...wrongQueries(operation, valid),
      ...(schema ? wrongBodies(schema, valid) : []),
    ])
  );
}

function wrongQueries(operation: Operation, valid: MadeRequest): fc.Arbitrary<MadeRequest>[] {
  const given = (name: string, ...values: string[]): MadeRequest => {
    const url = new URL(`http://x${valid.address}`);
    url.searchParams.delete(name);
    for (const value of values) url.searchParams.append(name, value);
    return { ...valid, address: `${url.pathname}${url.search}`, wrong: `${name}=${values}`, field: name };
  };
  const fields = operation.parameters.filter((each) => each.in === "query");
  return [
    fc.constantFrom("colour", "constructor", "__proto__", "limit ").map((name) => given(name, "red")),
    ...fields.flatMap(({ name, schema }) => {
      const texts = wrongTexts(schema);
      return [
        ...(texts.length > 0 ? [fc.constantFrom(...texts).map((text) => given(name, text))] : []),
        ...(schema.type === "array" ? [] : [fc.constant(given(name, "1", "1"))]),
      ];
    }),
  ];
}

/** Texts that are none of what a schema of the query wants. */
function wrongTexts(
  { type, format, enum: values, maximum, minimum, minLength, pattern }: JsonSchema,
): string[] {
  if (type === "integer") {
    return [
      "",
      "many",
      "1.5",
      "0x10",
      "1e2",
      "99999999999999999999",
      ...(typeof maximum === "number" ? [String(maximum + 1)] : []),
      ...(typeof minimum === "number" ? [String(minimum - 1)] : []),
    ];
  }
  if (type === "boolean") return ["", "yes", "1", "TRUE"];
  if (type === "array" || Array.isArray(values)) return ["nothing", "failed,nothing"];
  if (format !== undefined) return ["", "soon", "2026-13-01T00:00:00Z"];
  if (pattern !== undefined) return ["", "30 seconds", "-1s", "1h"];
  return minLength === 1 ? [""] : [];
}

function wrongBodies(schema: JsonSchema, valid: MadeRequest): fc.Arbitrary<MadeRequest>[] {
  const sent = (wrong: string, body: string, field?: string): MadeRequest => ({
    ...valid,
    wrong: `${wrong}: ${body}`,
    field,
    init: { ...valid.init, body },
  });
  const text = typeof valid.init.body === "string" ? valid.init.body : "{}";
  const body = JSON.parse(text) as Record<string, unknown>;
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  const required = (schema.required ?? []) as readonly string[];
  return [
    fc.constantFrom("{", "nul", '{"a":}', "\u0000", "[".repeat(1_000), "'a'").map((each) =>
      sent("no JSON", each)
    ),
    fc.constantFrom("[]", "5", '"text"', "null", "true").map((each) => sent("no object", each)),
    fc.constant(sent("an unknown key", JSON.stringify({ ...body, colour: "red" }))),
    ...properties.map(([name, { type }]) =>
      fc.constant(
        sent("a wrong type", JSON.stringify({ ...body, [name]: type === "array" ? {} : [[]] }), name),
      )
    ),
    ...required.map((name) =>
      fc.constant(sent("a key is missing", JSON.stringify({ ...body, [name]: undefined }), name))
    ),
  ];
}

function addressOf(path: string, params: Record<string, unknown>, query: Record<string, unknown>): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  return search.size === 0 ? filled : `${filled}?${search}`;
}

function parameterValue(
  document: OpenApi,
  { path }: Operation,
  { name, in: place, schema }: Parameter,
  known: Known,
): fc.Arbitrary<unknown> {
  const made = valueOf(document, schema);
  if (place === "header") {
    return fc.string({ minLength: 1, maxLength: 40, unit: fc.constantFrom(..."abc019-._~!") });
  }
  if (place === "query") return made;
  const room = path.slice(1, path.indexOf("/", 1));
  const there = known[room] ?? [];
  // "." and ".." are no parts of a path: a client takes them out before it asks.
  const free = made.filter((each) => each !== "." && each !== "..");
  return there.length === 0 || name === ""
    ? free
    : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...there) }, free);
}

/** A value that a schema allows. */
function valueOf(document: OpenApi, schema: JsonSchema): fc.Arbitrary<unknown> {
  const of = (each: unknown) => valueOf(document, each as JsonSchema);
  const { $ref, anyOf, enum: values, type } = schema;
  if (typeof $ref === "string") return of(document.components.schemas[$ref.split("/").at(-1) ?? ""]);
  if (Array.isArray(anyOf)) return fc.oneof(...anyOf.map(of));
  if (Array.isArray(values)) return fc.constantFrom(...values);
  if ("const" in schema) return fc.constant(schema.const);
  const { minLength = 0, maxLength = 50, minimum, maximum, pattern, format, items = {} } = schema as Record<
    string,
    never
  >;
  switch (type) {
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "integer":
      return fc.integer({ min: minimum ?? -1_000, max: maximum ?? 1_000 });
    case "string":
      if (format === "date-time") {
        return fc.date({ min: new Date("2000-01-01"), max: new Date("2100-01-01"), noInvalidDate: true })
          .map((each) => each.toISOString());
      }
      if (format === "uuid") return fc.uuid({ version: [4, 7] });
      if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
      return fc.string({ minLength, maxLength: Math.min(maxLength, 50), unit: "grapheme" })
        .filter((each) => each.length <= maxLength);
    case "array":
      return fc.array(of(items), { minLength: (schema.minItems as number | undefined) ?? 0, maxLength: 4 });
    case "object":
      return objectOf(document, schema);
    default:
      return fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.integer()));
  }
}

function objectOf(document: OpenApi, schema: JsonSchema): fc.Arbitrary<unknown> {
  const { oneOf } = schema;
  if (Array.isArray(oneOf)) {
    const groups = oneOf.flatMap(({ required }: { required: string[] }) => required);
    return fc.oneof(...oneOf.map(({ required }: { required: string[] }) => {
      const properties = Object.entries(schema.properties as Record<string, JsonSchema>)
        .filter(([name]) => !groups.includes(name) || required.includes(name));
      return objectOf(document, {
        ...schema,
        oneOf: undefined,
        properties: Object.fromEntries(properties),
        required: [...(schema.required as string[] | undefined ?? []), ...required],
      });
    }));
  }
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
  const rest = schema.additionalProperties;
  if (Object.keys(properties).length === 0 && typeof rest === "object" && rest !== null) {
    const names = fc.string({ minLength: 1, maxLength: 8, unit: fc.constantFrom(..."abnw_") });
    return fc.dictionary(names, valueOf(document, rest as JsonSchema), { maxKeys: 3 });
  }
  const required = (schema.required ?? []) as readonly string[];
  const values = Object.entries(properties).map(([name, each]) => {
    const value = valueOf(document, each);
    return [name, required.includes(name) ? value : fc.option(value, { nil: undefined })];
  });
  return fc.record(Object.fromEntries(values));
}
