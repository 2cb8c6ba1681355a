/** A backfill before it is started: its range, and what it would do. */
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import type { ParamProblem } from "../../app/model/order.ts";
import type { ParamDescription } from "../../app/task/description.ts";
import { ConfirmField } from "../components/asked_fields.tsx";
import { type Crumb, Crumbs } from "../components/crumbs.tsx";
import { ParamField } from "./run_form.tsx";

export interface BackfillPreviewView {
  readonly total: number;
  readonly atOnce: number;
  /** Instants that get no run. */
  readonly closed: number;
  /** How long it will take, as the end of a sentence. */
  readonly about: string;
  /** The first and the last instants, on the task's wall clock, and how many there are between. */
  readonly first: readonly string[];
  readonly between: number;
  readonly last: readonly string[];
}

export interface BackfillFormProps {
  readonly locale: Locale;
  readonly title: string;
  readonly crumbs: readonly Crumb[];
  /** Address of the form; `here` with what it holds already. */
  readonly action: string;
  readonly here: string;
  readonly zone: string;
  readonly from: string;
  readonly to: string;
  readonly atOnce: string;
  readonly fields: readonly ParamDescription[];
  readonly values: Readonly<Record<string, string>>;
  readonly problems: readonly ParamProblem[];
  readonly prefix: string;
  readonly taskId: string;
  /** True where the task's id has to be typed. */
  readonly typed: boolean;
  /** What was typed there before. */
  readonly confirm?: string | undefined;
  /** Why the backfill was not started. */
  readonly refused?: string | undefined;
  /** False where no backfill of the task can be started at all. */
  readonly possible: boolean;
  readonly preview?: BackfillPreviewView | undefined;
  /** Why the range cannot be taken. */
  readonly refusal?: string | undefined;
}

export function BackfillForm(props: BackfillFormProps) {
  const { locale, title, crumbs, action, zone, from, to, atOnce, refusal, preview } = props;
  return (
    <div class="narrow">
      <Crumbs crumbs={crumbs} locale={locale} />
      <h1>{text(locale, "backfill.title", { task: title })}</h1>
      <p class="lead">{text(locale, "backfill.lead")}</p>
      <form class="backfill" method="get" action={action}>
        <div class="field">
          <label for="from">{text(locale, "window.from")}</label>
          <input id="from" class="input" type="datetime-local" name="from" value={from} required />
        </div>
        <div class="field">
          <label for="to">{text(locale, "window.to")}</label>
          <input id="to" class="input" type="datetime-local" name="to" value={to} required />
        </div>
        <div class="field">
          <label for="at_once">{text(locale, "backfill.at_once")}</label>
          <input id="at_once" class="input" type="number" name="at_once" min="1" max="100" value={atOnce} />
        </div>
        <button type="submit" class="btn">{text(locale, "backfill.preview")}</button>
      </form>
      <p class="quiet small">{text(locale, "backfill.zone", { zone })}</p>
      {refusal === undefined ? null : <p class="problem" role="alert">{refusal}</p>}
      {preview === undefined ? null : <Preview {...props} preview={preview} />}
    </div>
  );
}

function Preview(props: BackfillFormProps & { readonly preview: BackfillPreviewView }) {
  const {
    locale,
    here,
    fields,
    values,
    problems,
    prefix,
    preview,
    taskId,
    typed,
    confirm,
    refused,
    possible,
  } = props;
  const { total, atOnce, closed, about, first, between, last } = preview;
  const known = fields.map(({ name }) => name);
  return (
    <form class="question" method="post" action={here}>
      <h2 class="sub" role="status">
        {text(locale, "backfill.n_runs", { n: total, at_once: atOnce, about })}
      </h2>
      <ol class="times-list mono">
        {first.map((each) => <li>{each}</li>)}
        {between === 0 ? null : <li class="quiet">{text(locale, "backfill.more", { n: between })}</li>}
        {last.map((each) => <li>{each}</li>)}
      </ol>
      {closed === 0 ? null : <p class="quiet">{text(locale, "backfill.closed", { n: closed })}</p>}
      {refused === undefined ? null : <p class="problem" role="alert">{refused}</p>}
      {problems.filter(({ name }) => !known.includes(name)).map(({ name, message }) => (
        <p class="problem" role="alert">{name === "" ? message : `${name}: ${message}`}</p>
      ))}
      {fields.map((field) => (
        <ParamField field={field} values={values} problems={problems} prefix={prefix} locale={locale} />
      ))}
      {typed ? <ConfirmField locale={locale} taskId={taskId} confirm={confirm} /> : null}
      <footer>
        <p></p>
        {possible
          ? (
            <button type="submit" class="btn main primary">
              {text(locale, "backfill.start", { n: total })}
            </button>
          )
          : null}
      </footer>
    </form>
  );
}
