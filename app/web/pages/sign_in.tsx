/** `/sign-in`: by name and password, or at the provider; `/setup/:secret` makes the first administrator, at `/password/:link` one chooses a password; `POST /sign-out`. */
import type { Context, Hono } from "hono";
import type { Child } from "hono/jsx";
import { ChoosePassword, SetUp, SignIn, SignInElsewhere } from "../../../templates/pages/sign_in.tsx";
import type { From, SignIn as Answer } from "../../auth/auth.ts";
import { text, type TextKey, type TextValues } from "../../locale/locale.ts";
import { shortDuration } from "../../locale/moments.ts";
import type { Locale } from "../../model/locale.ts";
import { asker } from "../asker.ts";
import { clientOf } from "../client.ts";
import type { WebContext } from "../context.ts";
import { answerPage, frameOf } from "../document.tsx";
import { ownPath, withQuery } from "../paths.ts";
import { RequestProblem } from "../request_problem.ts";
import { BrowserCookie, originOf } from "../session_cookie.ts";
import { viewerOf } from "../viewer.ts";

/** How long the browser may be away at the provider, in seconds. */
const AWAY_S = 600;
/** Longest address of the page that one came from. */
const MAX_BACK = 2_000;

/** What is said of a sign-in that came to nothing. */
interface Failure {
  readonly status: 401 | 403 | 422 | 429 | 502 | 503;
  readonly key: TextKey;
  readonly values?: TextValues | undefined;
}

