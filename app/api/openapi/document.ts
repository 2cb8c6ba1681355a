/** The OpenAPI 3.1 document of the API, made of the routes and their schemas. Pure: routes in, document out. */
import { z } from "zod";
import { text } from "../../locale/locale.ts";
import type { Locale } from "../../model/locale.ts";
import { PROBLEM, PROBLEM_TYPE } from "../problem.ts";
import { isNothing } from "../reading.ts";
import { REQUEST_HEADERS, type RequestHeader } from "../request_headers.ts";
import { type Answers, GROUPS, type JsonAnswer, type Route, type StreamAnswer } from "../route.ts";
import { type JsonSchema, SchemaBook } from "./schemas.ts";

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description?: string | undefined;
  readonly schema: JsonSchema;
  readonly style?: "form" | undefined;
  readonly explode?: false | undefined;
}

export interface ResponseObject {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description?: string; readonly schema: JsonSchema }>>;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

export interface OperationObject {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>>;
  };
  readonly responses: Readonly<Record<string, ResponseObject>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  /** The right that it takes, where there is a sign-in. */
  readonly "x-right": string;
}

export interface OpenApi {
  readonly openapi: "3.1.0";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly responses: Readonly<Record<string, ResponseObject>>;
    readonly securitySchemes: Readonly<Record<string, JsonSchema>>;
  };
}

/** @param locale language of summaries and descriptions */
export function openApiOf(routes: readonly Route[], version: string, locale: Locale): OpenApi {
  const book = new SchemaBook(locale);
  const paths: Record<string, Record<string, OperationObject>> = {};
  for (const route of routes) {
    (paths[pathOf(route)] ??= {})[route.method.toLowerCase()] = operationOf(route, book, locale);
  }
  const problem = {
    description: text(locale, "api.answer.any_problem"),
    content: { [PROBLEM_TYPE]: { schema: book.answer(PROBLEM) } },
  };
  return {
    openapi: "3.1.0",
    info: { title: "Carillon", version, description: text(locale, "api.about") },
    servers: [{ url: "/api/v1" }],
    tags: GROUPS.map((name) => ({ name, description: text(locale, `api.group.${name}`) })),
    paths,
    components: {
      schemas: book.named(),
      responses: { Problem: problem },
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
    },
  };
}

/** `/tasks/:id` → `/tasks/{id}` */
export function pathOf({ path }: Pick<Route, "path">): string {
  return path.replace(/:(\w+)/g, "{$1}");
}

function operationOf(route: Route, book: SchemaBook, locale: Locale): OperationObject {
  const { name, group, method, body, right } = route;
  return {
    operationId: name,
    summary: text(locale, `api.route.${name}`),
    tags: [group],
    parameters: parametersOf(route, book),
    ...(isNothing(body) ? {} : {
      requestBody: {
        required: !body.safeParse({}).success,
        content: { "application/json": { schema: book.input(body) } },
      },
    }),
    responses: {
      ...answersOf(route.answers, method === "GET", book, locale),
      ...Object.fromEntries(problemsOf(route).map((status) => [status, problemAnswer(book, locale)])),
      default: { $ref: "#/components/responses/Problem" } as unknown as ResponseObject,
    },
    // A token where there is a sign-in; nothing where there is none.
    security: [{ token: [] }, {}],
    "x-right": right,
  };
}

/** Statuses of problems that a route has beside those of every route; whatever it reads can be wrong. */
export function problemsOf({ problems, query, body }: Route): readonly number[] {
  const reads = Object.keys(query.shape).length > 0 || !isNothing(body);
  const all = [...problems, ...(reads ? [400] : []), ...(isNothing(body) ? [] : [413])];
  return [...new Set(all)].toSorted((a, b) => a - b);
}

function problemAnswer(book: SchemaBook, locale: Locale): ResponseObject {
  return {
    description: text(locale, "api.answer.problem"),
    content: { [PROBLEM_TYPE]: { schema: book.answer(PROBLEM) } },
  };
}

function parametersOf({ params, query, headers, method, answers }: Route, book: SchemaBook) {
  const isTagged = method === "GET" && Object.values(answers).some(isJson);
  return [
    ...fieldsOf("path", params, book),
    ...fieldsOf("query", query, book),
    ...fieldsOf("header", z.object(headersOf(headers, isTagged)).partial(), book),
  ];
}

/** `Accept` is no parameter of its own: the media types of the answers say what it may be (OpenAPI 3.1, 4.8.12). */
function headersOf(names: readonly RequestHeader[], isTagged: boolean): Record<string, z.ZodType> {
  const all = [...names.filter((name) => name !== "Accept"), ...(isTagged ? ["If-None-Match" as const] : [])];
  return Object.fromEntries(all.map((name) => [name, REQUEST_HEADERS[name]]));
}

function fieldsOf(place: Parameter["in"], { shape }: z.ZodObject, book: SchemaBook): Parameter[] {
  return Object.entries(shape as Record<string, z.ZodType>).map(([name, field]) => {
    const { description, ...schema } = book.input(field);
    const isList = schema.type === "array";
    return {
      name,
      in: place,
      required: !field.safeParse(undefined).success,
      description: typeof description === "string" ? description : undefined,
      schema,
      style: isList ? "form" : undefined,
      explode: isList ? false : undefined,
    };
  });
}

export function isJson(answer: JsonAnswer | StreamAnswer): answer is JsonAnswer {
  return "schema" in answer;
}

function answersOf(answers: Answers, isQuestion: boolean, book: SchemaBook, locale: Locale) {
  const all = Object.entries(answers).map(([status, answer]): [string, ResponseObject] => {
    const description = text(locale, answer.about);
    if (!isJson(answer)) {
      const content = Object.entries(answer.stream).map(([type, schema]) =>
        [type, { schema: book.answer(schema) }] as const
      );
      return [status, { description, content: Object.fromEntries(content) }];
    }
    const content = { "application/json": { schema: book.answer(answer.schema) } };
    const headers = isQuestion ? { headers: { ETag: { schema: { type: "string" } } } } : {};
    return [status, { description, ...headers, content }];
  });
  if (!isQuestion || !Object.values(answers).some(isJson)) return Object.fromEntries(all);
  return Object.fromEntries([...all, ["304", { description: text(locale, "api.answer.unchanged") }]]);
}
