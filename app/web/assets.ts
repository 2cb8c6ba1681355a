/** Style sheet, scripts and pictures, embedded in the program; their addresses hold a hash of the content, so they never go stale. */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Hono } from "hono";
import { accepts } from "hono/accepts";
import htmx from "htmx.org/dist/htmx.min.js" with { type: "text" };
import icon from "../../static/icon.svg" with { type: "text" };
import marks from "../../static/marks.svg" with { type: "text" };
import { SCRIPT } from "./scripts.ts";
import { STYLE } from "./styles.ts";

interface Asset {
  readonly address: string;
  readonly type: string;
  readonly content: string;
}

const JAVASCRIPT = "text/javascript; charset=utf-8";

function hashOf(content: string): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}

function asset(name: string, type: string, content: string): Asset {
  const dot = name.lastIndexOf(".");
  return { address: `/assets/${name.slice(0, dot)}.${hashOf(content)}${name.slice(dot)}`, type, content };
}

const ASSETS = {
  style: asset("style.css", "text/css; charset=utf-8", STYLE),
  htmx: asset("htmx.js", JAVASCRIPT, htmx),
  script: asset("carillon.js", JAVASCRIPT, SCRIPT),
  icon: asset("icon.svg", "image/svg+xml", icon),
} as const;

/** What the page's head and body need. */
export const PAGE_ASSETS = {
  style: ASSETS.style.address,
  htmx: ASSETS.htmx.address,
  icon: ASSETS.icon.address,
  script: ASSETS.script.address,
  /** Markup of the marks in lanes, which stands once in each page. */
  marks,
};

/**
 * They never change, so they are compressed once: a browser that comes for the first time asks for all of them in the same
 * moment as for a page.
 */
export function serveAssets(app: Hono): void {
  for (const { address, type, content } of Object.values(ASSETS)) {
    const caching = {
      "content-type": type,
      "cache-control": "public, max-age=31536000, immutable",
      vary: "Accept-Encoding",
    };
    let compressed: Uint8Array<ArrayBuffer> | undefined;
    app.get(address, (context) => {
      const encoding = accepts(context, {
        header: "Accept-Encoding",
        supports: ["gzip"],
        default: "identity",
      });
      if (encoding === "identity") return context.body(content, 200, caching);
      compressed ??= new Uint8Array(gzipSync(content, { level: 9 }));
      return context.body(compressed, 200, { ...caching, "content-encoding": "gzip" });
    });
  }
  app.get("/favicon.ico", (context) => context.redirect(ASSETS.icon.address, 302));
}
