// @ts-check
/// <reference lib="dom" />
/** Sends what is filled in on the page of the API, and shows the answer as it comes. */

/** Longest answer that is shown. */
const MAX_SHOWN = 200_000;

/**
 * What each form still waits for. Sent once more, it lets the answer before go: a browser has six connections to a server, and
 * answers without an end would take them all.
 *
 * @type {WeakMap<HTMLFormElement, AbortController>}
 */
const going = new WeakMap();

document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.matches("form.try")) return;
  event.preventDefault();
  void send(form);
});

/** @param {HTMLFormElement} form */
async function send(form) {
  const status = /** @type {HTMLElement} */ (form.querySelector("[role=status]"));
  const shown = /** @type {HTMLElement} */ (form.querySelector(".answer"));
  const stop = /** @type {HTMLButtonElement} */ (form.querySelector("[data-stop]"));
  const stopped = new AbortController();
  going.get(form)?.abort();
  going.set(form, stopped);
  stop.onclick = () => stopped.abort();
  stop.hidden = false;
  shown.textContent = "";
  status.textContent = "…";
  const begin = performance.now();
  try {
    const answer = await fetch(...requestOf(form, stopped.signal));
    status.textContent = `${answer.status} ${answer.statusText} · ${
      Math.round(performance.now() - begin)
    } ms`;
    shown.hidden = false;
    await show(answer, shown);
  } catch (error) {
    if (!stopped.signal.aborted) status.textContent = `${status.dataset.lost ?? ""} ${error}`;
  } finally {
    if (going.get(form) === stopped) stop.hidden = true;
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {AbortSignal} signal
 * @returns {[string, RequestInit]}
 */
function requestOf(form, signal) {
  const fields = new FormData(form);
  const headers = new Headers();
  const query = new URLSearchParams();
  let path = form.getAttribute("action") ?? "";
  for (const [field, given] of fields) {
    const value = String(given);
    const [place, ...rest] = field.split(".");
    const name = rest.join(".");
    if (place === "path") path = path.replace(`{${name}}`, encodeURIComponent(value));
    else if (value === "") continue;
    else if (place === "query") query.append(name, value);
    else if (place === "header") headers.set(name, value);
    // The key of the session, as the forms of the other pages send it.
    else if (field === "form_key") headers.set("x-carillon-form-key", value);
  }
  const body = fields.get("body");
  const method = form.dataset.method ?? "GET";
  if (typeof body === "string" && body !== "") headers.set("content-type", "application/json");
  return [query.size === 0 ? path : `${path}?${query}`, {
    method,
    headers,
    signal,
    body: typeof body === "string" && body !== "" ? body : undefined,
  }];
}

/**
 * @param {Response} answer
 * @param {HTMLElement} into
 */
async function show(answer, into) {
  const type = answer.headers.get("content-type") ?? "";
  if (/json$/.test(type) && !/ndjson/.test(type)) {
    const text = await answer.text();
    into.textContent = text === "" ? "" : JSON.stringify(JSON.parse(text), null, 2).slice(0, MAX_SHOWN);
    return;
  }
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    into.append(read.value);
    if ((into.textContent ?? "").length > MAX_SHOWN) return await reader?.cancel();
  }
}
