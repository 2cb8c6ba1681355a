/** Answers to requests that went wrong: a sentence for what the caller did, an id for what we did (I7). */
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { ProblemBox } from "../../templates/problem.tsx";
import { text } from "../locale/locale.ts";
import type { WebParts } from "./app.ts";
import { answerPage, frameOf } from "./document.tsx";
import { RequestProblem } from "./problem.ts";
import { viewerOf } from "./viewer.ts";

/** Addresses that programs ask; they are answered in JSON. */
const JSON_PATHS = /^\/(?:jobs|trigger|api)(?:\/|$)/;

export function answerNotFound(context: Context, parts: WebParts): Promise<Response> | Response {
  return answerProblem(
    context,
    parts,
    new RequestProblem(404, "problem.not_found", { path: context.req.path }),
  );
}

export function answerError(error: Error, context: Context, parts: WebParts): Promise<Response> | Response {
  if (error instanceof RequestProblem) return answerProblem(context, parts, error);
  if (error instanceof HTTPException && error.status < 500) {
    return answerProblem(
      context,
      parts,
      new RequestProblem(400, "problem.request", { reason: error.message }),
    );
  }
  const id = crypto.randomUUID().slice(0, 8);
  parts.carillon.journal.error(
    `request ${context.req.method} ${context.req.path} failed (error ${id})`,
    error,
  );
  return answerProblem(context, parts, new RequestProblem(500, "problem.bug", { id }));
}

function answerProblem(
  context: Context,
  parts: WebParts,
  problem: RequestProblem,
): Promise<Response> | Response {
  const { locale } = viewerOf(context);
  const message = text(locale, problem.key, problem.values);
  const status: ContentfulStatusCode = problem.status;
  if (JSON_PATHS.test(context.req.path)) {
    return context.json({ status: "error", message: text("en", problem.key, problem.values) }, status);
  }
  const title = text(locale, "problem.title", { status });
  return answerPage(context, frameOf(context, parts), {
    status,
    title,
    content: <ProblemBox locale={locale} title={title} message={message} />,
  });
}
