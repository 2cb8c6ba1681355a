/** The frame of every page: head, header, main, dialog, footer. */
import type { Child } from "hono/jsx";
import { LANGUAGE_TAG, type Locale, LOCALES, text } from "../app/locale/locale.ts";
import { AskButton, DialogTitle } from "./parts.tsx";
import type { ViewerView } from "./views.ts";

export interface PageFrame {
  readonly viewer: ViewerView;
  /** Path of the page. */
  readonly path: string;
  /** Path with what was asked of it: where one comes back to. */
  readonly address: string;
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
  // What a viewer has unfolded stays so when its page is refreshed.
  morphIgnore: ["data-htmx-powered", "open"],
});

const PAGES = [["/", "page.tasks"], ["/timeline", "page.timeline"], ["/system", "page.system"]] as const;
const THEMES = ["system", "light", "dark"] as const;

export function Page({ frame, title, children }: { frame: PageFrame; title: string; children: Child }) {
  const { viewer: { locale, timezone, theme }, assets, path, version, historyTrouble } = frame;
  return (
    <html lang={LANGUAGE_TAG[locale]} data-timezone={timezone ?? ""} data-theme={theme}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content={theme ?? "light dark"} />
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
            {PAGES.map(([address, key]) => (
              <a href={address} aria-current={path === address ? "page" : undefined}>{text(locale, key)}</a>
            ))}
          </nav>
          <form class="language" method="post" action="/language">
            <input type="hidden" name="back" value={frame.address} />
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
        <footer class="quiet">
          <span>Carillon {version}</span>
          <ThemeSwitch frame={frame} />
          <AskButton address="/keys" label={text(locale, "page.keys")} kind="keys" quiet />
          <NewsSwitch locale={locale} />
        </footer>
      </body>
    </html>
  );
}

function ThemeSwitch({ frame: { viewer: { locale, theme }, address } }: { frame: PageFrame }) {
  const chosen = theme ?? "system";
  return (
    <form method="post" action="/theme" aria-label={text(locale, "page.theme")}>
      <input type="hidden" name="back" value={address} />
      {THEMES.map((each) => (
        <button
          type="submit"
          class="plain"
          name="theme"
          value={each}
          aria-pressed={each === chosen ? "true" : "false"}
        >
          {text(locale, `theme.${each}`)}
        </button>
      ))}
    </form>
  );
}

/** Shown by the page's script, where the browser can notify. */
function NewsSwitch({ locale }: { locale: Locale }) {
  return (
    <button
      type="button"
      class="plain"
      id="news"
      aria-pressed="false"
      data-title={text(locale, "news.title", { title: "{title}" })}
      hidden
    >
      {text(locale, "news.switch")}
    </button>
  );
}

/** What the keyboard does; shown in a dialog, or without a script on a page of its own. */
export function Keys({ locale, inDialog }: { locale: Locale; inDialog: boolean }) {
  const keys = [["/", "keys.search"], ["j k", "keys.move"], ["Enter", "keys.open"], ["r", "keys.run"], [
    "?",
    "keys.help",
  ]] as const;
  return (
    <section class="question">
      <DialogTitle inDialog={inDialog}>{text(locale, "page.keys")}</DialogTitle>
      <dl class="facts">
        {keys.map(([key, meaning]) => (
          <>
            <dt>{key.split(" ").map((each) => <kbd>{each}</kbd>)}</dt>
            <dd>{text(locale, meaning)}</dd>
          </>
        ))}
      </dl>
      <div class="buttons">
        {inDialog
          ? <button type="button" class="plain" data-close autofocus>{text(locale, "keys.close")}</button>
          : <a class="button plain" href="/">{text(locale, "keys.close")}</a>}
      </div>
    </section>
  );
}
