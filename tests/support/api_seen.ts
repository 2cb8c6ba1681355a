/** Checks an answer of the API against what its route declares of it. */
import assert from "node:assert/strict";
import type { z } from "zod";
import { PROBLEM, PROBLEM_TYPE } from "../../app/api/problem.ts";
import { problemsOf } from "../../app/api/openapi/document.ts";
import type { Route } from "../../app/api/route.ts";
import { EVENT_STREAM, NDJSON } from "../../app/api/streams.ts";

/** Every answer that a route documents, as `name status` or `name status type`. */
export function documentedAnswers(route: Route): string[] {
  const { name, method, answers } = route;
  const own = Object.entries(answers).flatMap(([status, answer]) =>
    "schema" in answer
      ? [`${name} ${status}`]
      : Object.keys(answer.stream).map((type) => `${name} ${status} ${type}`)
  );
  const hasTag = method === "GET" && Object.values(answers).some((answer) => "schema" in answer);
  return [
    ...own,
    ...(hasTag ? [`${name} 304`] : []),
    ...problemsOf(route).map((status) => `${name} ${status}`),
    `${name} default`,
  ];
}

/** Reads an answer and checks it; which of the documented ones it is. Unknown fields are mistakes here: schemas are strict. */
export async function checkedAnswer(route: Route, answer: Response): Promise<string> {
  const type = answer.headers.get("content-type")?.split(";")[0] ?? "";
  const text = await answer.text();
  const { status } = answer;
  const where = `${route.name} ${status} ${text.slice(0, 500)}`;
  if (status === 304) {
    assert.equal(text, "");
    return `${route.name} 304`;
  }
  if (status >= 400) {
    assert.equal(type, PROBLEM_TYPE, where);
    const problem = fitting(PROBLEM, JSON.parse(text), where);
    assert.equal(problem.status, status, where);
    assert.equal(answer.headers.get("cache-control"), "no-store", where);
    return problemsOf(route).includes(status) ? `${route.name} ${status}` : `${route.name} default`;
  }
  const declared = route.answers[status];
  assert.ok(declared, `not documented: ${where}`);
  assert.match(answer.headers.get("cache-control") ?? "", /no-store/, where);
  assert.match(answer.headers.get("vary") ?? "", /Authorization/, where);
  if ("schema" in declared) {
    assert.equal(type, "application/json", where);
    fitting(declared.schema, JSON.parse(text), where);
    return `${route.name} ${status}`;
  }
  const schema = declared.stream[type];
  assert.ok(schema, `not documented: ${type} ${where}`);
  for (const piece of piecesOf(type, text)) fitting(schema, piece, where);
  return `${route.name} ${status} ${type}`;
}

function piecesOf(type: string, text: string): unknown[] {
  switch (type) {
    case NDJSON:
      return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
    case EVENT_STREAM:
      return text.split("\n").filter((line) => line.startsWith("data: ")).map((line) =>
        JSON.parse(line.slice("data: ".length))
      );
    default:
      return [text];
  }
}

function fitting<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  assert.ok(result.success, `${where}\n${result.error?.message}`);
  return result.data;
}
