/** The fields of a run by hand that are no parameters, as they are asked and as they are read. */
import { AskedFields } from "../../templates/components/asked_fields.tsx";
import { duration } from "../locale/format.ts";
import { text } from "../locale/locale.ts";
import type { Locale } from "../model/locale.ts";
import type { Run } from "../model/run.ts";
import { type AskedRun, MAX_NOTE } from "../service/asked_run.ts";
import { Refusal } from "../service/refusal.ts";
import { givenWord } from "./form_words.ts";
import { REFUSAL_STATUS, RequestProblem } from "./request_problem.ts";
import type { Task } from "../task/task.ts";

export function askedFields(
  { id, description: { policies } }: Task,
  locale: Locale,
  before: AskedRun & { readonly problem?: string | undefined } = {},
) {
  const { approval, confirm } = policies;
  return (
    <AskedFields
      {...before}
      locale={locale}
      taskId={id}
      typed={confirm !== undefined}
      approval={approval && { role: approval.by, expires: duration(approval.expiresMs, locale) }}
      maxNote={MAX_NOTE}
    />
  );
}

/** What a form says besides its parameters. */
export function askedRun(form: FormData): AskedRun {
  return { note: givenWord(form, "note"), confirm: givenWord(form, "confirm") };
}

/** Why what a form asks for is not done, and the status of the form when it is shown again with what was typed. */
export interface RefusedForm {
  readonly status: 409 | 422;
  readonly problem: string;
}

/** @throws the error itself where another form would not help */
export function refusedForm(error: unknown, locale: Locale): RefusedForm {
  if (error instanceof Refusal && (error.kind === "invalid" || error.kind === "conflict")) {
    return { status: REFUSAL_STATUS[error.kind], problem: text(locale, error.key, error.values) };
  }
  if (error instanceof RequestProblem && (error.status === 409 || error.status === 422)) {
    return { status: error.status, problem: text(locale, error.key, error.values) };
  }
  throw error;
}

/** What is said of a run that was just asked for. */
export function startedKey({ status }: Run): "run.was_asked" | "run.was_started" {
  return status === "awaiting_approval" ? "run.was_asked" : "run.was_started";
}
