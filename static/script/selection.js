// @ts-check
/// <reference lib="dom" />
/** Rows that are ticked, and the bar that acts on them: it says how many they are, and only those that are shown count. */

const NAME = "input[name=task], input[name=run]";

/** @returns {HTMLInputElement[]} */
function boxes() {
  const all =
    /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll(`.table tbody :is(${NAME})`));
  return [...all].filter((box) => box.checkVisibility());
}

function show() {
  const bar = document.getElementById("selected");
  if (!bar) return;
  // Whether something is seen is only asked where it matters: the browser has to lay out the page for an answer.
  const isAny = document.querySelector(`.table tbody :is(${NAME}):checked`) !== null;
  const shown = isAny ? boxes() : [];
  const ticked = shown.filter((box) => box.checked);
  bar.classList.toggle("on", ticked.length > 0);
  const count = bar.querySelector("[data-count]");
  if (count) count.textContent = String(ticked.length);
  const all = /** @type {HTMLInputElement | null} */ (document.querySelector("[data-all]"));
  if (!all) return;
  all.checked = ticked.length > 0 && ticked.length === shown.length;
  all.indeterminate = ticked.length > 0 && ticked.length < shown.length;
}

let last = /** @type {HTMLInputElement | null} */ (null);
document.addEventListener("click", (event) => {
  const box = /** @type {HTMLInputElement | null} */ (/** @type {Element} */ (event.target).closest(
    "input[type=checkbox]",
  ));
  if (box?.matches("[data-all]")) { for (const each of boxes()) each.checked = box.checked; }
  else if (box?.matches(NAME)) {
    // With Shift it is everything between this one and the one before.
    const all = boxes();
    const from = Math.min(last ? all.indexOf(last) : -1, all.indexOf(box));
    const to = Math.max(last ? all.indexOf(last) : -1, all.indexOf(box));
    if (event.shiftKey && from >= 0) {
      for (const each of all.slice(from, to + 1)) each.checked = box.checked;
    }
    last = box;
  } else if (/** @type {Element} */ (event.target).closest("[data-clear]")) {
    for (const each of boxes()) each.checked = false;
  } else return;
  show();
});
document.addEventListener("htmx:after:swap", show);
document.addEventListener("carillon:narrowed", show);
show();
