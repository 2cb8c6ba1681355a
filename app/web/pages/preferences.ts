/** The switches of language and theme: they remember the choice in a cookie and go back to where one was. */
import type { Context, Hono } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import { LOCALES } from "../../model/locale.ts";
import { clientOf } from "../client.ts";
import { ownPath } from "../paths.ts";
import { RequestProblem } from "../request_problem.ts";
import { LANGUAGE_COOKIE, THEME_COOKIE, THEMES } from "../viewer.ts";

const YEAR_SECONDS = 31_536_000;

export function servePreferences(app: Hono): void {
  app.post("/language", async (context) => {
    const { language, back } = await context.req.parseBody();
    const locale = LOCALES.find((each) => each === language);
    if (!locale) throw new RequestProblem(400, "problem.language", { known: LOCALES.join(", ") });
    remember(context, LANGUAGE_COOKIE, locale);
    return context.redirect(ownPath(back), 303);
  });

  app.post("/theme", async (context) => {
    const { theme, back } = await context.req.parseBody();
    const chosen = THEMES.find((each) => each === theme);
    if (chosen) remember(context, THEME_COOKIE, chosen);
    else if (theme === "system") deleteCookie(context, THEME_COOKIE, { path: "/" });
    else throw new RequestProblem(400, "problem.theme", { known: ["system", ...THEMES].join(", ") });
    return context.redirect(ownPath(back), 303);
  });
}

function remember(context: Context, cookie: string, value: string): void {
  const { isSecure: secure } = clientOf(context);
  setCookie(context, cookie, value, {
    path: "/",
    sameSite: "Lax",
    httpOnly: true,
    secure,
    maxAge: YEAR_SECONDS,
  });
}
