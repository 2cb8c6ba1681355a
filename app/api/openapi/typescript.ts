/** TypeScript types for clients, made of the document. Pure: a document in, a module's text out. */
import type { OpenApi, OperationObject, Parameter, ResponseObject } from "./document.ts";
import type { JsonSchema } from "./schemas.ts";

/** Media types that are JSON. */
const JSON_TYPE = "application/json";
const INDENT = "  ";

/** A module with a type for each component, and what each operation takes and answers. */
export function typescriptOf({ info, servers, components, paths }: OpenApi): string {
  const operations = Object.entries(paths).flatMap(([path, ways]) =>
    Object.entries(ways).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation }))
  );
  return [
    `// Types of the API of Carillon ${info.version}, made by "carillon api types". ${info.description}`,
    "",
    ...Object.entries(components.schemas).flatMap(([name, schema]) => [
      ...commentOf(schema.description, ""),
      `export type ${name} = ${typeOf(schema, "")};`,
      "",
    ]),
    "/** What each operation takes and answers, by its name. */",
    "export interface Operations {",
    ...operations.flatMap(({ operation }) => operationLines(operation)),
    "}",
    "",
    `/** Where the paths begin. */`,
    `export const ROOT = ${JSON.stringify(servers[0]?.url ?? "")};`,
    "",
    "/** How each operation is asked. */",
    "export const OPERATIONS = {",
    ...operations.map(({ method, path, operation }) =>
      `${INDENT}${operation.operationId}: { method: ${JSON.stringify(method)}, path: ${
        JSON.stringify(path)
      } },`
    ),
    "} as const satisfies Record<keyof Operations, unknown>;",
    "",
  ].join("\n");
}

function operationLines({ operationId, summary, parameters, requestBody, responses }: OperationObject) {
  const inner = INDENT.repeat(2);
  const of = (place: Parameter["in"]) =>
    parametersType(parameters.filter((each) => each.in === place), inner);
  const body = requestBody?.content[JSON_TYPE]?.schema;
  return [
    ...commentOf(summary, INDENT),
    `${INDENT}readonly ${operationId}: {`,
    `${inner}readonly params: ${of("path")};`,
    `${inner}readonly query: ${of("query")};`,
    `${inner}readonly headers: ${of("header")};`,
    `${inner}readonly body: ${body ? typeOf(body, inner) : "undefined"}${
      body && !requestBody.required ? " | undefined" : ""
    };`,
    `${inner}readonly answer: ${answerType(responses, inner)};`,
    `${INDENT}};`,
  ];
}

/** The type of a schema. */
export function typeText(schema: JsonSchema): string {
  return typeOf(schema, "");
}

/** The types of an answer's media types. */
export function answersType({ content = {} }: ResponseObject): string {
  return unionOf(Object.values(content).map(({ schema }) => typeOf(schema, "")));
}

/** What a good answer holds; a text where it comes piece by piece, or bytes. */
function answerType(responses: OperationObject["responses"], indent: string): string {
  const good = Object.entries(responses).filter(([status]) => /^2/.test(status));
  const types = good.flatMap(([, { content = {} }]) =>
    Object.entries(content).map(([type, { schema }]) =>
      type === JSON_TYPE ? typeOf(schema, indent) : "contentMediaType" in schema ? "Blob" : "string"
    )
  );
  return [...new Set(types)].join(" | ") || "undefined";
}

function parametersType(parameters: readonly Parameter[], indent: string): string {
  const schema = {
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(
      parameters.map(({ name, schema, description }) => [name, { ...schema, description }]),
    ),
    required: parameters.filter(({ required }) => required).map(({ name }) => name),
  };
  return typeOf(schema, indent);
}

function typeOf(schema: JsonSchema, indent: string): string {
  const { $ref, anyOf, enum: values, type } = schema;
  if (typeof $ref === "string") return $ref.slice($ref.lastIndexOf("/") + 1);
  if (Array.isArray(anyOf)) return unionOf(anyOf.map((each: JsonSchema) => typeOf(each, indent)));
  if ("const" in schema) return JSON.stringify(schema.const);
  if (Array.isArray(values)) return unionOf(values.map((each) => JSON.stringify(each)));
  if (Array.isArray(type)) return unionOf(type.map((each) => typeOf({ ...schema, type: each }, indent)));
  switch (type) {
    case "integer":
    case "number":
      return "number";
    case "string":
    case "boolean":
    case "null":
      return type;
    case "array":
      return `readonly ${bracketed(typeOf((schema.items ?? {}) as JsonSchema, indent))}[]`;
    case "object":
      return objectType(schema, indent);
    default:
      return "unknown";
  }
}

function objectType(schema: JsonSchema, indent: string): string {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  const { additionalProperties: rest, propertyNames } = schema;
  if (properties.length === 0) {
    if (rest === false) return "Readonly<Record<string, never>>";
    const value = typeof rest === "object" && rest !== null ? typeOf(rest as JsonSchema, indent) : "unknown";
    const names = propertyNames ? typeOf(propertyNames as JsonSchema, indent) : "string";
    return names === "string"
      ? `Readonly<Record<string, ${value}>>`
      : `Readonly<Partial<Record<${names}, ${value}>>>`;
  }
  const required = new Set((schema.required ?? []) as readonly string[]);
  const inner = indent + INDENT;
  const lines = properties.flatMap(([name, each]) => [
    ...commentOf(each.description, inner),
    `${inner}readonly ${keyOf(name)}${required.has(name) ? "" : "?"}: ${typeOf(each, inner)};`,
  ]);
  return ["{", ...lines, `${indent}}`].join("\n");
}

function unionOf(types: readonly string[]): string {
  return [...new Set(types)].join(" | ");
}

function bracketed(type: string): string {
  return type.includes(" | ") || type.startsWith("readonly ") ? `(${type})` : type;
}

function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function commentOf(text: unknown, indent: string): string[] {
  return typeof text === "string" ? [`${indent}/** ${text.replaceAll("*/", "*\\/")} */`] : [];
}
