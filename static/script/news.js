// @ts-check
/// <reference lib="dom" />
/** Tells of runs that failed, by the browser's notifications, to viewers who want it. */
import { toast } from "./toasts.js";

const NEWS_MS = 15_000;
const WANTED = "carillon.news";
const found = document.getElementById("news");
const plainTitle = document.title;
/** When the last of those that are known ended; undefined before anything is known. */
let newest = /** @type {number | undefined} */ (undefined);
let known = /** @type {Set<string>} */ (new Set());
let unseen = 0;

if (found) begin(found);

/** @param {HTMLElement} news */
function begin(news) {
  news.hidden = false;
  showWanted(news);
  news.addEventListener("click", async () => {
    if (!("Notification" in window) || !isSecureContext) {
      // Browsers notify over TLS only: a button that does nothing would be worse than this.
      toast(news.dataset.insecure ?? "", { bad: true });
      return;
    }
    const wanted = localStorage.getItem(WANTED) === null &&
      await Notification.requestPermission() === "granted";
    if (wanted) localStorage.setItem(WANTED, "yes");
    else if (localStorage.getItem(WANTED) === null) toast(news.dataset.refused ?? "", { bad: true });
    else localStorage.removeItem(WANTED);
    newest = undefined;
    showWanted(news);
    await lookForNews(news);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    unseen = 0;
    document.title = plainTitle;
  });
  // Also in a hidden tab: that is what it is for.
  setInterval(() => void lookForNews(news), NEWS_MS);
  void lookForNews(news);
}

/** @param {HTMLElement} news */
function showWanted(news) {
  news.setAttribute("aria-pressed", String(localStorage.getItem(WANTED) !== null));
}

/** @param {HTMLElement} news */
async function lookForNews(news) {
  if (localStorage.getItem(WANTED) === null) return;
  /** @type {{ id: string, endedAt: number, title: string, message: string }[]} */
  let failed;
  try {
    const answer = await fetch("/news");
    if (!answer.ok) return;
    failed = await answer.json();
  } catch {
    // The page itself says that the server is lost.
    return;
  }
  const seen = newest;
  // One that ended a moment before the last may come to be known after it.
  const isFresh = seen === undefined
    ? () => false
    : (/** @type {{ id: string, endedAt: number }} */ { id, endedAt }) =>
      !known.has(id) && endedAt > seen - NEWS_MS;
  const fresh = failed.filter(isFresh);
  newest = failed[0]?.endedAt ?? 0;
  known = new Set(failed.map(({ id }) => id));
  if (fresh.length === 0) return;
  for (const { id, title, message } of fresh) {
    const note = new Notification((news.dataset.title ?? "").replace("{title}", title), {
      body: message,
      tag: id,
    });
    note.addEventListener("click", () => {
      focus();
      location.assign(`/runs/${id}`);
    });
  }
  if (!document.hidden) return;
  unseen += fresh.length;
  document.title = `(${unseen}) ${plainTitle}`;
}
