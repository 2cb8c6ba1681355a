/** What the pages do by themselves: refresh, show the dialog, tell the viewer's time zone and that the server is lost. */

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("dialog"));
const toasts = /** @type {HTMLElement} */ (document.getElementById("toasts"));
const lost = /** @type {HTMLElement} */ (document.getElementById("lost"));
const TOAST_MS = 8_000;

tellTimeZone();

/** The server shows times in the viewer's zone too; it knows the zone from this cookie. */
function tellTimeZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || document.documentElement.dataset.timezone === zone) return;
  document.cookie = `carillon_timezone=${encodeURIComponent(zone)}; path=/; max-age=31536000; SameSite=Lax`;
  document.documentElement.dataset.timezone = zone;
  addEventListener("load", refresh, { once: true });
}

/** Asks for the live part of the page; what has not changed is left as it is. */
function refresh() {
  const live = document.querySelector("[data-refresh]");
  if (live) htmx.trigger(live, "refresh");
}

let waited = 0;
setInterval(() => {
  const live = document.querySelector("[data-refresh]");
  if (!live || document.hidden) return;
  waited += 1;
  if (waited < Number(live.dataset.refresh)) return;
  waited = 0;
  refresh();
}, 1_000);

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh();
});

document.addEventListener("htmx:after:swap", () => {
  if (dialog.childElementCount > 0 && !dialog.open) dialog.showModal();
});

document.addEventListener("carillon:changed", () => {
  dialog.close();
  refresh();
});

dialog.addEventListener("close", () => dialog.replaceChildren());
dialog.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  if (target === dialog || target.closest("[data-close]")) dialog.close();
});

new MutationObserver((changes) => {
  for (const { addedNodes } of changes) {
    for (const node of addedNodes) setTimeout(() => node.remove(), TOAST_MS);
  }
}).observe(toasts, { childList: true });

document.addEventListener("htmx:error", () => {
  lost.hidden = false;
});
document.addEventListener("htmx:before:swap", () => {
  lost.hidden = true;
});
