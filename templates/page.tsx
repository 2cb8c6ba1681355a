/** The frame of every page: head, header, main, dialog, footer. */
import type { Child } from "hono/jsx";
import { LANGUAGE_TAG, LOCALES, text } from "../app/locale/locale.ts";
import type { ViewerView } from "./views.ts";

export interface PageFrame {
  readonly viewer: ViewerView;
  /** Path of the page. */
  readonly path: string;
  readonly assets: {
    readonly style: string;
    readonly htmx: string;
    readonly app: string;
    readonly icon: string;
  };
  readonly version: string;
  /** Why the history is kept in memory only, and where a damaged file was put. */
  readonly historyTrouble: { readonly reason?: string; readonly setAside?: string };
}

/** No style element and no evaluated code: both would need a weaker Content-Security-Policy. */
const HTMX_SETTINGS = JSON.stringify({
  includeIndicatorCSS: false,
  history: "reload",
  defaultTimeout: 15_000,
});

export function Page({ frame, title, children }: { frame: PageFrame; title: string; children: Child }) {
  const { viewer: { locale, timezone }, assets, path, version, historyTrouble } = frame;
  return (
    <html lang={LANGUAGE_TAG[locale]} data-timezone={timezone ?? ""}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="htmx-config" content={HTMX_SETTINGS} />
        <title>{`${title} · Carillon`}</title>
        <link rel="icon" href={assets.icon} type="image/svg+xml" />
        <link rel="stylesheet" href={assets.style} />
        <script src={assets.htmx} defer></script>
        <script src={assets.app} type="module"></script>
      </head>
      <body>
        <a class="skip" href="#main">{text(locale, "page.skip")}</a>
        <header class="top">
          <a class="brand" href="/">
            <img src={assets.icon} alt="" width="24" height="24" /> Carillon
          </a>
          <nav aria-label={text(locale, "page.nav")}>
            <a href="/" aria-current={path === "/" ? "page" : undefined}>{text(locale, "page.tasks")}</a>
          </nav>
          <form class="language" method="post" action="/language">
            <input type="hidden" name="back" value={path} />
            {LOCALES.filter((each) => each !== locale).map((each) => (
              <button type="submit" class="plain" name="language" value={each} lang={LANGUAGE_TAG[each]}>
                {text(each, "language.name")}
              </button>
            ))}
          </form>
        </header>
        <p id="lost" class="notice notice-bad" role="alert" hidden>{text(locale, "page.lost")}</p>
        {historyTrouble.reason === undefined ? null : (
          <p class="notice notice-bad">
            {text(locale, "page.history_trouble", { reason: historyTrouble.reason })}
          </p>
        )}
        {historyTrouble.setAside === undefined ? null : (
          <p class="notice notice-bad">
            {text(locale, "page.history_set_aside", { file: historyTrouble.setAside })}
          </p>
        )}
        <main id="main" tabindex={-1}>{children}</main>
        <dialog id="dialog" aria-labelledby="dialog-title"></dialog>
        <div id="toasts" role="status" aria-live="polite"></div>
        <footer class="quiet">Carillon {version}</footer>
      </body>
    </html>
  );
}
