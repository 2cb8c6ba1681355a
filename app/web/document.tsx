/** Answers with a page: whole for a browser, only its live part for htmx. */
import { createHash } from "node:crypto";
import type { Context } from "hono";
import { html } from "hono/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { etag } from "hono/etag";
import type { MiddlewareHandler } from "hono";
import type { Child } from "hono/jsx";
import { Page, type PageFrame } from "../../templates/page.tsx";
import { ASSET_ADDRESSES } from "./assets.ts";
import type { WebParts } from "./app.ts";
import { viewerOf } from "./viewer.ts";

export interface Answer {
  /** Name of the page, for the title bar. */
  readonly title: string;
  /** What is inside `<main>`; htmx is given this alone. */
  readonly content: Child;
  /** What stands before it and is never refreshed, such as a form that one types into. */
  readonly before?: Child;
  /** The same for what stands behind it. */
  readonly after?: Child;
  readonly status?: ContentfulStatusCode;
}

/** The same question answered the same way costs nothing: an unchanged page is a 304 without a body. */
export const revalidated: MiddlewareHandler = etag();

/**
 * A 304 where the same page was answered before and nothing has changed since: it costs no rendering. Otherwise the answer
 * that follows is marked.
 *
 * @param revision another one whenever something has changed that the page shows
 */
export function answerUnchanged(context: Context, frame: PageFrame, revision: string): Response | undefined {
  const { locale, timezone, theme } = frame.viewer;
  const asked = [context.req.url, isFragmentRequest(context), locale, timezone, theme, frame.version];
  const trouble = Object.values(frame.historyTrouble);
  const key = createHash("sha256").update(JSON.stringify([revision, asked, trouble])).digest("hex");
  const etag = `W/"${key.slice(0, 32)}"`;
  if (context.req.header("if-none-match") !== etag) {
    context.header("etag", etag);
    return undefined;
  }
  return context.body(null, 304, { etag, vary: VARY, "cache-control": CACHING });
}

const VARY = "HX-Request, Accept-Language, Cookie";
const CACHING = "private, no-cache";

export function frameOf(context: Context, { carillon, version }: WebParts): PageFrame {
  return {
    viewer: viewerOf(context),
    path: context.req.path,
    address: addressOf(context.req.url),
    assets: ASSET_ADDRESSES,
    version,
    historyTrouble: carillon.historyTrouble,
  };
}

function addressOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

export function isFragmentRequest(context: Context): boolean {
  return context.req.header("hx-request") === "true" &&
    context.req.header("hx-history-restore-request") !== "true";
}

export async function answerPage(context: Context, frame: PageFrame, answer: Answer): Promise<Response> {
  context.header("vary", VARY);
  context.header("cache-control", CACHING);
  const { content, before = null, after = null, status = 200, title } = answer;
  if (isFragmentRequest(context)) return await context.html(html`${content}`, status);
  const page = (
    <Page frame={frame} title={title}>
      {before}
      {content}
      {after}
    </Page>
  );
  return await context.html(html`<!doctype html>${page}`, status);
}
