// @ts-check
/// <reference lib="dom" />
/** Narrows a list while one types, before the server has answered: rows that do not match are hidden at once. */

document.addEventListener("input", (event) => {
  const field = /** @type {HTMLInputElement} */ (event.target);
  const wanted = field.closest("[data-narrow]") && field.matches("[data-search]") ? field.value : undefined;
  if (wanted !== undefined) narrow(wanted.trim().toLowerCase());
});

/** @param {string} wanted */
function narrow(wanted) {
  for (const row of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-find]"))) {
    const hides = wanted !== "" && !(row.dataset.find ?? "").includes(wanted);
    if (row.hidden !== hides) row.hidden = hides;
  }
  document.dispatchEvent(new Event("carillon:narrowed"));
}
