// @ts-check
/// <reference lib="dom" />
/** Copies the text of a part of the page, with the page's address where that is wanted. */
import { toast } from "./toasts.js";

document.addEventListener("click", (event) => {
  const button =
    /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-copy]"));
  if (button) void copy(button);
});

/** @param {HTMLElement} button */
async function copy(button) {
  const source = document.querySelector(button.dataset.copy ?? "");
  if (!source) return;
  const address = button.dataset.address;
  const words = (source.textContent ?? "") +
    (address === undefined ? "" : `\n${new URL(address, location.href)}`);
  if (navigator.clipboard) await navigator.clipboard.writeText(words);
  else copySelected(words);
  toast(button.dataset.copied ?? "");
}

/**
 * Without TLS browsers have no clipboard for scripts, but they copy what is selected.
 *
 * @param {string} words
 */
function copySelected(words) {
  const field = document.createElement("textarea");
  field.value = words;
  field.className = "sr";
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

// One button that stands for several, such as "test all".
document.addEventListener("click", (event) => {
  const button =
    /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-click]"));
  if (!button) return;
  for (const each of document.querySelectorAll(button.dataset.click ?? "")) {
    /** @type {HTMLElement} */ (each).click();
  }
});
