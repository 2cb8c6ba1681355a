/** Forms that narrow a list down: their values stand in the address, and the list follows while one types. */
import type { Child } from "hono/jsx";
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface FilterFormProps {
  /** Address of the page that shows the list. */
  readonly action: string;
  /** Address of the list alone, and what it replaces, where that is not the page's live part. */
  readonly live?: string | undefined;
  readonly target?: string | undefined;
  readonly locale: Locale;
  readonly label: string;
  /** True where the list's rows are narrowed down in the page, before the server has answered. */
  readonly narrows?: boolean | undefined;
  /** True for a form inside of what is refreshed: it is left as it is, with what is typed into it. */
  readonly inside?: boolean | undefined;
  readonly children: Child;
}

export function FilterForm(
  { action, live = action, target = "#live", locale, label, narrows, inside, children }: FilterFormProps,
) {
  return (
    <form
      id="filter"
      class="filter"
      role="search"
      aria-label={label}
      method="get"
      action={action}
      hx-get={live}
      hx-trigger="input delay:200ms, submit"
      hx-target={target}
      hx-swap="outerMorph"
      hx-sync="this:replace"
      data-narrow={narrows}
      hx-morph-skip={inside}
    >
      {children}
      <button type="submit" class="btn s apply">{text(locale, "filter.apply")}</button>
    </form>
  );
}

export function SearchField({ value, label }: { value: string; label: string }) {
  return (
    <input
      class="input s"
      type="search"
      name="q"
      value={value}
      placeholder={label}
      aria-label={label}
      autocomplete="off"
      spellcheck={false}
      data-search
    />
  );
}

/** A choice of which nothing may be chosen; what is asked for stands there, also where it is no choice any more. */
export function ChoiceField(
  { name, value, label, choices }: {
    name: string;
    value: string;
    label: string;
    choices: readonly Choice[];
  },
) {
  const isGone = value !== "" && !choices.some((each) => each.value === value);
  const offered = isGone ? [...choices, { value, label: value }] : choices;
  return (
    <label class="choice">
      <span>{label}</span>
      <select name={name} class="input s">
        <option value="">–</option>
        {offered.map((each) => (
          <option value={each.value} selected={each.value === value}>{each.label}</option>
        ))}
      </select>
    </label>
  );
}
