/** Actions that ask first: `GET` of their address asks, `POST` acts and says what came of it. */
import type { Context, Hono } from "hono";
import type { Child } from "hono/jsx";
import { Toast } from "../../templates/components/dialog_parts.tsx";
import { Question, type QuestionView } from "../../templates/pages/confirmation.tsx";
import type { Locale } from "../model/locale.ts";
import { type RefusedForm, refusedForm } from "./asked_form.tsx";
import type { WebContext } from "./context.ts";
import { addressOf, answerPage, frameOf, isFragmentRequest } from "./document.tsx";
import { givenWord } from "./form_words.ts";
import { viewerOf } from "./viewer.ts";

export type ActionQuestion = QuestionView;

/** What came of an action: a sentence, and where it can be seen; or something that is shown this once. */
export type ActionOutcome =
  | { readonly message: string; readonly address: string; readonly link: string }
  | { readonly title: string; readonly shown: Child };

export interface Action {
  readonly path: string;
  /** @param typed what the form held that was refused, where it is shown again */
  readonly ask: (
    context: Context,
    locale: Locale,
    typed?: FormData,
  ) => ActionQuestion | Promise<ActionQuestion>;
  /** @param question marks what was asked: answered twice, it should act once */
  readonly act: (
    context: Context,
    locale: Locale,
    question: string,
    form: FormData,
  ) => ActionOutcome | Promise<ActionOutcome>;
}

export function serveAction(app: Hono, web: WebContext, { path, ask, act }: Action): void {
  app.get(path, (context) => show(context));

  app.post(path, async (context) => {
    const { locale } = viewerOf(context);
    const form = await formOf(context);
    const mark = givenWord(form, "question") ?? crypto.randomUUID();
    let outcome: ActionOutcome;
    try {
      outcome = await act(context, locale, mark, form);
    } catch (error) {
      // A dialog has its form still: the sentence alone goes into it.
      if (isFragmentRequest(context)) throw error;
      return await show(context, { form, ...refusedForm(error, locale) });
    }
    if ("shown" in outcome) return await showOnce(context, web, outcome);
    const { message, address, link } = outcome;
    if (!isFragmentRequest(context)) return context.redirect(address, 303);
    context.header("hx-trigger", "carillon:changed");
    return await context.html(<Toast message={message} address={address} link={link} />);
  });

  /** @param refused the form that was sent before, and why nothing came of it */
  async function show(
    context: Context,
    refused?: RefusedForm & { readonly form: FormData },
  ): Promise<Response> {
    const frame = frameOf(context, web);
    const { locale } = frame.viewer;
    const question = await ask(context, locale, refused?.form);
    const content = (
      <Question
        locale={locale}
        action={addressOf(context.req.url)}
        question={refused ? typedInto(question, refused.form) : question}
        problem={refused?.problem}
        mark={crypto.randomUUID()}
        inDialog={isFragmentRequest(context)}
      />
    );
    return await answerPage(context, frame, { status: refused?.status, title: question.title, content });
  }
}

/** The question with what stood in its form: it goes on being about what it was about. */
function typedInto(question: ActionQuestion, form: FormData): ActionQuestion {
  return {
    ...question,
    hidden: question.hidden?.map(([name, value]) => [name, givenWord(form, name) ?? value] as const),
    typedNote: givenWord(form, "note") ?? "",
  };
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
