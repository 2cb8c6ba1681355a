/** Asks before something is done: in a dialog, or without a script on a page of its own. */
import { type Locale, text } from "../app/locale/locale.ts";
import { DialogTitle } from "./parts.tsx";

export interface QuestionProps {
  readonly locale: Locale;
  /** Address that acts. */
  readonly action: string;
  readonly question: {
    readonly title: string;
    readonly sentence: string;
    readonly confirm: string;
    readonly back: string;
    readonly facts?: readonly { readonly name: string; readonly value: string }[];
  };
  /** Marks this question: answered twice, it still acts once. */
  readonly mark: string;
  readonly inDialog: boolean;
}

export function Question({ locale, action, question, mark, inDialog }: QuestionProps) {
  const { title, sentence, confirm, back, facts = [] } = question;
  const live = inDialog
    ? { "hx-post": action, "hx-target": "#toasts", "hx-swap": "beforeend", "hx-disable": "find .primary" }
    : {};
  return (
    <form class="question" method="post" action={action} {...live}>
      <DialogTitle inDialog={inDialog}>{title}</DialogTitle>
      <p>{sentence}</p>
      {facts.length === 0 ? null : (
        <dl class="facts">
          {facts.map(({ name, value }) => (
            <>
              <dt>
                <code>{name}</code>
              </dt>
              <dd class="preserve">{value}</dd>
            </>
          ))}
        </dl>
      )}
      <input type="hidden" name="question" value={mark} />
      <div class="buttons">
        {inDialog
          ? <button type="button" class="plain" data-close>{text(locale, "question.no")}</button>
          : <a class="button plain" href={back}>{text(locale, "question.no")}</a>}
        <button type="submit" class="primary" autofocus>{confirm}</button>
      </div>
    </form>
  );
}
