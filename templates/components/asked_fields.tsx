/** What a run by hand is asked besides its parameters: why, the task's id where it has to be typed, and who has to agree. */
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";

export interface AskedFieldsProps {
  readonly locale: Locale;
  readonly taskId: string;
  /** True where the task's id has to be typed. */
  readonly typed: boolean;
  /** Whose word it needs, and for how long it waits for it, in words. */
  readonly approval?: { readonly role: string; readonly expires: string } | undefined;
  /** What was written before. */
  readonly note?: string | undefined;
  readonly confirm?: string | undefined;
  /** What is wrong with it. */
  readonly problem?: string | undefined;
  readonly maxNote: number;
}

export function AskedFields(props: AskedFieldsProps) {
  const { locale, taskId, typed, approval, note = "", confirm = "", problem, maxNote } = props;
  return (
    <>
      {problem === undefined ? null : <p class="problem" role="alert" tabindex={-1}>{problem}</p>}
      {approval === undefined ? null : <p>{text(locale, "approval.will_wait", approval)}</p>}
      <div class="field">
        <label for="asked-note">
          {text(locale, "run.note")} <span class="quiet">{text(locale, "run.optional")}</span>
        </label>
        <textarea id="asked-note" class="input" name="note" rows={2} maxlength={maxNote}>{note}</textarea>
      </div>
      {typed ? <ConfirmField locale={locale} taskId={taskId} confirm={confirm} /> : null}
    </>
  );
}

/** Where the task's id is typed, for tasks that ask for it. */
export function ConfirmField(
  { locale, taskId, confirm = "" }: Pick<AskedFieldsProps, "locale" | "taskId" | "confirm">,
) {
  return (
    <div class="field">
      <label for="asked-confirm">
        {text(locale, "confirm.type")} <code>{taskId}</code>
      </label>
      <input
        id="asked-confirm"
        class="input mono"
        name="confirm"
        value={confirm}
        required
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
      />
    </div>
  );
}
