// @ts-check
/// <reference lib="dom" />
/** Folders of a table fold; which ones are folded is remembered in this browser. */

const KEPT = "carillon.folded";

/** @returns {Set<string>} */
function folded() {
  try {
    return new Set(JSON.parse(localStorage.getItem(KEPT) ?? "[]"));
  } catch {
    // What somebody else has put there is no list of ours.
    return new Set();
  }
}

function show() {
  const names = folded();
  for (
    const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("button[data-folder]"))
  ) {
    const isFolded = names.has(button.dataset.folder ?? "");
    button.setAttribute("aria-expanded", String(!isFolded));
    button.closest("tbody, .tl-group")?.toggleAttribute("data-folded", isFolded);
  }
  document.dispatchEvent(new Event("carillon:folded"));
}

document.addEventListener("click", (event) => {
  const button =
    /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("button[data-folder]"));
  if (!button) return;
  const names = folded();
  const name = button.dataset.folder ?? "";
  if (!names.delete(name)) names.add(name);
  localStorage.setItem(KEPT, JSON.stringify([...names]));
  show();
});
document.addEventListener("htmx:after:swap", show);
if (folded().size > 0) show();
