// @ts-check
/// <reference lib="dom" />
/** A log that grows is followed only by somebody who is at its end. */

/** Pixels from the end that still count as being there. */
const NEAR = 80;
let atEnd = false;

/** @returns {HTMLElement | null} */
function end() {
  return document.querySelector("#log [data-end]");
}

function isAtEnd() {
  const place = end();
  return place !== null && place.getBoundingClientRect().top <= innerHeight + NEAR;
}

document.addEventListener("htmx:before:swap", () => {
  atEnd = isAtEnd();
});
document.addEventListener("htmx:after:swap", () => {
  const growing = document.querySelector("#log-poll[data-refresh]");
  if (
    growing && atEnd && /** @type {HTMLInputElement | null} */
    (document.querySelector("[data-follow]"))?.checked
  ) {
    end()?.scrollIntoView({ block: "end" });
  }
});
document.addEventListener("change", (event) => {
  const box = /** @type {HTMLInputElement} */ (event.target);
  if (box.matches("[data-follow]") && box.checked) end()?.scrollIntoView({ block: "end" });
});
