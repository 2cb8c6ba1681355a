// @ts-check
/// <reference lib="dom" />
/** The one dialog: opened by an answer that is put into it, and closed so that nothing that was typed is lost by accident. */
import { detailOf } from "./refresh.js";
import { raise } from "./toasts.js";

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("dialog"));
/** What had the focus when the dialog was opened, by its id or how to find it again. */
let opener = /** @type {Element | null} */ (null);

document.addEventListener("htmx:after:swap", (event) => {
  // Only an answer that was meant for it: another one may come while it is about to close.
  const { ctx } = detailOf(event);
  if (event.target !== dialog && ctx?.target !== dialog) return;
  if (dialog.childElementCount === 0) return;
  if (!dialog.open) {
    opener = document.activeElement;
    dialog.showModal();
    raise();
  }
  // A refused form is shown again: the first field that is wrong is where one goes on.
  const wrong =
    /** @type {HTMLElement | null} */ (dialog.querySelector("[aria-invalid=true], [role=alert][tabindex]"));
  if (wrong) wrong.focus();
  else if (!dialog.contains(document.activeElement) || document.activeElement === dialog) {
    /** @type {HTMLElement | null} */ (dialog.querySelector(
      "[autofocus], input:not([type=hidden]), select, textarea, button",
    ))?.focus();
  }
});

document.addEventListener("carillon:changed", () => dialog.close());

dialog.addEventListener("close", () => {
  // It is told of a moment later: it may have been opened again since.
  if (dialog.open) return;
  dialog.replaceChildren();
  if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
});

/** True where a field holds something else than it was given. */
function isTyped() {
  const fields = [...dialog.querySelectorAll("input:not([type=hidden], [type=search]), textarea, select")];
  return fields.some((field) => {
    if (field instanceof HTMLSelectElement) {
      const given = [...field.options].findIndex((each) => each.defaultSelected);
      return field.selectedIndex !== Math.max(0, given);
    }
    const { type, checked, defaultChecked, value, defaultValue } = /** @type {HTMLInputElement} */ (field);
    return type === "checkbox" ? checked !== defaultChecked : value !== defaultValue;
  });
}

let pressedOutside = false;
dialog.addEventListener("pointerdown", (event) => {
  pressedOutside = event.target === dialog;
});
dialog.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  // Selecting text and letting go outside is no click outside.
  if (target.closest("[data-close]") || (target === dialog && pressedOutside && !isTyped())) dialog.close();
});
dialog.addEventListener("cancel", (event) => {
  if (event.target === dialog && isTyped()) event.preventDefault();
});
dialog.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  // Browsers let a second Escape through whatever `cancel` says.
  if (isTyped()) event.preventDefault();
});
