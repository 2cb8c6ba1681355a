/** Asks before something is done: in a dialog, or without a script on a page of its own. */
import type { Child } from "hono/jsx";
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import { DialogFoot, DialogProblem, DialogTitle, sentFromDialog } from "../components/dialog_parts.tsx";

/** What will be done, a line each, where it is more than one thing. */
export interface PlanLine {
  readonly label: string;
  readonly note: string;
  readonly address?: string | undefined;
}

export interface QuestionView {
  readonly title: string;
  readonly sentence: string;
  readonly confirm: string;
  readonly back: string;
  readonly facts?: readonly { readonly name: string; readonly value: string }[] | undefined;
  readonly plan?: readonly PlanLine[] | undefined;
  /** Values that stand in the form and are not seen. */
  readonly hidden?: readonly (readonly [string, string])[] | undefined;
  /** Asks for a note, with this label. */
  readonly note?: string | undefined;
  /** The note that was written before. */
  readonly typedNote?: string | undefined;
  /** Fields of its own, the first of which has the focus. */
  readonly fields?: Child | undefined;
  /** True for what takes something away. */
  readonly danger?: boolean | undefined;
  /** False where there is nothing to be done. */
  readonly possible?: boolean | undefined;
}

export interface QuestionProps {
  readonly locale: Locale;
  /** Address that acts. */
  readonly action: string;
  readonly question: QuestionView;
  /** Why nothing was done before. */
  readonly problem?: string | undefined;
  /** Marks this question: answered twice, it still acts once. */
  readonly mark: string;
  readonly inDialog: boolean;
}

export function Question({ locale, action, question, problem, mark, inDialog }: QuestionProps) {
  const {
    title,
    sentence,
    confirm,
    back,
    facts = [],
    plan = [],
    hidden = [],
    note,
    typedNote = "",
    fields,
    danger,
    possible = true,
  } = question;
  return (
    <form class="question" method="post" action={action} {...sentFromDialog(inDialog, action)}>
      <DialogTitle inDialog={inDialog} locale={locale}>{title}</DialogTitle>
      <div class="body">
        <p>{sentence}</p>
        {problem === undefined
          ? <DialogProblem />
          : <p class="problem" role="alert" tabindex={-1}>{problem}</p>}
        {plan.length === 0 ? null : (
          <ul class="plan">
            {plan.map((line) => (
              <li>
                {line.address === undefined
                  ? <span>{line.label}</span>
                  : <a href={line.address}>{line.label}</a>}
                <span class="quiet mono cut">{line.note}</span>
              </li>
            ))}
          </ul>
        )}
        {facts.length === 0 ? null : (
          <dl class="pairs">
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
        {possible ? fields : null}
        {note === undefined ? null : (
          <div class="field">
            <label for="note">{note}</label>
            <input
              id="note"
              class="input"
              name="note"
              value={typedNote}
              maxlength={200}
              autocomplete="off"
              autofocus
            />
          </div>
        )}
        <input type="hidden" name="question" value={mark} />
        {hidden.map(([name, value]) => <input type="hidden" name={name} value={value} />)}
      </div>
      {possible
        ? (
          <DialogFoot
            inDialog={inDialog}
            locale={locale}
            back={back}
            confirm={confirm}
            focus={note === undefined && fields === undefined}
            danger={danger ?? false}
          />
        )
        : (
          <footer>
            <p></p>
            {inDialog
              ? <button type="button" class="btn" data-close autofocus>{text(locale, "dialog.close")}</button>
              : <a class="btn" href={back}>{text(locale, "dialog.close")}</a>}
          </footer>
        )}
    </form>
  );
}
