/** Actions that ask first: `GET` of their address asks, `POST` acts and says what came of it. */
import type { Context, Hono } from "hono";
import type { Child } from "hono/jsx";
import { Toast } from "../../templates/components/dialog_parts.tsx";
import { Question, type QuestionView } from "../../templates/pages/confirmation.tsx";
import type { Locale } from "../model/locale.ts";
import type { WebContext } from "./context.ts";
import { addressOf, answerPage, frameOf, isFragmentRequest } from "./document.tsx";
import { viewerOf } from "./viewer.ts";

export type ActionQuestion = QuestionView;

/** What came of an action: a sentence, and where it can be seen; or something that is shown this once. */
export type ActionOutcome =
  | { readonly message: string; readonly address: string; readonly link: string }
  | { readonly title: string; readonly shown: Child };

export interface Action {
  readonly path: string;
  readonly ask: (context: Context, locale: Locale) => ActionQuestion | Promise<ActionQuestion>;
  /** @param question marks what was asked: answered twice, it should act once */
  readonly act: (
    context: Context,
    locale: Locale,
    question: string,
    form: FormData,
  ) => ActionOutcome | Promise<ActionOutcome>;
}

export function serveAction(app: Hono, web: WebContext, { path, ask, act }: Action): void {
  app.get(path, async (context) => {
    const frame = frameOf(context, web);
    const { locale } = frame.viewer;
    const question = await ask(context, locale);
    const content = (
      <Question
        locale={locale}
        action={addressOf(context.req.url)}
        question={question}
        mark={crypto.randomUUID()}
        inDialog={isFragmentRequest(context)}
      />
    );
    return await answerPage(context, frame, { title: question.title, content });
  });

  app.post(path, async (context) => {
    const { locale } = viewerOf(context);
    const form = await formOf(context);
    const given = form.get("question");
    const mark = typeof given === "string" ? given : crypto.randomUUID();
    const outcome = await act(context, locale, mark, form);
    if ("shown" in outcome) return await showOnce(context, web, outcome);
    const { message, address, link } = outcome;
    if (!isFragmentRequest(context)) return context.redirect(address, 303);
    context.header("hx-trigger", "carillon:changed");
    return await context.html(<Toast message={message} address={address} link={link} />);
  });
}

/** In the dialog that has asked, or as a page; nobody keeps it. */
async function showOnce(
  context: Context,
  web: WebContext,
  { title, shown }: { readonly title: string; readonly shown: Child },
): Promise<Response> {
  context.header("hx-retarget", "#dialog");
  context.header("hx-reswap", "innerHTML");
  const answer = await answerPage(context, frameOf(context, web), { title, content: shown });
  answer.headers.set("cache-control", "no-store");
  return answer;
}

/** The fields of a request; none where it has no body, as programs ask. */
async function formOf(context: Context): Promise<FormData> {
  const type = context.req.header("content-type") ?? "";
  return /^(?:multipart\/form-data|application\/x-www-form-urlencoded)\b/i.test(type)
    ? await context.req.formData()
    : new FormData();
}
