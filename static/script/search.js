// @ts-check
/// <reference lib="dom" />
/** Arrow keys walk through what a search found, without leaving its field. */

document.addEventListener("keydown", (event) => {
  const field = /** @type {HTMLElement} */ (event.target);
  if (!field.matches?.("[data-jump]")) return;
  const found = [...document.querySelectorAll("#found a")];
  const at = found.findIndex((each) => each.hasAttribute("data-current"));
  if (event.key === "Enter") {
    event.preventDefault();
    /** @type {HTMLElement | undefined} */ (found[at === -1 ? 0 : at])?.click();
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || found.length === 0) return;
  event.preventDefault();
  const next = at === -1 ? (step > 0 ? 0 : found.length - 1) : (at + step + found.length) % found.length;
  for (const [i, each] of found.entries()) each.toggleAttribute("data-current", i === next);
  found[next]?.scrollIntoView({ block: "nearest" });
});
