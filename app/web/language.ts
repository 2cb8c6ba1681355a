/** The language switch: remembers the choice in a cookie and goes back to where one was. */
import type { Hono } from "hono";
import { setCookie } from "hono/cookie";
import { LOCALES } from "../locale/locale.ts";
import { RequestProblem } from "./problem.ts";
import { LANGUAGE_COOKIE } from "./viewer.ts";

const YEAR_SECONDS = 31_536_000;

export function serveLanguage(app: Hono): void {
  app.post("/language", async (context) => {
    const { language, back } = await context.req.parseBody();
    const locale = LOCALES.find((each) => each === language);
    if (!locale) throw new RequestProblem(400, "problem.language", { known: LOCALES.join(", ") });
    setCookie(context, LANGUAGE_COOKIE, locale, {
      path: "/",
      sameSite: "Lax",
      httpOnly: true,
      maxAge: YEAR_SECONDS,
    });
    return context.redirect(ownPath(back), 303);
  });
}

/** A path on this server; anything that could lead elsewhere becomes the start page. */
function ownPath(path: unknown): string {
  return typeof path === "string" && /^\/(?![/\\])[^\s\\]*$/.test(path) ? path : "/";
}
