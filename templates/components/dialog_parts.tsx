/** Heads and feet of dialogs; without a script the same stand on pages of their own. */
import type { Child } from "hono/jsx";
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import { Icon } from "./sign.tsx";

/** What a dialog is about; where it is a page of its own, it is the page's heading. */
export function DialogTitle(
  { inDialog, locale, children }: { inDialog: boolean; locale: Locale; children: Child },
) {
  return (
    <header>
      {inDialog ? <h2 id="dialog-title">{children}</h2> : <h1>{children}</h1>}
      {inDialog
        ? (
          <button class="icon s" type="button" data-close aria-label={text(locale, "dialog.dismiss")}>
            <Icon name="i-x" />
          </button>
        )
        : null}
    </header>
  );
}

/** Where a dialog says why something was not done. */
export function DialogProblem() {
  return <div id="dialog-problem" role="alert" tabindex={-1}></div>;
}

/**
 * How a form in the dialog is sent: what came of it is a toast, and a refusal stands in the dialog. Any other error is a
 * toast as well (`answers.js`), and so is one that does not come from Carillon.
 *
 * @param invalid where the answer to a form that is filled in wrong goes
 */
export function sentFromDialog(
  inDialog: boolean,
  action: string,
  invalid: "#dialog" | "#dialog-problem" = "#dialog-problem",
): Readonly<Record<string, string>> {
  if (!inDialog) return {};
  const inPlace = "target:#dialog-problem swap:innerHTML";
  return {
    "hx-post": action,
    "hx-target": "#toasts",
    "hx-swap": "beforeend",
    "hx-disable": "find .primary",
    "hx-status:422": `target:${invalid} swap:innerHTML`,
    "hx-status:403": inPlace,
    "hx-status:404": inPlace,
    "hx-status:409": inPlace,
    "hx-status:429": inPlace,
    "hx-status:500": inPlace,
    "hx-status:503": inPlace,
  };
}

/** The safe way out, and the button that acts. */
export function DialogFoot(
  { inDialog, locale, back, confirm, note, focus = false, danger = false }: {
    inDialog: boolean;
    locale: Locale;
    /** Address to go to without acting, where there is no dialog to close. */
    back: string;
    confirm: string;
    /** What will follow, in small. */
    note?: Child;
    focus?: boolean;
    danger?: boolean;
  },
) {
  return (
    <footer>
      <p>{note}</p>
      {inDialog
        ? <button type="button" class="btn" data-close>{text(locale, "dialog.close")}</button>
        : <a class="btn" href={back}>{text(locale, "dialog.close")}</a>}
      <button type="submit" class={danger ? "btn danger primary" : "btn main primary"} autofocus={focus}>
        {confirm}
      </button>
    </footer>
  );
}

/** A word on what has happened, with a link to where it can be seen. */
export function Toast({ message, address, link }: { message: string; address: string; link: string }) {
  return (
    <p class="toast">
      <span>{message}</span> <a href={address}>{link}</a>
    </p>
  );
}
