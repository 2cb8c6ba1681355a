/** Who looks: language, time zone and width of the screen, from cookies that the page's own script and switch set, else from the browser. */
import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import { isTimeZone } from "../base/time_zone.ts";
import { preferredLocale } from "../locale/locale.ts";
import { type Locale, LOCALES } from "../model/locale.ts";

export const THEMES = ["light", "dark"] as const;

export interface Viewer {
  readonly locale: Locale;
  /** Chosen by the viewer; left out, it is the system's. */
  readonly theme?: (typeof THEMES)[number] | undefined;
  /** Zone of the browser, once its script has told. */
  readonly timezone?: string | undefined;
  /** True for a screen of a phone's width, once the script has told. */
  readonly narrow: boolean;
}

export const LANGUAGE_COOKIE = "carillon_language";
export const THEME_COOKIE = "carillon_theme";
/** Set by `static/script/zone.js`. */
export const TIMEZONE_COOKIE = "carillon_timezone";
/** Set by `static/script/width.js`. */
export const WIDTH_COOKIE = "carillon_width";

export function viewerOf(context: Context): Viewer {
  const wanted = getCookie(context, LANGUAGE_COOKIE);
  const locale = LOCALES.find((each) => each === wanted) ??
    preferredLocale(context.req.header("accept-language"));
  const timezone = getCookie(context, TIMEZONE_COOKIE);
  const chosen = getCookie(context, THEME_COOKIE);
  const theme = THEMES.find((each) => each === chosen);
  return {
    locale,
    theme,
    timezone: timezone !== undefined && isTimeZone(timezone) ? timezone : undefined,
    narrow: getCookie(context, WIDTH_COOKIE) === "narrow",
  };
}
