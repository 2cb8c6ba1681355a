// @ts-check
/// <reference lib="dom" />
/** Words on what has happened: in the top layer, so that no dialog covers them, and kept while one reads them. */

const place = /** @type {HTMLElement} */ (document.getElementById("toasts"));
const TOAST_MS = 8_000;

/**
 * @param {string} sentence
 * @param {{ bad?: boolean }} [look]
 */
export function toast(sentence, { bad = false } = {}) {
  const shown = document.createElement("p");
  shown.className = bad ? "toast bad" : "toast";
  shown.textContent = sentence;
  place.append(shown);
}

/** @param {HTMLElement} shown */
function leaveLater(shown) {
  let timer = setTimeout(leave, TOAST_MS);
  const hold = () => clearTimeout(timer);
  const release = () => {
    hold();
    timer = setTimeout(leave, TOAST_MS / 2);
  };
  shown.addEventListener("pointerenter", hold);
  shown.addEventListener("pointerleave", release);
  shown.addEventListener("focusin", hold);
  shown.addEventListener("focusout", release);
  function leave() {
    shown.remove();
    if (place.childElementCount === 0 && place.matches(":popover-open")) place.hidePopover();
  }
}

new MutationObserver((changes) => {
  const added = changes.flatMap(({ addedNodes }) => [...addedNodes]).filter((node) =>
    node instanceof HTMLElement
  );
  if (added.length === 0) return;
  for (const shown of added) leaveLater(shown);
  raise();
}).observe(place, { childList: true });

/** Shown anew, it is above a dialog that was opened since. */
export function raise() {
  if (place.childElementCount === 0 || !place.showPopover) return;
  if (place.matches(":popover-open")) place.hidePopover();
  place.showPopover();
}
