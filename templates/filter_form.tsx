/** Forms that narrow a list down: their values stand in the address, and the list follows while one types. */
import type { Child } from "hono/jsx";
import { type Locale, text } from "../app/locale/locale.ts";

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface FilterFormProps {
  /** Address of the page that shows the list. */
  readonly action: string;
  /** Address of the list alone, and what it replaces, where that is not the page's live part. */
  readonly live?: string;
  readonly target?: string;
  readonly locale: Locale;
  readonly label: string;
  readonly children: Child;
}

export function FilterForm(
  { action, live = action, target = "#live", locale, label, children }: FilterFormProps,
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
    >
      {children}
      <button type="submit" class="plain">{text(locale, "filter.apply")}</button>
    </form>
  );
}

export function SearchField({ value, label }: { value: string; label: string }) {
  return (
    <label>
      <span class="quiet">{label}</span>
      <input type="search" name="q" value={value} autocomplete="off" spellcheck={false} data-search />
    </label>
  );
}

/** A choice of which nothing may be chosen. */
export function ChoiceField(
  { name, value, label, choices }: {
    name: string;
    value: string;
    label: string;
    choices: readonly Choice[];
  },
) {
  return (
    <label>
      <span class="quiet">{label}</span>
      <select name={name}>
        <option value="">–</option>
        {choices.map((each) => (
          <option value={each.value} selected={each.value === value}>{each.label}</option>
        ))}
      </select>
    </label>
  );
}
