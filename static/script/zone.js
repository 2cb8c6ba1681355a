// @ts-check
/// <reference lib="dom" />
/** Tells the server the viewer's time zone, by a cookie: times are then shown in it. */
import { refresh } from "./refresh.js";

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const secure = location.protocol === "https:" ? "; Secure" : "";

if (zone && document.documentElement.dataset.timezone !== zone) {
  document.cookie = `carillon_timezone=${
    encodeURIComponent(zone)
  }; path=/; max-age=31536000; SameSite=Lax${secure}`;
  const known = document.documentElement.dataset.timezone !== "";
  document.documentElement.dataset.timezone = zone;
  // What was made for another zone is asked for as a whole.
  if (known || document.documentElement.dataset.zone !== zone) {
    addEventListener("load", () => refresh(true), { once: true });
  }
}
