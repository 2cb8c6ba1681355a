/** The frame of every page: head, header with navigation and counts, main, dialog, toasts. */
import type { Child } from "hono/jsx";
import { raw } from "hono/html";
import { LANGUAGE_TAG, text } from "../../app/locale/locale.ts";
import { shortMoment } from "../../app/locale/moments.ts";
import type { Right } from "../../app/model/access.ts";
import type { ViewerView } from "../views.ts";
import type { FrameCounts, PageFrame } from "./frame.ts";
import { FrameMenu } from "./frame_menu.tsx";
import { Icon, type IconName } from "./sign.tsx";

/** No style element and no evaluated code: both would need a weaker Content-Security-Policy. */
const HTMX_SETTINGS = JSON.stringify({
  includeIndicatorCSS: false,
  history: "reload",
  defaultTimeout: 15_000,
  // An error takes the place of nothing, but where a form says by `hx-status` what is to become of it.
  noSwap: [204, 304, "4xx", "5xx"],
  // What a viewer has unfolded or folded stays so when its page is refreshed.
  morphIgnore: ["data-htmx-powered", "open", "data-folded", "aria-expanded", "hidden"],
});

const PAGES: readonly {
  readonly address: string;
  readonly key: "page.today" | "page.tasks" | "page.runs" | "page.timeline" | "page.system";
  readonly icon: IconName;
  /** Left out for whoever has not got it. */
  readonly right?: Right;
}[] = [
  { address: "/", key: "page.today", icon: "n-today" },
  { address: "/tasks", key: "page.tasks", icon: "n-tasks" },
  { address: "/runs", key: "page.runs", icon: "n-runs" },
  { address: "/timeline", key: "page.timeline", icon: "n-time" },
  { address: "/system", key: "page.system", icon: "n-sys", right: "system" },
];

export function Page({ frame, title, children }: { frame: PageFrame; title: string; children: Child }) {
  const { viewer, assets, path } = frame;
  const { locale, timezone, theme, zone, narrow } = viewer;
  return (
    <html
      lang={LANGUAGE_TAG[locale]}
      data-timezone={timezone ?? ""}
      data-width={narrow ? "narrow" : "wide"}
      data-zone={zone}
      data-theme={theme}
    >
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="color-scheme" content={theme ?? "light dark"} />
        <meta name="htmx-config" content={HTMX_SETTINGS} />
        <title>{`${title} · Carillon`}</title>
        <link rel="icon" href={assets.icon} type="image/svg+xml" />
        <link rel="stylesheet" href={assets.style} />
        <script src={assets.htmx} defer></script>
        <script src={assets.script} type="module"></script>
      </head>
      <body class={kindOf(path)}>
        {raw(assets.marks)}
        <a class="skip" href="#main">{text(locale, "page.skip")}</a>
        <header class="top">
          <a class="brand" href="/">
            <Icon name="i-bell" />
            <span>Carillon</span>
          </a>
          {frame.isBare ? null : <Navigation frame={frame} />}
          <FrameMenu frame={frame} />
        </header>
        <p
          id="lost"
          class="alarm"
          role="alert"
          data-nothing={text(locale, "page.lost_click")}
          data-unknown={text(locale, "page.lost_answer")}
          data-error-nothing={text(locale, "page.error_nothing", { status: "{status}" })}
          data-error-unknown={text(locale, "page.error_unknown", { status: "{status}" })}
          hidden
        >
          {text(locale, "page.lost")}
        </p>
        <p id="stale" class="alarm" role="alert" hidden>
          <span></span> <a href="/sign-in" hidden>{text(locale, "sign_in.submit")}</a>
        </p>
        <Trouble frame={frame} />
        <main id="main" tabindex={-1}>{children}</main>
        <dialog id="dialog" class="dialog" aria-labelledby="dialog-title"></dialog>
        <div id="toasts" class="toasts" role="status" aria-live="polite" popover="manual"></div>
        <footer class="foot">Carillon {frame.version}</footer>
      </body>
    </html>
  );
}

