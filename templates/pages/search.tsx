/** A search over everything: tasks, runs, errors, and what can be done; in a dialog, or without a script on a page. */
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import { DialogTitle } from "../components/dialog_parts.tsx";
import { Icon, Sign } from "../components/sign.tsx";
import type { SignName } from "../components/sign.tsx";

export interface FoundView {
  readonly kind: "task" | "run" | "error" | "page" | "action";
  readonly label: string;
  readonly note: string;
  readonly address: string;
  readonly sign?: SignName | undefined;
  readonly tone?: string | undefined;
}

export interface SearchProps {
  readonly locale: Locale;
  /** As it was typed. */
  readonly q: string;
  readonly found: readonly FoundView[];
  readonly inDialog: boolean;
}

export function SearchPage({ locale, q, found, inDialog }: SearchProps) {
  return (
    <form class="question jump" method="get" action="/search" role="search">
      <DialogTitle inDialog={inDialog} locale={locale}>{text(locale, "search.title")}</DialogTitle>
      <div class="body">
        <label class="search-field">
          <Icon name="i-search" />
          <span class="sr">{text(locale, "search.open")}</span>
          <input
            class="input"
            type="search"
            name="q"
            value={q}
            autocomplete="off"
            spellcheck={false}
            autofocus
            data-jump
            hx-get="/search?found"
            hx-trigger="input delay:120ms"
            hx-target="#found"
            hx-swap="outerHTML"
            hx-sync="this:replace"
          />
        </label>
        <Found locale={locale} q={q} found={found} />
      </div>
    </form>
  );
}

/** It says what it was found for: the script goes nowhere by a list for another text. */
export function Found({ locale, q, found }: Pick<SearchProps, "locale" | "q" | "found">) {
  return (
    <ul id="found" class="found" data-for={q}>
      {found.length === 0 ? <li class="quiet">{text(locale, "search.nothing")}</li> : null}
      {found.map(({ kind, label, note, address, sign, tone }) => (
        <li>
          <a href={address}>
            {sign === undefined ? <span class="sign"></span> : <Sign name={sign} tone={tone ?? ""} />}
            <span class="cut">{label}</span>
            <span class="quiet small cut">{note}</span>
            <span class="quiet small kind">{text(locale, `search.${kind}`)}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}
