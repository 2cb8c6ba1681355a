// @ts-check
/// <reference lib="dom" />
/** What single keys do while nothing is typed into. */
import { isAsking } from "./dialog.js";

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("dialog"));

document.addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (!dialog.open) click("[data-kind=search]");
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || dialog.open || isAsking()) return;
  if (target.closest("input:not([type=checkbox]), select, textarea")) {
    if (event.key === "Escape") target.blur();
    return;
  }
  if (event.key === " " && target.matches("a[role=button]")) {
    event.preventDefault();
    target.click();
    return;
  }
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

/** @type {Record<string, () => void>} */
const KEYS = {
  "/": () => /** @type {HTMLElement | null} */ (document.querySelector("[data-search]"))?.focus(),
  j: () => move(1),
  k: () => move(-1),
  // Without a row that is chosen it is the page's own task, and nothing on a page of many.
  r: () => click("[data-kind=run]", currentRow() ?? document.querySelector("[data-page-run]")),
  x: () => click("input[type=checkbox]", currentRow()),
  "?": () => click("[data-kind=keys]"),
};

/**
 * @param {string} selector
 * @param {ParentNode | null} [within]
 */
function click(selector, within = document) {
  /** @type {HTMLElement | null | undefined} */ (within?.querySelector(selector))?.click();
}

function currentRow() {
  return document.activeElement?.closest("[data-row]") ?? null;
}

/** @param {number} step */
function move(step) {
  const rows = [...document.querySelectorAll("[data-row]:not([hidden])")].filter((row) =>
    row.checkVisibility()
  );
  const current = currentRow();
  const at = current ? rows.indexOf(current) : -1;
  const next = rows[at === -1 ? (step > 0 ? 0 : rows.length - 1) : at + step];
  const opens = next?.querySelector("[data-open]") ?? next?.querySelector("a");
  /** @type {HTMLElement | null | undefined} */ (opens)?.focus();
}
