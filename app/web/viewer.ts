/** Who looks: language and time zone, from cookies that the page's own script and switch set, else from the browser. */
import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import { type Locale, LOCALES, preferredLocale } from "../locale/locale.ts";
import { isTimeZone } from "../trigger/zone.ts";

export interface Viewer {
  readonly locale: Locale;
  /** Zone of the browser, once its script has told. */
  readonly timezone?: string;
}

export const LANGUAGE_COOKIE = "carillon_language";
/** Set by `static/app.js`. */
export const TIMEZONE_COOKIE = "carillon_timezone";

export function viewerOf(context: Context): Viewer {
  const wanted = getCookie(context, LANGUAGE_COOKIE);
  const locale = LOCALES.find((each) => each === wanted) ??
    preferredLocale(context.req.header("accept-language"));
  const timezone = getCookie(context, TIMEZONE_COOKIE);
  return { locale, ...(timezone !== undefined && isTimeZone(timezone) ? { timezone } : {}) };
}
