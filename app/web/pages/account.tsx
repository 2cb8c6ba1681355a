/** `GET /account`: one's roles and sessions; its forms change the password and end all sessions. */
import type { Context, Hono } from "hono";
import { Account, type AccountView } from "../../../templates/pages/account.tsx";
import { text } from "../../locale/locale.ts";
import type { Person } from "../../auth/auth.ts";
import { asker } from "../asker.ts";
import type { WebContext } from "../context.ts";
import { answerPage, frameOf } from "../document.tsx";
import { RequestProblem } from "../request_problem.ts";
import type { BrowserCookie } from "../session_cookie.ts";
import { failureOf, fromOf, sentenceOf } from "./sign_in.tsx";

export function serveAccount(app: Hono, web: WebContext, cookie: BrowserCookie): void {
  const { auth } = web;

  app.get("/account", (context) => {
    const { person } = asker();
    return person ? show(context, person) : context.notFound();
  });

  app.post("/account/password", async (context) => {
    const { person } = asker();
    if (!person || auth.mode !== "password") return context.notFound();
    const { old, password } = await context.req.parseBody();
    if (typeof old !== "string" || typeof password !== "string") {
      throw new RequestProblem(400, "problem.request", { reason: "old or password: it is missing" });
    }
    const answer = await auth.changePassword(person, old, password, fromOf(context));
    const failure = failureOf(answer, context);
    const { locale } = frameOf(context, web).viewer;
    if (failure) return await show(context, person, { problem: sentenceOf(failure, locale) }, failure.status);
    if (answer.kind === "in") cookie.set(context, answer.secret);
    return context.redirect("/account?changed=password", 303);
  });

  app.post("/account/sign-out-everywhere", (context) => {
    const { person } = asker();
    if (!person?.session) return context.notFound();
    auth.signOutEverywhere(person, fromOf(context));
    cookie.remove(context);
    context.header("clear-site-data", '"cache"');
    return context.redirect("/sign-in", 303);
  });

  async function show(
    context: Context,
    person: Person,
    more: Pick<AccountView, "problem"> = {},
    status: 200 | 401 | 403 | 422 | 429 | 502 | 503 = 200,
  ): Promise<Response> {
    const frame = frameOf(context, web);
    const { locale } = frame.viewer;
    const { name, roles, session } = person;
    const sessions = session &&
      auth.sessions.of(name).map(({ hash, seenAt, createdAt, address = "", agent = "" }) => ({
        seenAt,
        createdAt,
        address,
        agent,
        isThis: hash === session.hash,
      }));
    const changed = context.req.query("changed") === "password";
    const view: AccountView = {
      viewer: frame.viewer,
      name,
      roles,
      sessions,
      hasPassword: auth.mode === "password",
      done: changed ? text(locale, "account.password_changed") : undefined,
      ...more,
    };
    const title = text(locale, "account.title");
    return await answerPage(context, frame, {
      title,
      status,
      before: <h1>{title}</h1>,
      content: <Account {...view} />,
    });
  }
}
