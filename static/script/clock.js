// @ts-check
/// <reference lib="dom" />
/** Counts what passes while one looks: down to the next run, and up for those that are going on. */

/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const LARGEST_FIRST = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];
/** Made when it is first used: it takes as long as all the rest of the script. */
let relative = /** @type {Intl.RelativeTimeFormat | undefined} */ (undefined);

function count() {
  relative ??= new Intl.RelativeTimeFormat(document.documentElement.lang, { style: "short" });
  const now = Date.now();
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".countdown"))) {
    const seconds = Math.max(0, Math.round((Number(place.dataset.at) - now) / 1_000));
    const [unit, length] = LARGEST_FIRST.find((each) => seconds >= 2 * each[1]) ?? ["second", 1];
    write(place, relative.format(Math.round(seconds / length), unit));
  }
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-since]"))) {
    write(place, stopwatch(now - Number(place.dataset.since)));
  }
}

/**
 * @param {HTMLElement} place
 * @param {string} words
 */
function write(place, words) {
  if (place.textContent !== words) place.textContent = words;
}

/** @param {number} ms */
function stopwatch(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((each) => String(each).padStart(2, "0"));
  const hours = Math.floor(seconds / 3_600);
  return hours > 0 ? `${hours}:${parts.join(":")}` : parts.join(":").replace(/^0(?=\d)/, "");
}

setInterval(() => {
  if (!document.hidden) count();
}, 1_000);
document.addEventListener("htmx:after:swap", count);
