// @ts-check
/// <reference lib="dom" />
/// <reference path="./htmx.d.ts" />
/** Live parts of a page ask for themselves every few seconds; what has not changed is left as it is. */

/** @param {boolean} [whole] true where rows that have not changed are wanted too */
export function refresh(whole = false) {
  for (const live of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-refresh]"))) {
    if (live.id && document.querySelector(`[data-pause="#${live.id}"]:checked`)) continue;
    if (whole) withoutSince(live);
    htmx.trigger(live, "refresh");
  }
}

/** @param {HTMLElement} live */
function withoutSince(live) {
  const asked = live.getAttribute("hx-get");
  if (asked) live.setAttribute("hx-get", asked.replace(/([?&])since=[^&]*&?/, "$1").replace(/[?&]$/, ""));
  htmx.process(live);
}

let waited = 0;
setInterval(() => {
  const live = /** @type {HTMLElement | null} */ (document.querySelector("[data-refresh]"));
  if (!live || document.hidden) return;
  waited += 1;
  if (waited < Number(live.dataset.refresh)) return;
  waited = 0;
  refresh();
}, 1_000);

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh();
});
document.addEventListener("carillon:changed", () => refresh());

/**
 * What is asked for, in whichever order it stands in a form or an address; what is empty asks for nothing.
 *
 * @param {Iterable<[string, FormDataEntryValue]>} fields
 */
function askedBy(fields) {
  const given = [...fields].map(([name, value]) => [name, String(value).trim()]);
  const query = new URLSearchParams(given.filter(([, value]) => value !== ""));
  query.sort();
  return query.toString();
}

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = detailOf(event);
  const source = ctx?.sourceElement;
  const filter = /** @type {HTMLFormElement | null} */ (document.getElementById("filter"));
  // A refresh that was asked for before the filter was changed comes too late.
  if (
    !source?.dataset?.refresh || filter?.getAttribute("hx-target") !== `#${source.dataset.list ?? source.id}`
  ) return;
  const { pathname, searchParams } = new URL(ctx?.request?.action ?? "", location.href);
  // What the form has no field for is none of its business, such as the page of a longer list.
  const asked = [...searchParams].filter(([name]) => filter.elements.namedItem(name));
  if (pathname !== filter.getAttribute("hx-get") || askedBy(asked) !== askedBy(new FormData(filter))) {
    event.preventDefault();
  }
});

/**
 * What htmx tells of a request and its answer.
 *
 * @typedef {object} Exchange
 * @property {HTMLElement} [sourceElement]
 * @property {Element | string} [target]
 * @property {string} [swap]
 * @property {string} [title]
 * @property {{ action: string }} [request] its address as it was asked for
 * @property {{ status: number, headers: Headers }} [response]
 */

/**
 * @param {Event} event
 * @returns {{ ctx?: Exchange, tasks?: { fragment: DocumentFragment }[] }}
 */
export function detailOf(event) {
  return /** @type {CustomEvent} */ (event).detail ?? {};
}
