/** The cookie of a session: out of reach of scripts, not sent where another site asks for something to be done. */
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { clientOf } from "./client.ts";

/** RFC 6265bis: a browser takes a name with this beginning from the very server alone, and by TLS. */
const SECURE_PREFIX = "__Host-";

/** Whether the browser speaks TLS, to this server or to whatever stands before it. */
export function isHttps(context: Context, baseUrl: string): boolean {
  if (clientOf(context).isSecure) return true;
  if (baseUrl === "") return false;
  const { protocol, host } = new URL(baseUrl);
  return protocol === "https:" && host === new URL(context.req.url).host;
}

/** The address of this server as the browser has it. */
export function originOf(context: Context, baseUrl: string): string {
  if (baseUrl !== "") return new URL(baseUrl).origin;
  const { host } = new URL(context.req.url);
  return `${isHttps(context, baseUrl) ? "https" : "http"}://${host}`;
}

export class BrowserCookie {
  /** @param baseUrl `[server] base_url` @param path where it is sent */
  constructor(readonly name: string, readonly baseUrl: string, readonly path = "/") {}

  get(context: Context): string | undefined {
    return getCookie(context, this.#name(context));
  }

  /** @param seconds how long it is kept; left out, as long as the browser is open */
  set(context: Context, value: string, seconds?: number): void {
    const secure = isHttps(context, this.baseUrl);
    const kept = seconds === undefined ? {} : { maxAge: seconds };
    setCookie(context, this.#name(context), value, {
      path: this.path,
      httpOnly: true,
      sameSite: "Lax",
      secure,
      ...kept,
    });
  }

  remove(context: Context): void {
    const secure = isHttps(context, this.baseUrl);
    deleteCookie(context, this.#name(context), { path: this.path, httpOnly: true, sameSite: "Lax", secure });
  }

  #name(context: Context): string {
    return this.path === "/" && isHttps(context, this.baseUrl) ? `${SECURE_PREFIX}${this.name}` : this.name;
  }
}
