/** Style sheet and scripts, embedded in the program; their addresses hold a hash of the content, so they never go stale. */
import { createHash } from "node:crypto";
import type { Hono } from "hono";
import htmx from "htmx.org/dist/htmx.min.js" with { type: "text" };
import appScript from "../../static/app.js" with { type: "text" };
import icon from "../../static/icon.svg" with { type: "text" };
import style from "../../static/style.css" with { type: "text" };

interface Asset {
  readonly address: string;
  readonly type: string;
  readonly content: string;
}

function asset(name: string, type: string, content: string): Asset {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 16);
  const dot = name.lastIndexOf(".");
  return { address: `/assets/${name.slice(0, dot)}.${hash}${name.slice(dot)}`, type, content };
}

const ASSETS = {
  style: asset("style.css", "text/css; charset=utf-8", style),
  htmx: asset("htmx.js", "text/javascript; charset=utf-8", htmx),
  app: asset("app.js", "text/javascript; charset=utf-8", appScript),
  icon: asset("icon.svg", "image/svg+xml", icon),
} as const;

/** Addresses of the assets, for the page's head. */
export const ASSET_ADDRESSES = {
  style: ASSETS.style.address,
  htmx: ASSETS.htmx.address,
  app: ASSETS.app.address,
  icon: ASSETS.icon.address,
};

export function serveAssets(app: Hono): void {
  for (const { address, type, content } of Object.values(ASSETS)) {
    app.get(address, (context) =>
      context.body(content, 200, {
        "content-type": type,
        "cache-control": "public, max-age=31536000, immutable",
      }));
  }
  app.get("/favicon.ico", (context) => context.redirect(ASSETS.icon.address, 302));
}
