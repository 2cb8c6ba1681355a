// @ts-check
/// <reference lib="dom" />
/** Narrows a list while one types, before the server has answered: rows that do not match are hidden at once. */
import { detailOf } from "./refresh.js";

document.addEventListener("input", (event) => {
  const field = /** @type {HTMLInputElement} */ (event.target);
  const wanted = field.closest("[data-narrow]") && field.matches("[data-search]") ? field.value : undefined;
  if (wanted !== undefined) narrow(wanted.trim().toLowerCase());
});

document.addEventListener("htmx:after:swap", (event) => {
  const field =
    /** @type {HTMLInputElement | null} */ (document.querySelector("[data-narrow] [data-search]"));
  const { action } = detailOf(event).ctx?.request ?? {};
  if (!field || action === undefined || !document.querySelector("[data-find][hidden]")) return;
  const { pathname, searchParams } = new URL(action, location.href);
  // The server finds a row by more than stands in it here, such as its description: all that it brings is shown.
  const isAnswer = pathname === field.form?.getAttribute("hx-get") &&
    (searchParams.get("q") ?? "").trim() === field.value.trim();
  if (isAnswer) narrow("");
});

/** @param {string} wanted */
function narrow(wanted) {
  for (const row of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-find]"))) {
    const hides = wanted !== "" && !(row.dataset.find ?? "").includes(wanted);
    if (row.hidden !== hides) row.hidden = hides;
  }
  document.dispatchEvent(new Event("carillon:narrowed"));
}
