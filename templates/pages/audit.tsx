/** Who did what, the newest first, with a filter and the whole of it as NDJSON. */
import { isTextKey, text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import type { AuditOutcome } from "../../app/model/audit.ts";
import { Moment } from "../components/basics.tsx";
import { type Choice, ChoiceField, FilterForm, SearchField } from "../components/filter_form.tsx";
import { Sign, type SignName } from "../components/sign.tsx";
import type { ViewerView } from "../views.ts";

export interface AuditEntryView {
  readonly n: number;
  readonly at: number;
  readonly action: string;
  readonly outcome: AuditOutcome;
  readonly who: string;
  /** By what and from where, in words. */
  readonly way: string;
  readonly target?: { readonly words: string; readonly address?: string | undefined } | undefined;
  readonly message?: string | undefined;
  /** As JSON. */
  readonly params?: string | undefined;
  readonly hash: string;
}

export interface AuditPageProps {
  readonly viewer: ViewerView;
  readonly entries: readonly AuditEntryView[];
  readonly address: string;
  readonly exportAddress: string;
  readonly older?: string | undefined;
  readonly newest?: string | undefined;
  readonly trouble?: string | undefined;
  readonly form: {
    readonly q: string;
    readonly who: string;
    readonly target: string;
    readonly action: string;
    readonly outcome: string;
    readonly from: string;
    readonly to: string;
    readonly actions: readonly Choice[];
    readonly outcomes: readonly Choice[];
  };
}

const SIGNS: Readonly<Record<AuditOutcome, { readonly sign: SignName; readonly tone: string }>> = {
  done: { sign: "s-ok", tone: "ok" },
  refused: { sign: "s-skip", tone: "warn" },
  failed: { sign: "s-bad", tone: "bad" },
};

export function AuditPage(props: AuditPageProps) {
  const { viewer, entries, exportAddress, older, newest, trouble } = props;
  const { locale } = viewer;
  return (
    <div id="live">
      <div class="bar head">
        <h1 class="grow">{text(locale, "page.audit")}</h1>
        <a class="btn s" href={exportAddress} download>{text(locale, "audit.export")}</a>
      </div>
      {trouble === undefined ? null : <p class="alarm">{trouble}</p>}
      <AuditFilter {...props} />
      {entries.length === 0
        ? <p class="quiet pad">{text(locale, "audit.none")}</p>
        : (
          <ol class="audit sheet" aria-label={text(locale, "page.audit")}>
            {entries.map((entry) => <Entry entry={entry} viewer={viewer} />)}
          </ol>
        )}
      <p class="pages">
        {newest === undefined ? <span></span> : <a href={newest}>{text(locale, "runs.newest")}</a>}{" "}
        {older === undefined ? null : <a href={older}>{text(locale, "audit.older")}</a>}
      </p>
    </div>
  );
}

function AuditFilter({ viewer: { locale }, form }: AuditPageProps) {
  const field = (name: "who" | "target" | "from" | "to", type: "text" | "date") => (
    <label class="choice">
      <span>{text(locale, `audit.${name}`)}</span>
      <input
        class="input s"
        type={type}
        name={name}
        value={form[name]}
        autocomplete="off"
        spellcheck={false}
      />
    </label>
  );
  return (
    <FilterForm action="/audit" locale={locale} label={text(locale, "audit.filter")} inside>
      <SearchField value={form.q} label={text(locale, "audit.search")} />
      <ChoiceField
        name="action"
        value={form.action}
        label={text(locale, "audit.action")}
        choices={form.actions}
      />
      <ChoiceField
        name="outcome"
        value={form.outcome}
        label={text(locale, "audit.outcome")}
        choices={form.outcomes}
      />
      {field("who", "text")}
      {field("target", "text")}
      {field("from", "date")}
      {field("to", "date")}
    </FilterForm>
  );
}

function Entry({ entry, viewer }: { entry: AuditEntryView; viewer: ViewerView }) {
  const { locale } = viewer;
  const { n, at, action, outcome, who, way, target, message, params, hash } = entry;
  const { sign, tone } = SIGNS[outcome];
  return (
    <li id={`line-${n}`}>
      <div class="facts">
        <Moment at={at} timezone={viewer.zone} viewer={viewer} />
        <span class={`state ${tone}`}>
          <Sign name={sign} /> {text(locale, `audit.outcome.${outcome}`)}
        </span>
        <b>{actionText(action, locale)}</b>
        {target === undefined
          ? null
          : target.address === undefined
          ? <span class="mono">{target.words}</span>
          : <a class="mono" href={target.address}>{target.words}</a>}
        <span>{who}</span>
        <span class="quiet">{way}</span>
      </div>
      {message === undefined ? null : <p class="preserve">{message}</p>}
      <details>
        <summary class="quiet">{text(locale, "audit.line", { n })}</summary>
        {params === undefined ? null : <pre tabindex={0}>{params}</pre>}
        <p class="quiet small">
          <code>{action}</code> <code>{hash}</code>
        </p>
      </details>
    </li>
  );
}

/** What was done, in words where there are some. */
export function actionText(action: string, locale: Locale): string {
  const key = `audit.action.${action}`;
  return isTextKey(key) ? text(locale, key) : action;
}
