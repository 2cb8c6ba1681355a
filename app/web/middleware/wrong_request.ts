/** Answers what the server could not read as a request, and bodies that handlers cannot read, with what is wrong with them. */
import type { MiddlewareHandler } from "hono";
import { messageOf } from "../../base/errors.ts";
import { isUtf8Escaped } from "../../base/utf8.ts";
import type { Received } from "../http/connection.ts";
import { givenWord } from "../form_words.ts";
import { RequestProblem } from "../request_problem.ts";

/** Longest key by which a form that is sent twice is known again; ours are UUIDs. */
const MAX_QUESTION = 200;

export function wrongRequest(): MiddlewareHandler {
  return async (context, next) => {
    const { problem }: Partial<Received> = context.env ?? {};
    if (problem) throw problem;
    const { req } = context;
    if (!isUtf8Escaped(new URL(req.url).search)) throw invalid("the query of the address is not in UTF-8");
    const [formData, parseBody] = [req.formData.bind(req), req.parseBody.bind(req)];
    req.formData = async () => checked(await formData().catch(refuse));
    req.parseBody = async () => await parseBody().catch(refuse);
    await next();
  };
}

function refuse(cause: unknown): never {
  throw invalid(`the body is not the form that its header field Content-Type says: ${messageOf(cause)}`);
}

function checked(form: FormData): FormData {
  if ((givenWord(form, "question") ?? "").length > MAX_QUESTION) {
    throw invalid(`question has more than ${MAX_QUESTION} characters`);
  }
  return form;
}

function invalid(reason: string): RequestProblem {
  return new RequestProblem(400, "problem.request", { reason });
}
