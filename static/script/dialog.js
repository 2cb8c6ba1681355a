// @ts-check
/// <reference lib="dom" />
/// <reference path="./htmx.d.ts" />
/** The one dialog: opened by an answer that is put into it, and closed so that nothing that was typed is lost by accident. */
import { detailOf } from "./refresh.js";
import { raise, toast } from "./toasts.js";

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("dialog"));
/** What had the focus when the dialog was opened. */
let opener = /** @type {Element | null} */ (null);
/** True where the form was refused and is shown again: what was typed before is what it was given now. */
let isRefused = false;

/* The last question counts */

/** The request for the question that was asked last, until it is answered. */
let asked = /** @type {HtmxRequest | undefined} */ (undefined);
const questions = /** @type {WeakSet<HtmxRequest>} */ (new WeakSet());
const fromDialog = /** @type {WeakSet<HtmxRequest>} */ (new WeakSet());

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = requestOf(event);
  // All that ask stand in one line, where the last takes the place of those before it.
  if (ctx.target === dialog) ctx.sourceElement.setAttribute("hx-sync", "#dialog:replace");
});

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = requestOf(event);
  if (dialog.contains(ctx.sourceElement)) fromDialog.add(ctx);
  if (ctx.target !== dialog) return;
  asked = ctx;
  questions.add(ctx);
});

document.addEventListener("htmx:finally:request", (event) => {
  if (requestOf(event).ctx === asked) asked = undefined;
});

/** True while the dialog is about to open: what is typed now is meant for it. */
export function isAsking() {
  return asked !== undefined;
}

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = requestOf(event);
  if (!tasks.some(({ target }) => !target || dialog.contains(target))) return;
  if (isAwaited(ctx)) {
    if (tasks.some(({ target }) => target === dialog)) isRefused = isRefusal(ctx);
    return;
  }
  event.preventDefault();
  // What was refused did not happen: whoever has gone on since is told so.
  if (!questions.has(ctx)) tellRefusal(tasks);
});

/** @param {HtmxRequest} ctx */
function isRefusal({ response }) {
  return (response?.status ?? 0) >= 400;
}

/** @param {HtmxRequest} ctx */
function isAwaited(ctx) {
  const isQuestion = questions.has(ctx);
  if (isQuestion && ctx !== asked) return false;
  // What was done may be shown this once only, such as a token.
  if (!isQuestion && !isRefusal(ctx)) return true;
  return !fromDialog.has(ctx) || (dialog.open && ctx.sourceElement.isConnected);
}

/** @param {HtmxTask[]} tasks */
function tellRefusal(tasks) {
  const told = tasks.flatMap((
    { fragment },
  ) => [...fragment.querySelectorAll("h1, h2, .problem, .alarm > p")]);
  toast(told.map((each) => each.textContent?.trim()).join(" "), { bad: true });
}

/**
 * @param {Event} event
 * @returns {HtmxDetail}
 */
function requestOf(event) {
  return /** @type {CustomEvent<HtmxDetail>} */ (event).detail;
}

/* It opens and closes */

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

document.addEventListener("carillon:changed", (event) => {
  // What was sent from a form that is gone changes nothing about the one that is filled in now.
  if (dialog.contains(/** @type {Node} */ (event.target))) dialog.close();
});

dialog.addEventListener("close", () => {
  // It is told of a moment later: it may have been opened again since.
  if (dialog.open) return;
  dialog.replaceChildren();
  // What is gone, or is not seen any more, cannot have it back: whoever goes on by keyboard does so in the page.
  const isThere = opener instanceof HTMLElement && opener.checkVisibility();
  const next = isThere ? /** @type {HTMLElement} */ (opener) : document.getElementById("main");
  next?.focus({ preventScroll: true });
});

/** True where a field holds something else than the question came with. */
function isTyped() {
  const fields = [...dialog.querySelectorAll("input:not([type=hidden], [type=search]), textarea, select")];
  return fields.length > 0 && isRefused || fields.some((field) => {
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
document.addEventListener("keydown", (event) => {
  // Browsers let a second Escape through whatever `cancel` says. While a form takes another's place, neither has the focus.
  if (event.key === "Escape" && dialog.open && isTyped()) event.preventDefault();
});
