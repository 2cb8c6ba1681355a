/** Buttons that ask before something is done; without a script each leads to a page that asks. */
import type { Child } from "hono/jsx";
import { text } from "../../app/locale/locale.ts";
import type { ViewerView } from "../views.ts";

/** Opens the question whether to run; nothing for whoever may not. */
export function RunButton(
  { id, title, viewer: { locale, may }, look = "btn s quiet-btn" }: {
    id: string;
    title: string;
    viewer: ViewerView;
    look?: string;
  },
) {
  if (!may("run", id)) return null;
  return (
    <AskButton
      address={`/tasks/${encodeURIComponent(id)}/run`}
      label={text(locale, "run.button")}
      name={text(locale, "run.button_of", { task: title })}
      kind="run"
      look={look}
    />
  );
}

export interface AskButtonProps {
  readonly address: string;
  readonly label: Child;
  /** For those who hear it, where the label alone does not tell. */
  readonly name?: string | undefined;
  readonly look?: string | undefined;
  /** What the keyboard finds it by. */
  readonly kind?: string | undefined;
}

/** Opens the question of an action in the page's dialog. */
export function AskButton({ address, label, name, look = "btn", kind }: AskButtonProps) {
  return (
    <a
      role="button"
      class={look}
      href={address}
      hx-get={address}
      hx-target="#dialog"
      aria-label={name}
      data-kind={kind}
    >
      {label}
    </a>
  );
}
