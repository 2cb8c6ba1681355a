/** `GET /api`: the API for people who read, made of its document. */
import type { Hono } from "hono";
import { ApiPage, type ApiView, type RouteView } from "../../../templates/pages/api.tsx";
import { openApiOf, type OperationObject } from "../../api/openapi/document.ts";
import { OPENAPI_PATH } from "../../api/openapi/serve.ts";
import { answersType, typeText } from "../../api/openapi/typescript.ts";
import { API_ROOT } from "../../api/serve.ts";
import { ROUTES } from "../../api/v1/routes.ts";
import { ALL_TEXT_KEYS, text } from "../../locale/locale.ts";
import type { Locale } from "../../model/locale.ts";
import type { WebContext } from "../context.ts";
import { answerPage, frameOf, revalidated } from "../document.tsx";

/** Texts that stand around problems and are none. */
const NO_PROBLEMS = ["problem.title", "problem.back"];

export function serveApiPage(app: Hono, web: WebContext): void {
  const views = new Map<Locale, ApiView>();
  app.get("/api", revalidated, async (context) => {
    const frame = frameOf(context, web);
    const { locale } = frame.viewer;
    const view = views.get(locale) ?? viewOf(web.version, locale);
    views.set(locale, view);
    return await answerPage(context, frame, {
      title: text(locale, "page.api"),
      content: <ApiPage {...view} />,
    });
  });
}

function viewOf(version: string, locale: Locale): ApiView {
  const { info, tags, paths, components } = openApiOf(ROUTES, version, locale);
  const routes = Object.entries(paths).flatMap(([path, ways]) =>
    Object.entries(ways).map(([method, operation]) => ({
      tags: operation.tags,
      view: routeView(method.toUpperCase(), path, operation),
    }))
  );
  return {
    locale,
    about: info.description,
    root: API_ROOT,
    document: OPENAPI_PATH,
    groups: tags.map(({ name, description }) => ({
      name,
      title: description,
      routes: routes.filter((each) => each.tags.includes(name)).map(({ view }) => view),
    })),
    shapes: Object.entries(components.schemas).map(([name, schema]) => ({ name, type: typeText(schema) })),
    problems: ALL_TEXT_KEYS.filter((key) => key.startsWith("problem.") && !NO_PROBLEMS.includes(key))
      .map((key) => ({
        anchor: key.replace(".", "-"),
        key: key.slice("problem.".length),
        sentence: text(locale, key),
      })),
  };
}

function routeView(
  method: string,
  path: string,
  { operationId, summary, parameters, requestBody, responses, ...operation }: OperationObject,
): RouteView {
  const body = requestBody?.content["application/json"]?.schema;
  const properties = Object.entries((body?.properties ?? {}) as Record<string, Record<string, unknown>>);
  const needed = (body?.required ?? []) as readonly string[];
  return {
    name: operationId,
    method,
    path,
    summary,
    right: operation["x-right"],
    hasBody: body !== undefined,
    fields: [
      ...parameters.map(({ name, in: place, required, schema, description = "" }) => ({
        name,
        place,
        required,
        type: typeText(schema),
        about: description,
      })),
      ...properties.map(([name, schema]) => ({
        name,
        place: "body" as const,
        required: needed.includes(name),
        type: typeText(schema),
        about: typeof schema.description === "string" ? schema.description : "",
      })),
    ],
    answers: Object.entries(responses).filter(([status]) => status !== "default").map(([status, answer]) => ({
      status,
      type: answersType(answer),
      about: answer.description,
    })),
    example: exampleOf(method, path, body !== undefined),
  };
}

function exampleOf(method: string, path: string, hasBody: boolean): string {
  const address = `http://localhost:8398${API_ROOT}${path}`;
  return [
    `curl -H "Authorization: Bearer $CARILLON_TOKEN"`,
    ...(method === "GET" ? [] : [`-X ${method}`]),
    ...(hasBody ? [`-d '{…}'`] : []),
    `'${address}'`,
  ].join(" ");
}
