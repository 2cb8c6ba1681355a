// @ts-check
/// <reference lib="dom" />
/// <reference path="./htmx.d.ts" />
/** Rows that are ticked, and the bar that acts on them: it says how many they are, and acts on those that it counts, which are those that are shown. */

const NAME = "input[name=task], input[name=run]";

/** @returns {HTMLInputElement[]} */
function boxes() {
  const all =
    /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll(`.table tbody :is(${NAME})`));
  return [...all].filter((box) => box.checkVisibility());
}

function ticked() {
  // Whether something is seen is only asked where it matters: the browser has to lay out the page for an answer.
  const isAny = document.querySelector(`.table tbody :is(${NAME}):checked`) !== null;
  return isAny ? boxes().filter((box) => box.checked) : [];
}

function show() {
  const bar = document.getElementById("selected");
  if (!bar) return;
  const n = ticked().length;
  bar.classList.toggle("on", n > 0);
  const count = bar.querySelector("[data-count]");
  if (count) count.textContent = String(n);
  const all = /** @type {HTMLInputElement | null} */ (document.querySelector("[data-all]"));
  if (!all) return;
  const isAll = n > 0 && n === boxes().length;
  all.checked = isAll;
  all.indeterminate = n > 0 && !isAll;
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
document.addEventListener("htmx:config:request", (event) => {
  const { sourceElement, request: { body } } = /** @type {CustomEvent<HtmxDetail>} */ (event).detail.ctx;
  if (!sourceElement.closest("#selected")) return;
  const chosen = ticked();
  // Without one that is named, the address would mean all of them.
  if (chosen.length === 0) event.preventDefault();
  for (const { name, value } of chosen) body.append(name, value);
});

document.addEventListener("htmx:after:swap", show);
document.addEventListener("carillon:narrowed", show);
document.addEventListener("carillon:folded", show);
show();
