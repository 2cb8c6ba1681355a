/** Answers to requests that went wrong: a sentence for what the caller did, an id for what we did (I7). */
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { ProblemBox } from "../../templates/pages/problem.tsx";
import { text } from "../locale/locale.ts";
import { answerWithProblem } from "../api/problem.ts";
import type { WebContext } from "./context.ts";
import { answerPage, frameOf } from "./document.tsx";
import { UserFileError } from "../auth/user_file.ts";
import { CutOff } from "./http/incoming.ts";
import { isJsonPath } from "./json_paths.ts";
import { REFUSAL_STATUS, RequestProblem } from "./request_problem.ts";
import { Refusal } from "../service/refusal.ts";
import { viewerOf } from "./viewer.ts";

/** As nginx logs it: the client has gone before it was answered. */
const CLIENT_GONE = 499 as ContentfulStatusCode;

/** Addresses of the API; they are answered with problems. */
const API_PATHS = /^\/api\//;

export function answerNotFound(context: Context, web: WebContext): Promise<Response> | Response {
  return answerProblem(
    context,
    web,
    new RequestProblem(404, "problem.not_found", { path: context.req.path }),
  );
}

export function answerError(error: Error, context: Context, web: WebContext): Promise<Response> | Response {
  if (error instanceof CutOff) return context.body(null, CLIENT_GONE);
  if (error instanceof RequestProblem) return answerProblem(context, web, error);
  if (error instanceof Refusal) {
    return answerProblem(
      context,
      web,
      new RequestProblem(REFUSAL_STATUS[error.kind], error.key, error.values),
    );
  }
  if (error instanceof HTTPException && error.status < 500) {
    return answerProblem(
      context,
      web,
      new RequestProblem(400, "problem.request", { reason: error.message }),
    );
  }
  if (error instanceof UserFileError) {
    web.journal.error(`nobody gets in: ${error.message}`);
    return answerProblem(context, web, new RequestProblem(503, "problem.user_file"));
  }
  const id = crypto.randomUUID().slice(0, 8);
  web.journal.error(
    `request ${context.req.method} ${context.req.path} failed (error ${id})`,
    error,
  );
  return answerProblem(context, web, new RequestProblem(500, "problem.bug", { id }));
}

function answerProblem(
  context: Context,
  web: WebContext,
  problem: RequestProblem,
): Promise<Response> | Response {
  const { locale } = viewerOf(context);
  const message = text(locale, problem.key, problem.values);
  const status: ContentfulStatusCode = problem.status;
  if (status === 401) context.header("www-authenticate", 'Bearer realm="Carillon"');
  if (API_PATHS.test(context.req.path)) return answerWithProblem(context, problem);
  if (isJsonPath(context.req.path)) {
    return context.json({ status: "error", message: text("en", problem.key, problem.values) }, status);
  }
  const title = text(locale, "problem.title", { status });
  return answerPage(context, frameOf(context, web), {
    status,
    title,
    content: <ProblemBox locale={locale} title={title} message={message} />,
  });
}
