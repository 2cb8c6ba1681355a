/** Actions that ask first: `GET` of their address asks, `POST` acts and tells what came of it. */
import type { Context, Hono } from "hono";
import { Toast } from "../../templates/parts.tsx";
import { Question } from "../../templates/question.tsx";
import type { Locale } from "../locale/locale.ts";
import type { WebParts } from "./app.ts";
import { answerPage, frameOf, isFragmentRequest } from "./document.tsx";
import { viewerOf } from "./viewer.ts";

export interface ActionQuestion {
  readonly title: string;
  /** What will happen, in a sentence. */
  readonly sentence: string;
  /** The word on the button that acts. */
  readonly confirm: string;
  /** Where to go without acting. */
  readonly back: string;
  /** Values that are shown with it, such as parameters. */
  readonly facts?: readonly { readonly name: string; readonly value: string }[];
}

/** What came of an action: a sentence, and where it can be seen. */
export interface ActionOutcome {
  readonly message: string;
  readonly address: string;
  readonly link: string;
}

export interface Action {
  readonly path: string;
  readonly ask: (context: Context, locale: Locale) => ActionQuestion;
  /** @param question marks what was asked: answered twice, it should act once */
  readonly act: (
    context: Context,
    locale: Locale,
    question: string,
  ) => ActionOutcome | Promise<ActionOutcome>;
}

export function serveAction(app: Hono, parts: WebParts, { path, ask, act }: Action): void {
  app.get(path, async (context) => {
    const frame = frameOf(context, parts);
    const { locale } = frame.viewer;
    const question = ask(context, locale);
    const content = (
      <Question
        locale={locale}
        action={context.req.path}
        question={question}
        mark={crypto.randomUUID()}
        inDialog={isFragmentRequest(context)}
      />
    );
    return await answerPage(context, frame, { title: question.title, content });
  });

  app.post(path, async (context) => {
    const { locale } = viewerOf(context);
    const form = await context.req.parseBody();
    const mark = typeof form.question === "string" ? form.question : crypto.randomUUID();
    const { message, address, link } = await act(context, locale, mark);
    if (!isFragmentRequest(context)) return context.redirect(address, 303);
    context.header("hx-trigger", "carillon:changed");
    return await context.html(<Toast message={message} address={address} link={link} />);
  });
}