export function serveSignIn(app: Hono, web: WebContext, cookie: BrowserCookie): void {
  const { auth } = web;
  const { baseUrl } = cookie;
  const away = new BrowserCookie("carillon_sign_in", baseUrl, "/sign-in");

  app.get("/sign-in", async (context) => {
    const back = backOf(context.req.query("back"));
    if (asker().isKnown) return context.redirect(back, 303);
    return await ask(context, back);
  });

  app.post("/sign-in", async (context) => {
    if (auth.mode !== "password") return context.notFound();
    const { name, password, back } = await context.req.parseBody();
    if (typeof name !== "string" || typeof password !== "string") {
      throw new RequestProblem(400, "problem.request", { reason: "name or password: it is missing" });
    }
    const answer = await auth.signIn(name, password, fromOf(context));
    const failure = failureOf(answer, context);
    if (failure) return await ask(context, backOf(back), failure, name.slice(0, 200));
    return enter(context, answer, backOf(back));
  });

  app.get("/sign-in/provider", async (context) => {
    if (!auth.provider) return context.notFound();
    const back = backOf(context.req.query("back"));
    const begun = await auth.provider.begin(`${originOf(context, baseUrl)}/sign-in/callback`, back);
    if ("kind" in begun) {
      web.journal.error(`the provider of [auth] oidc_issuer cannot be asked: ${begun.why}`);
      return await ask(context, back, { status: 502, key: "sign_in.away" });
    }
    away.set(context, begun.id, AWAY_S);
    return context.redirect(begun.address, 303);
  });

  app.get("/sign-in/callback", async (context) => {
    if (!auth.provider) return context.notFound();
    const id = away.get(context) ?? "";
    away.remove(context);
    const answer = await auth.provider.finish(id, new URL(context.req.url).search);
    if (answer.kind !== "in") {
      web.journal.warn(`a sign-in at the provider came to nothing: ${answer.why}`);
      const key = answer.kind === "away" ? "sign_in.away" : "sign_in.refused";
      return await ask(context, "/", {
        status: answer.kind === "away" ? 502 : 403,
        key,
        values: { why: answer.why },
      });
    }
    const signedIn = auth.signInAs(answer.name, answer.groups, fromOf(context));
    const failure = failureOf(signedIn, context);
    if (failure) return await ask(context, "/", failure);
    return enter(context, signedIn, ownPath(answer.back));
  });

  app.get("/setup/:secret", async (context) => {
    if (!auth.setup?.isRight(context.req.param("secret"))) throw new RequestProblem(404, "setup.gone");
    return await askSetUp(context, "");
  });

  app.post("/setup/:secret", async (context) => {
    const { name, password } = await context.req.parseBody();
    if (typeof name !== "string" || typeof password !== "string") {
      throw new RequestProblem(400, "problem.request", { reason: "name or password: it is missing" });
    }
    const answer = await auth.setUp(context.req.param("secret"), name, password, fromOf(context));
    if (answer.kind === "wrong") throw new RequestProblem(404, "setup.gone");
    const failure = failureOf(answer, context);
    if (failure) return await askSetUp(context, name, failure);
    return enter(context, answer, "/");
  });

  app.get("/password/:link", async (context) => {
    const name = auth.nameOfLink(context.req.param("link"));
    if (name === undefined) throw new RequestProblem(404, "problem.no_link");
    return await askPassword(context, name);
  });

  app.post("/password/:link", async (context) => {
    const link = context.req.param("link");
    const { password } = await context.req.parseBody();
    if (typeof password !== "string") {
      throw new RequestProblem(400, "problem.request", { reason: "password: it is missing" });
    }
    const name = auth.nameOfLink(link);
    const answer = await auth.choosePassword(link, password, fromOf(context));
    if (answer.kind === "wrong" || name === undefined) throw new RequestProblem(404, "problem.no_link");
    const failure = failureOf(answer, context);
    if (failure) return await askPassword(context, name, failure);
    return enter(context, answer, "/");
  });

  app.post("/sign-out", (context) => {
    const { person } = asker();
    if (person) auth.signOut(person, fromOf(context));
    return leave(context);
  });

  /** Another id for each sign-in: whoever knew the one before knows nothing of it. */
  function enter(context: Context, answer: { readonly kind: string }, back: string): Response {
    const before = cookie.get(context);
    const known = before === undefined ? undefined : auth.bySession(before);
    if (known?.session) auth.sessions.end(known.session.hash);
    if ("secret" in answer && typeof answer.secret === "string") cookie.set(context, answer.secret);
    return context.redirect(back, 303);
  }

  function leave(context: Context): Response {
    cookie.remove(context);
    context.header("clear-site-data", '"cache"');
    return context.redirect("/sign-in", 303);
  }

  async function ask(context: Context, back: string, failure?: Failure, name = ""): Promise<Response> {
    const frame = frameOf(context, web);
    const { locale } = frame.viewer;
    const problem = failure ? sentenceOf(failure, locale) : await hintOf(locale);
    const title = text(locale, "sign_in.title");
    const content = auth.mode === "oidc"
      ? (
        <SignInElsewhere
          locale={locale}
          problem={problem}
          provider={new URL(auth.config.auth.oidc_issuer).host}
          address={withQuery("/sign-in/provider", { back: back === "/" ? "" : back })}
        />
      )
      : <SignIn locale={locale} problem={problem} name={name} back={back} />;
    return await answerPage(context, frame, { title, content, status: failure?.status ?? 200 });
  }

  /** Where there is nobody yet who could sign in, it is said what to do. */
  function hintOf(locale: Locale): string | undefined {
    return auth.setup?.secret === undefined ? undefined : text(locale, "sign_in.nobody_yet");
  }

  async function askSetUp(context: Context, name: string, failure?: Failure): Promise<Response> {
    const { locale } = viewerOf(context);
    const problem = failure && sentenceOf(failure, locale);
    const content = <SetUp locale={locale} problem={problem} name={name} />;
    return await answerSecret(context, "setup.title", content, failure);
  }

  async function askPassword(context: Context, name: string, failure?: Failure): Promise<Response> {
    const { locale } = viewerOf(context);
    const problem = failure && sentenceOf(failure, locale);
    const content = <ChoosePassword locale={locale} problem={problem} name={name} />;
    return await answerSecret(context, "link.title", content, failure);
  }

  /** A page whose address is a secret: nothing of it is kept. */
  async function answerSecret(
    context: Context,
    title: TextKey,
    content: Child,
    failure: Failure | undefined,
  ): Promise<Response> {
    const frame = frameOf(context, web);
    const answer = await answerPage(context, frame, {
      title: text(frame.viewer.locale, title),
      content,
      status: failure?.status ?? 200,
    });
    answer.headers.set("cache-control", "no-store");
    return answer;
  }
}

export function fromOf(context: Context): From {
  return { address: clientOf(context).address, agent: context.req.header("user-agent") };
}

export function failureOf(answer: Awaited<Outcome>, context: Context): Failure | undefined {
  switch (answer.kind) {
    case "in":
      return undefined;
    case "wrong":
      return { status: 401, key: "sign_in.wrong" };
    case "busy":
      return { status: 503, key: "sign_in.busy" };
    case "no_role":
      return { status: 403, key: "sign_in.no_role", values: { name: answer.name } };
    case "problem":
      return { status: 422, ...answer.problem };
    case "wait": {
      const seconds = Math.ceil(answer.ms / 1_000);
      context.header("retry-after", String(seconds));
      const { locale } = viewerOf(context);
      return { status: 429, key: "sign_in.wait", values: { time: shortDuration(seconds * 1_000, locale) } };
    }
  }
}

type Outcome = Answer | {
  readonly kind: "problem";
  readonly problem: { readonly key: TextKey; readonly values: TextValues };
};

export function sentenceOf({ key, values }: Failure, locale: Locale): string {
  return text(locale, key, values);
}

function backOf(given: unknown): string {
  const path = ownPath(given);
  return path.length > MAX_BACK || path.startsWith("/sign-in") ? "/" : path;
}
