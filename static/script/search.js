// @ts-check
/// <reference lib="dom" />
/** Arrow keys walk through what a search found, without leaving its field; Enter goes there, once it is what was typed. */

/** The field in which Enter was pressed before the list for its text had come. */
let hurried = /** @type {HTMLInputElement | null} */ (null);

document.addEventListener("keydown", (event) => {
  const field = /** @type {HTMLInputElement} */ (event.target);
  // While a word is put together out of several keys, the keys are for that.
  if (!field.matches?.("[data-jump]") || event.isComposing) return;
  if (event.key === "Enter") {
    event.preventDefault();
    go(field);
    return;
  }
  const found = [...document.querySelectorAll("#found a")];
  const at = found.findIndex((each) => each.hasAttribute("data-current"));
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || found.length === 0) return;
  event.preventDefault();
  const next = at === -1 ? (step > 0 ? 0 : found.length - 1) : (at + step + found.length) % found.length;
  for (const [i, each] of found.entries()) each.toggleAttribute("data-current", i === next);
  found[next]?.scrollIntoView({ block: "nearest" });
});

/** @param {HTMLInputElement} field */
function go(field) {
  const list = /** @type {HTMLElement | null} */ (document.getElementById("found"));
  hurried = list?.dataset.for === field.value ? null : field;
  if (hurried) return;
  const first = list?.querySelector("a[data-current]") ?? list?.querySelector("a");
  /** @type {HTMLElement | null | undefined} */ (first)?.click();
}

document.addEventListener("input", () => {
  hurried = null;
});
document.addEventListener("htmx:after:swap", () => {
  if (hurried?.isConnected) go(hurried);
});