/** What leads to pages and says how things are; nothing of it is for somebody who has not signed in. */
function Navigation({ frame: { viewer, path, counts } }: { frame: PageFrame }) {
  const { locale } = viewer;
  return (
    <>
      <nav class="nav" aria-label={text(locale, "page.nav")}>
        {PAGES.filter(({ right }) => right === undefined || viewer.may(right)).map((
          { address, key, icon },
        ) => (
          <a href={address} aria-current={placeOf(path, address)}>
            <Icon name={icon} />
            {text(locale, key)}
          </a>
        ))}
      </nav>
      <form class="search-form" method="get" action="/search" hx-get="/search" hx-target="#dialog">
        <button class="search" type="submit" data-kind="search" title={text(locale, "search.open")}>
          <Icon name="i-search" />
          <span>{text(locale, "search.open")}</span>
          <kbd>Ctrl K</kbd>
        </button>
      </form>
      <Counts viewer={viewer} counts={counts} />
    </>
  );
}

/** What the style sheet tells pages apart by. */
function kindOf(path: string): string {
  const [first = "", second] = path.split("/").slice(1);
  if (first === "tasks" || first === "runs") {
    return second === undefined ? `p-${first}` : `p-${first.slice(0, -1)}`;
  }
  return first === "" ? "p-today" : `p-${first}`;
}

/** The page itself, or one that stands beneath it. */
function placeOf(path: string, address: string): "page" | "true" | undefined {
  if (path === address) return "page";
  return address !== "/" && path.startsWith(`${address}/`) ? "true" : undefined;
}

/** What is going on, and whether the page hears of it; refreshed with the page's live part. */
export function Counts({ viewer: { locale, may }, counts }: { viewer: ViewerView; counts: FrameCounts }) {
  const { running, paused, broken } = counts;
  return (
    <div id="counts" class="live">
      {running === 0 ? null : (
        <a href="/runs?status=running">
          <b>{running}</b> {text(locale, "count.running")}
        </a>
      )}
      {paused === 0 ? null : (
        <a class="wide" href="/tasks?status=paused">
          <b>{paused}</b> {text(locale, "count.paused")}
        </a>
      )}
      {broken === 0 ? null : may("system")
        ? (
          <a class="wide warn" href="/system">
            <b>{broken}</b> {text(locale, "count.broken")}
          </a>
        )
        : (
          <span class="wide warn">
            <b>{broken}</b> {text(locale, "count.broken")}
          </span>
        )}
      <span class="link" hidden data-script-only>
        <svg class="pulse" viewBox="0 0 8 8" aria-hidden="true">
          <circle cx="4" cy="4" r="3.5" fill="currentColor" />
        </svg>
        <span class="wide is-live">{text(locale, "page.live")}</span>
        <span class="is-lost">{text(locale, "page.not_live")}</span>
      </span>
    </div>
  );
}

function Trouble(
  { frame: { viewer, historyTrouble, folderTrouble, undelivered, passedOn } }: {
    frame: PageFrame;
  },
) {
  const { locale } = viewer;
  const { trouble, setAside, rewrittenAt } = historyTrouble;
  return (
    <>
      {trouble === undefined
        ? null
        : <p class="alarm">{text(locale, "page.history_trouble", { reason: trouble })}</p>}
      {setAside === undefined
        ? null
        : <p class="alarm">{text(locale, "page.history_set_aside", { file: setAside })}</p>}
      {rewrittenAt === undefined ? null : (
        <p class="alarm">
          {text(locale, "page.history_rewritten", {
            time: shortMoment(rewrittenAt, viewer.now, viewer.zone, locale),
          })}
        </p>
      )}
      {folderTrouble === undefined ? null : (
        <p class="alarm">
          {text(locale, "page.folder_trouble", {
            reason: folderTrouble || text(locale, "page.reason_in_log"),
          })}
        </p>
      )}
      {undelivered === 0 ? null : (
        <p class="alarm">
          <a href="/deliveries">{text(locale, "page.undelivered", { n: undelivered })}</a>
        </p>
      )}
      {passedOn === 0 ? null : (
        <p class="alarm">
          <a href="/deliveries">{text(locale, "page.passed_on", { n: passedOn })}</a>
        </p>
      )}
    </>
  );
}
