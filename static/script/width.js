// @ts-check
/// <reference lib="dom" />
/** Tells the server, by a cookie, whether the screen is as narrow as a phone's: the timeline then opens at some hours. */
import { refresh } from "./refresh.js";

const phone = matchMedia("(max-width: 600px)");

const secure = location.protocol === "https:" ? "; Secure" : "";

function tell() {
  const width = phone.matches ? "narrow" : "wide";
  const page = document.documentElement.dataset;
  if (page.width === width) return;
  page.width = width;
  document.cookie = `carillon_width=${width}; path=/; max-age=31536000; SameSite=Lax${secure}`;
  // What was made for another width is asked for as a whole.
  if (!document.body.classList.contains("p-timeline")) return;
  if (document.readyState === "complete") refresh(true);
  else addEventListener("load", () => refresh(true), { once: true });
}

tell();
phone.addEventListener("change", tell);
