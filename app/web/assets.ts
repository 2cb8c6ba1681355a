/** Style sheet, scripts and signs, embedded in the program; their addresses hold a hash of the content, so they never go stale. */
import { createHash } from "node:crypto";
import type { Hono } from "hono";
import htmx from "htmx.org/dist/htmx.min.js" with { type: "text" };
import icon from "../../static/icon.svg" with { type: "text" };
import signs from "../../static/signs.svg" with { type: "text" };
import { SCRIPTS } from "./scripts.ts";
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

/** Modules import each other by their names, so one hash of all of them stands in the folder's name. */
const SCRIPT_FOLDER = `/assets/${hashOf(JSON.stringify(SCRIPTS))}`;
const MODULES: readonly Asset[] = Object.entries(SCRIPTS).map(([name, content]) => ({
  address: `${SCRIPT_FOLDER}/${name}`,
  type: JAVASCRIPT,
  content,
}));

const ASSETS = {
  style: asset("style.css", "text/css; charset=utf-8", STYLE),
  htmx: asset("htmx.js", JAVASCRIPT, htmx),
  icon: asset("icon.svg", "image/svg+xml", icon),
} as const;

/** What the page's head and body need. */
export const PAGE_ASSETS = {
  style: ASSETS.style.address,
  htmx: ASSETS.htmx.address,
  icon: ASSETS.icon.address,
  /** The module that begins, and those it imports. */
  main: `${SCRIPT_FOLDER}/main.js`,
  modules: MODULES.map(({ address }) => address).filter((each) => !each.endsWith("/main.js")),
  /** Markup of all signs, which stands once in each page. */
  signs,
};

export function serveAssets(app: Hono): void {
  for (const { address, type, content } of [...Object.values(ASSETS), ...MODULES]) {
    app.get(address, (context) =>
      context.body(content, 200, {
        "content-type": type,
        "cache-control": "public, max-age=31536000, immutable",
      }));
  }
  app.get("/favicon.ico", (context) => context.redirect(ASSETS.icon.address, 302));
}
