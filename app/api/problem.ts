/** What every error under `/api` is answered with: a problem of RFC 9457. */
import { STATUS_CODES } from "node:http";
import type { Context } from "hono";
import { z } from "zod";
import { text, type TextKey } from "../locale/locale.ts";
import { RequestProblem } from "../web/request_problem.ts";

export const PROBLEM_TYPE = "application/problem+json";

/** One thing that is wrong with a request. */
export interface FieldError {
  readonly in: "path" | "query" | "header" | "body";
  /** `limit`, or `params.begin`; empty where it concerns all of it. */
  readonly name: string;
  readonly detail: string;
}

export const FIELD_ERROR = z.strictObject({
  in: z.enum(["path", "query", "header", "body"]),
  name: z.string(),
  detail: z.string(),
}).meta({ id: "FieldError", textKey: "api.field.field_error" });

export const PROBLEM = z.strictObject({
  type: z.string().meta({ textKey: "api.field.problem_type" }),
  title: z.string().meta({ textKey: "api.field.problem_title" }),
  status: z.int().min(400).max(599),
  detail: z.string().meta({ textKey: "api.field.problem_detail" }),
  message: z.string().meta({ textKey: "api.field.problem_message" }),
  errors: z.array(FIELD_ERROR).optional(),
}).meta({ id: "Problem", textKey: "api.field.problem" });
export type Problem = z.output<typeof PROBLEM>;

/** A request whose fields are wrong; each is named. */
export class FieldProblem extends RequestProblem {
  constructor(status: 400 | 422, readonly errors: readonly FieldError[]) {
    super(status, status === 400 ? "problem.request" : "problem.params", {
      reason: errors.map(({ name, detail }) => name === "" ? detail : `${name}: ${detail}`).join("; "),
    });
  }
}

/** `problem.no_task` → `/api#problem-no_task`, where the reader page says what it means. */
export function typeOf(key: TextKey): string {
  return `/api#${key.replace(".", "-")}`;
}

export function problemOf(problem: RequestProblem): Problem {
  const { status, key, values } = problem;
  const detail = text("en", key, values);
  return {
    type: typeOf(key),
    title: STATUS_CODES[status] ?? "Error",
    status,
    detail,
    message: detail,
    errors: problem instanceof FieldProblem ? [...problem.errors] : undefined,
  };
}

export function answerWithProblem(context: Context, problem: RequestProblem): Response {
  return context.body(JSON.stringify(problemOf(problem)), problem.status, {
    "content-type": PROBLEM_TYPE,
    "cache-control": "no-store",
  });
}
