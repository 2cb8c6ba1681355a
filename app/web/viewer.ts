/** Who looks: language and time zone, from cookies that the page's own script and switch set, else from the browser. */
import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import { type Locale, LOCALES, preferredLocale } from "../locale/locale.ts";
import { isTimeZone } from "../trigger/zone.ts";

export const THEMES = ["light", "dark"] as const;

export interface Viewer {
  readonly locale: Locale;
  /** Chosen by the viewer; left out, it is the system's. */
  readonly theme?: (typeof THEMES)[number];
  /** Zone of the browser, once its script has told. */
  readonly timezone?: string;
}

export const LANGUAGE_COOKIE = "carillon_language";
export const THEME_COOKIE = "carillon_theme";
/** Set by `static/app.js`. */
export const TIMEZONE_COOKIE = "carillon_timezone";

export function viewerOf(context: Context): Viewer {
  const wanted = getCookie(context, LANGUAGE_COOKIE);
  const locale = LOCALES.find((each) => each === wanted) ??
    preferredLocale(context.req.header("accept-language"));
  const timezone = getCookie(context, TIMEZONE_COOKIE);
  const chosen = getCookie(context, THEME_COOKIE);
  const theme = THEMES.find((each) => each === chosen);
  return {
    locale,
    ...(theme ? { theme } : {}),
    ...(timezone !== undefined && isTimeZone(timezone) ? { timezone } : {}),
  };
}
