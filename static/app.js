/** What the pages do by themselves: refresh, show the dialog, count down, heed the keyboard, tell the viewer's time zone. */

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("dialog"));
const toasts = /** @type {HTMLElement} */ (document.getElementById("toasts"));
const lost = /** @type {HTMLElement} */ (document.getElementById("lost"));
const language = document.documentElement.lang;
const TOAST_MS = 8_000;

for (const tool of document.querySelectorAll("[data-script-only]")) tool.hidden = false;
tellTimeZone();

/** The server shows times in the viewer's zone too; it knows the zone from this cookie. */
function tellTimeZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || document.documentElement.dataset.timezone === zone) return;
  document.cookie = `carillon_timezone=${encodeURIComponent(zone)}; path=/; max-age=31536000; SameSite=Lax`;
  document.documentElement.dataset.timezone = zone;
  addEventListener("load", refresh, { once: true });
}

/* Refreshing */

/** Asks for the live parts of the page; what has not changed is left as it is. */
function refresh() {
  for (const live of document.querySelectorAll("[data-refresh]")) {
    if (live.id && document.querySelector(`[data-pause="#${live.id}"]:checked`)) continue;
    htmx.trigger(live, "refresh");
  }
}

let waited = 0;
setInterval(() => {
  countDown();
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

/** The address that a filter would ask for as it is now, in the order of its fields; empty ones are left out. */
function filterAddress(form) {
  const given = [...new FormData(form)].filter(([, value]) => String(value).trim() !== "");
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value).trim()]));
  return form.getAttribute("hx-get") + (query.size > 0 ? `?${query}` : "");
}

document.addEventListener("htmx:before:swap", (event) => {
  lost.hidden = true;
  const { ctx } = event.detail ?? {};
  const source = ctx?.sourceElement;
  const filter = document.getElementById("filter");
  // A refresh that was asked for before the filter was changed comes too late.
  if (!source?.dataset?.refresh || filter?.getAttribute("hx-target") !== `#${source.id}`) return;
  const asked = new URL(source.getAttribute("hx-get"), location.href);
  // What the form has no field for is none of its business, such as the page of a longer list.
  for (const name of [...asked.searchParams.keys()]) {
    if (!filter.elements.namedItem(name)) asked.searchParams.delete(name);
  }
  if (asked.pathname + asked.search !== filterAddress(filter)) event.preventDefault();
});

document.addEventListener("htmx:after:swap", (event) => {
  countDown();
  for (const tool of document.querySelectorAll("[data-script-only][hidden]")) tool.hidden = false;
  if (document.querySelector("[data-follow]:checked")) followLog();
  // Only an answer that was meant for it: another one may come while it is about to close.
  const { ctx } = event.detail ?? {};
  const forDialog = event.target === dialog || ctx?.target === dialog;
  if (forDialog && dialog.childElementCount > 0 && !dialog.open) dialog.showModal();
});

document.addEventListener("htmx:error", () => {
  lost.hidden = false;
});

/* The log of a run follows its end */

function followLog() {
  const log = document.querySelector("#log .log");
  if (log) log.scrollTop = log.scrollHeight;
}

if (document.querySelector("[data-follow]")) followLog();

/* Counting down to the next run */

const LARGEST_FIRST = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];
const relative = new Intl.RelativeTimeFormat(language, { style: "short" });

function countDown() {
  for (const place of document.querySelectorAll(".countdown")) {
    const seconds = Math.max(0, Math.round((Number(place.dataset.at) - Date.now()) / 1_000));
    const [unit, length] = LARGEST_FIRST.find((each) => seconds >= 2 * each[1]) ?? ["second", 1];
    const words = relative.format(Math.round(seconds / length), unit);
    if (place.textContent !== words) place.textContent = words;
  }
}

countDown();

/* Dialog and toasts */

document.addEventListener("carillon:changed", () => {
  dialog.close();
  refresh();
});

dialog.addEventListener("close", () => {
  // It is told of a moment later: it may have been opened again since.
  if (!dialog.open) dialog.replaceChildren();
});
dialog.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  if (target === dialog || target.closest("[data-close]")) dialog.close();
});

new MutationObserver((changes) => {
  for (const { addedNodes } of changes) {
    for (const node of addedNodes) setTimeout(() => node.remove(), TOAST_MS);
  }
}).observe(toasts, { childList: true });

/* Copying */

document.addEventListener("click", (event) => {
  const button = /** @type {Element} */ (event.target).closest("[data-copy]");
  if (button) void copy(button);
});

async function copy(button) {
  const source = document.querySelector(button.dataset.copy);
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(source.textContent);
  } else {
    // Without TLS browsers have no clipboard for scripts, but they copy what is selected.
    getSelection().selectAllChildren(source);
    document.execCommand("copy");
  }
  const toast = document.createElement("p");
  toast.className = "toast";
  toast.textContent = button.dataset.copied;
  toasts.append(toast);
}

/* Keyboard */

document.addEventListener("keydown", (event) => {
  const target = /** @type {Element} */ (event.target);
  if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
  if (target.closest("input:not([type=checkbox]), select, textarea")) {
    if (event.key === "Escape") target.blur();
    return;
  }
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

const KEYS = {
  "/": () => document.querySelector("[data-search]")?.focus(),
  j: () => move(1),
  k: () => move(-1),
  r: () => (currentRow() ?? document).querySelector("[data-kind=run]")?.click(),
  "?": () => document.querySelector("[data-kind=keys]")?.click(),
};

function currentRow() {
  return document.activeElement?.closest("[data-row]");
}

function move(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const at = rows.indexOf(currentRow());
  const next = rows[at === -1 ? (step > 0 ? 0 : rows.length - 1) : at + step];
  next?.querySelector("a")?.focus();
}

/* News of runs that failed, for viewers who want them */

const news = document.getElementById("news");
const NEWS_MS = 15_000;
const WANTED = "carillon.news";
const plainTitle = document.title;
let newest;
let unseen = 0;

if (news && "Notification" in window) {
  news.hidden = false;
  showWanted();
  news.addEventListener("click", async () => {
    const wanted = localStorage.getItem(WANTED) === null &&
      await Notification.requestPermission() === "granted";
    if (wanted) localStorage.setItem(WANTED, "yes");
    else localStorage.removeItem(WANTED);
    newest = undefined;
    showWanted();
    await lookForNews();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    unseen = 0;
    document.title = plainTitle;
  });
  // Also in a hidden tab: that is what it is for.
  setInterval(() => void lookForNews(), NEWS_MS);
  void lookForNews();
}

function showWanted() {
  news.setAttribute("aria-pressed", String(localStorage.getItem(WANTED) !== null));
}

async function lookForNews() {
  if (localStorage.getItem(WANTED) === null) return;
  let failed;
  try {
    failed = await (await fetch("/news")).json();
  } catch {
    // The page itself says that the server is lost.
    return;
  }
  const fresh = newest === undefined ? [] : failed.filter(({ id }) => id > newest);
  newest = failed[0]?.id ?? "";
  if (fresh.length === 0) return;
  for (const { id, title, message } of fresh) {
    const note = new Notification(news.dataset.title.replace("{title}", title), { body: message, tag: id });
    note.addEventListener("click", () => {
      focus();
      location.assign(`/runs/${id}`);
    });
  }
  if (!document.hidden) return;
  unseen += fresh.length;
  document.title = `(${unseen}) ${plainTitle}`;
}
