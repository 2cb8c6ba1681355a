// @ts-check
/// <reference lib="dom" />
/// <reference path="./htmx.d.ts" />
/** Live parts of a page ask for themselves every few seconds; what has not changed is left as it is. */

/** Parts that have asked and are not answered yet. */
const waiting = /** @type {WeakSet<Element>} */ (new WeakSet());
/** Those of them that are to ask once more, and whether for the whole: something has changed since they asked. */
const again = /** @type {Map<Element, boolean>} */ (new Map());

/** @param {boolean} [whole] true where rows that have not changed are wanted too */
export function refresh(whole = false) {
  for (const live of liveParts()) {
    if (waiting.has(live)) again.set(live, whole || again.get(live) === true);
    else ask(live, whole);
  }
}

/** The same where nothing is known to have changed: what still waits for its answer asks for nothing. */
function lookAgain() {
  for (const live of liveParts()) if (!waiting.has(live)) ask(live, false);
}

function liveParts() {
  const all = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-refresh]"));
  return [...all].filter(({ id }) => !id || !document.querySelector(`[data-pause="#${id}"]:checked`));
}

/**
 * @param {HTMLElement} live
 * @param {boolean} whole
 */
function ask(live, whole) {
  if (whole) withoutSince(live);
  htmx.trigger(live, "refresh");
}

document.addEventListener("htmx:before:request", (event) => {
  const source = detailOf(event).ctx?.sourceElement;
  if (source) waiting.add(source);
});
document.addEventListener("htmx:finally:request", (event) => {
  const source = detailOf(event).ctx?.sourceElement;
  if (!source) return;
  waiting.delete(source);
  const whole = again.get(source);
  if (again.delete(source) && source.isConnected) ask(source, whole === true);
});

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
  lookAgain();
}, 1_000);

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) lookAgain();
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

document.addEventListener("htmx:before:swap", (event) => {
  for (const { swapSpec, fragment } of detailOf(event).tasks ?? []) {
    if (swapSpec.style !== "beforeend") continue;
    // What is there already, such as a line of a log, does not come twice.
    for (const each of [...fragment.children]) if (each.id && document.getElementById(each.id)) each.remove();
  }
});

/**
 * What htmx tells of a request and its answer, as far as an event has it.
 *
 * @param {Event} event
 * @returns {Partial<HtmxDetail>}
 */
export function detailOf(event) {
  return /** @type {CustomEvent} */ (event).detail ?? {};
}
