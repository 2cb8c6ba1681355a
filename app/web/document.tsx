/** Answers with a page: whole for a browser, only its live part for htmx. */
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
  readonly status?: ContentfulStatusCode;
}

/** The same question answered the same way costs nothing: an unchanged page is a 304 without a body. */
export const revalidated: MiddlewareHandler = etag();

export function frameOf(context: Context, { carillon, version }: WebParts): PageFrame {
  return {
    viewer: viewerOf(context),
    path: context.req.path,
    assets: ASSET_ADDRESSES,
    version,
    historyTrouble: carillon.historyTrouble,
  };
}

export function isFragmentRequest(context: Context): boolean {
  return context.req.header("hx-request") === "true" &&
    context.req.header("hx-history-restore-request") !== "true";
}

export async function answerPage(context: Context, frame: PageFrame, answer: Answer): Promise<Response> {
  context.header("vary", "HX-Request, Accept-Language, Cookie");
  context.header("cache-control", "private, no-cache");
  const { content, status = 200, title } = answer;
  if (isFragmentRequest(context)) return await context.html(html`${content}`, status);
  const page = <Page frame={frame} title={title}>{content}</Page>;
  return await context.html(html`<!doctype html>${page}`, status);
}
