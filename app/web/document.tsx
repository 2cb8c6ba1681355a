/** Answers with a page: whole for a browser, only its live part for htmx. */
import { createHash } from "node:crypto";
import type { Context } from "hono";
import { html } from "hono/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { etag } from "hono/etag";
import type { MiddlewareHandler } from "hono";
import type { Child } from "hono/jsx";
import { sliceTurn } from "../base/slices.ts";
import { Part } from "../../templates/components/basics.tsx";
import type { PageFrame } from "../../templates/components/frame.ts";
import { Counts, Page } from "../../templates/components/page_frame.tsx";
import type { EpochMs } from "../base/time.ts";
import type { HistoryHealth } from "../model/history.ts";
import type { ViewerView } from "../../templates/views.ts";
import { withFormKey } from "./form_key.ts";
import { PAGE_ASSETS } from "./assets.ts";
import { asker, stillAsked } from "./asker.ts";
import type { WebContext } from "./context.ts";
import { mayOf } from "./may.ts";
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
  /** Parts of the page that a refresh brings beside the content; a whole page has them in their places. */
  readonly parts?: Child;
  /** True where the page refreshes itself: its frame's counts then come along. */
  readonly live?: boolean | undefined;
  readonly status?: ContentfulStatusCode | undefined;
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
  const key = createHash("sha256").update(JSON.stringify([revision, askedOf(context, frame)])).digest("hex");
  const mark = `W/"${key.slice(0, 32)}"`;
  if (context.req.header("if-none-match") !== mark) {
    context.header("etag", mark);
    return undefined;
  }
  return unchanged(context, { etag: mark });
}

/** Nothing has changed since what the page knows. */
export function unchanged(context: Context, headers: Readonly<Record<string, string>> = {}): Response {
  return context.body(null, 304, { ...headers, vary: VARY, "cache-control": CACHING });
}

/** Who asks for what: answers that differ in anything but time differ in this. */
export function askedOf(context: Context, frame: PageFrame): string {
  const { locale, timezone, theme, narrow, access } = frame.viewer;
  const { trouble, setAside, rewrittenAt } = frame.historyTrouble;
  const { formKey } = asker().person ?? {};
  const asked = [
    context.req.url,
    isFragmentRequest(context),
    locale,
    timezone,
    narrow,
    theme,
    access,
    formKey,
    frame.version,
  ];
  const { folderTrouble, undelivered, passedOn } = frame;
  return JSON.stringify([...asked, trouble, setAside, rewrittenAt, folderTrouble, undelivered, passedOn]);
}

/** So long pages say that the history file was deleted or replaced. */
const REWRITTEN_MS = 24 * 3_600_000;
const VARY = "HX-Request, Accept-Language, Cookie";
const CACHING = "private, no-cache";

export function frameOf(context: Context, { queries, version }: WebContext): PageFrame {
  const { tasks, runs, system, notify } = queries;
  const { isKnown, person } = asker();
  return {
    viewer: viewerViewOf(context, { queries }),
    path: context.req.path,
    address: addressOf(context.req.url),
    assets: PAGE_ASSETS,
    version,
    counts: {
      running: runs.unfinished().length,
      paused: tasks.pausedCount,
      broken: tasks.broken().length,
    },
    historyTrouble: isKnown ? lately(system.health(), system.now()) : {},
    folderTrouble: isKnown ? system.folderTrouble() : undefined,
    undelivered: notify.undelivered().length,
    passedOn: notify.passedOn().length,
    isBare: !isKnown,
    person: person && { name: person.name, signsOut: person.session !== undefined },
  };
}

/** A file that was written again is told of for a day. */
function lately({ rewrittenAt, ...health }: HistoryHealth, now: EpochMs): HistoryHealth {
  const isLate = rewrittenAt !== undefined && now - rewrittenAt < REWRITTEN_MS;
  return isLate ? { ...health, rewrittenAt } : health;
}

/** Who looks, and when. */
export function viewerViewOf(
  context: Context,
  { queries }: Pick<WebContext, "queries">,
): ViewerView {
  const { system } = queries;
  const { access } = asker();
  const viewer = viewerOf(context);
  return {
    ...viewer,
    zone: viewer.timezone ?? system.settings.timezone,
    now: system.now(),
    access: access.key,
    ...mayOf(access, queries),
  };
}

export function addressOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

export function isFragmentRequest(context: Context): boolean {
  return context.req.header("hx-request") === "true" &&
    context.req.header("hx-history-restore-request") !== "true";
}

export async function answerPage(context: Context, frame: PageFrame, answer: Answer): Promise<Response> {
  await begin(context);
  const { content, before = null, after = null, parts = null, live = false, status = 200, title } = answer;
  if (isFragmentRequest(context)) {
    // Tells the page's script that the error is Carillon's own: a proxy's is put nowhere.
    if (status >= 400) context.header("carillon-problem", "true");
    const counts = live
      ? (
        <Part target="#counts">
          <Counts viewer={frame.viewer} counts={frame.counts} />
        </Part>
      )
      : null;
    return await context.html(keyed(await html`${content}${parts}${counts}`), status);
  }
  return await context.html(await wholeText(frame, { content, before, after, title }), status);
}

/** The text of a whole page, for an answer that is more than it. */
export async function pageText(context: Context, frame: PageFrame, answer: Answer): Promise<string> {
  await begin(context);
  return await wholeText(frame, answer);
}

/** What is asked for is made into text as work of its own, and only where somebody still waits for it. */
async function begin(context: Context): Promise<void> {
  context.header("vary", VARY);
  context.header("cache-control", CACHING);
  await sliceTurn();
  stillAsked();
}

async function wholeText(frame: PageFrame, { title, before, content, after }: Answer): Promise<string> {
  const page = (
    <Page frame={frame} title={title}>
      {before}
      {content}
      {after}
    </Page>
  );
  return keyed(await html`<!doctype html>${page}`);
}

/** Forms hold the key of whoever is given them. */
function keyed(page: unknown): string {
  const { person } = asker();
  return person ? withFormKey(String(page), person.formKey) : String(page);
}
