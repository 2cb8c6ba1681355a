// @ts-check
/// <reference lib="dom" />
/** Answers that are errors, and answers that do not come: the page stays as it is, and says so. */
import { detailOf } from "./refresh.js";
import { toast } from "./toasts.js";

const lost = /** @type {HTMLElement} */ (document.getElementById("lost"));
/** Why the page is not refreshed, in the server's words. */
const stale = /** @type {HTMLElement} */ (document.getElementById("stale"));

document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = detailOf(event);
  if (statusOf(event) < 400) notice(undefined);
  // Somebody may be typing: a page is not taken away by what it asks for by itself.
  else if (isRefresh(ctx?.sourceElement)) delete ctx?.hx?.redirect;
});

document.addEventListener("htmx:before:swap", (event) => {
  const status = statusOf(event);
  const { ctx, tasks = [] } = detailOf(event);
  if (!ctx || status < 400) return;
  // An error has a title of its own, and the page is still the one that it was.
  ctx.title = "";
  const isOwn = ctx.response?.headers.has("carillon-problem") ?? false;
  if (isOwn && ctx.swap !== "none") return;
  event.preventDefault();
  const sentence = isOwn ? tasks[0]?.fragment.querySelector("[data-problem]")?.textContent ?? "" : "";
  if (!isRefresh(ctx.sourceElement)) {
    toast(sentence || errorSentence(status, ctx.sourceElement), { bad: true });
  } else if (sentence === "" || status >= 500) notice(lost);
  else refused(sentence, ctx.response?.headers.get("hx-redirect") ?? undefined);
});

document.addEventListener("htmx:error", (event) => {
  notice(lost);
  const source = detailOf(event).ctx?.sourceElement;
  // Whoever has clicked is told where they look; a refresh goes on by itself.
  if (!source || isRefresh(source)) return;
  toast((isSent(source) ? lost.dataset.unknown : lost.dataset.nothing) ?? "", { bad: true });
});

/**
 * @param {string} sentence why the page is not refreshed
 * @param {string | undefined} signIn where one signs in, and comes back here
 */
function refused(sentence, signIn) {
  const words = /** @type {HTMLElement} */ (stale.querySelector("span"));
  const link = /** @type {HTMLAnchorElement} */ (stale.querySelector("a"));
  // What is written anew is read out anew.
  if (words.textContent !== sentence) words.textContent = sentence;
  link.hidden = signIn === undefined;
  if (signIn !== undefined) link.href = signIn;
  notice(stale);
}

/** @param {HTMLElement | undefined} shown what is told; undefined where all is well again */
function notice(shown) {
  for (const each of [lost, stale]) {
    if (each.hidden === (each === shown)) each.hidden = each !== shown;
  }
  document.documentElement.toggleAttribute("data-lost", shown !== undefined);
}

/**
 * What is said of an error that says nothing itself, such as that of a proxy.
 *
 * @param {number} status
 * @param {Element | undefined} source
 */
function errorSentence(status, source) {
  const isUnknown = status >= 500 && source !== undefined && isSent(source);
  const sentence = isUnknown ? lost.dataset.errorUnknown : lost.dataset.errorNothing;
  return (sentence ?? "").replace("{status}", String(status));
}

/**
 * The server may have done what it was told, and only its answer was lost.
 *
 * @param {Element} source
 */
function isSent(source) {
  return source.matches("form[method=post], [hx-post]");
}

/** @param {Element | undefined} source */
function isRefresh(source) {
  return source instanceof HTMLElement && source.dataset.refresh !== undefined;
}

/** @param {Event} event */
function statusOf(event) {
  return detailOf(event).ctx?.response?.status ?? 0;
}
