/** Refuses what a browser sends in a person's name without the key of that person's session: another site had it sent. */
import type { Context, MiddlewareHandler } from "hono";
import type { Auth } from "../../auth/auth.ts";
import { asker } from "../asker.ts";
import { FORM_KEY_FIELD, FORM_KEY_HEADER } from "../form_key.ts";
import { RequestProblem } from "../request_problem.ts";

const SAFE_METHODS = ["GET", "HEAD", "OPTIONS"];
const FORM = /^(?:multipart\/form-data|application\/x-www-form-urlencoded)\b/i;

/** Tokens are sent by programs, which no other site makes send anything: they need no key. */
export function formCheck(auth: Auth): MiddlewareHandler {
  return async (context, next) => {
    const { person } = asker();
    const isSigningIn = context.req.path === "/sign-in";
    if (person && !isSigningIn && !SAFE_METHODS.includes(context.req.method)) {
      const given = await givenKey(context);
      if (given === undefined || !auth.isOwnForm(person, given)) {
        throw new RequestProblem(403, "problem.foreign_form");
      }
    }
    await next();
  };
}

async function givenKey(context: Context): Promise<string | undefined> {
  const header = context.req.header(FORM_KEY_HEADER);
  if (header !== undefined) return header;
  if (!FORM.test(context.req.header("content-type") ?? "")) return undefined;
  const field = (await context.req.formData()).get(FORM_KEY_FIELD);
  return typeof field === "string" ? field : undefined;
}
