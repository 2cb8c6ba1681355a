/** The menu of every page: language, colours, keys, notifications. */
import { LANGUAGE_TAG, text } from "../../app/locale/locale.ts";
import { type Locale, LOCALES } from "../../app/model/locale.ts";
import { AskButton } from "./buttons.tsx";
import { DialogTitle } from "./dialog_parts.tsx";
import type { PageFrame } from "./frame.ts";
import { Icon } from "./sign.tsx";

const THEMES = ["system", "light", "dark"] as const;

export function FrameMenu({ frame }: { frame: PageFrame }) {
  const { viewer: { locale, theme }, address } = frame;
  const chosen = theme ?? "system";
  return (
    <>
      <button class="icon" type="button" popovertarget="menu" aria-label={text(locale, "page.menu")}>
        <Icon name="i-menu" />
      </button>
      <div id="menu" class="menu" popover="auto">
        <form method="post" action="/language">
          <input type="hidden" name="back" value={address} />
          {LOCALES.map((each) => (
            <button
              type="submit"
              class="chip"
              name="language"
              value={each}
              lang={LANGUAGE_TAG[each]}
              aria-pressed={each === locale ? "true" : "false"}
            >
              {text(each, "language.name")}
            </button>
          ))}
        </form>
        <form method="post" action="/theme" aria-label={text(locale, "page.theme")}>
          <input type="hidden" name="back" value={address} />
          {THEMES.map((each) => (
            <button
              type="submit"
              class="chip"
              name="theme"
              value={each}
              aria-pressed={each === chosen ? "true" : "false"}
            >
              {text(locale, `theme.${each}`)}
            </button>
          ))}
        </form>
        {frame.isBare ? null : (
          <>
            <NewsSwitch locale={locale} />
            <AskButton address="/keys" label={text(locale, "page.keys")} look="btn plain" kind="keys" />
            <a class="btn plain" href="/api">{text(locale, "page.api")}</a>
          </>
        )}
        {frame.person && <PersonMenu locale={locale} person={frame.person} />}
      </div>
    </>
  );
}

function PersonMenu({ locale, person }: { locale: Locale; person: NonNullable<PageFrame["person"]> }) {
  return (
    <>
      <a class="btn plain" href="/account">{text(locale, "account.of", { name: person.name })}</a>
      {person.signsOut
        ? (
          <form method="post" action="/sign-out">
            <button type="submit" class="btn plain">{text(locale, "account.sign_out")}</button>
          </form>
        )
        : null}
    </>
  );
}

/** Shown by the page's script. */
function NewsSwitch({ locale }: { locale: Locale }) {
  return (
    <button
      type="button"
      class="chip"
      id="news"
      aria-pressed="false"
      data-title={text(locale, "news.title", { title: "{title}" })}
      data-insecure={text(locale, "news.insecure")}
      data-refused={text(locale, "news.refused")}
      hidden
    >
      {text(locale, "news.switch")}
    </button>
  );
}

const KEYS = [
  ["Ctrl K", "keys.jump"],
  ["/", "keys.search"],
  ["j k", "keys.move"],
  ["Enter", "keys.open"],
  ["x", "keys.choose"],
  ["r", "keys.run"],
  ["?", "keys.help"],
] as const;

/** What the keyboard does; shown in a dialog, or without a script on a page of its own. */
export function Keys({ locale, inDialog }: { locale: Locale; inDialog: boolean }) {
  return (
    <section class="question">
      <DialogTitle inDialog={inDialog} locale={locale}>{text(locale, "page.keys")}</DialogTitle>
      <div class="body">
        <dl class="pairs">
          {KEYS.map(([key, meaning]) => (
            <>
              <dt>{key.split(" ").map((each) => <kbd>{each}</kbd>)}</dt>
              <dd>{text(locale, meaning)}</dd>
            </>
          ))}
        </dl>
      </div>
      <footer>
        <p></p>
        {inDialog
          ? <button type="button" class="btn" data-close autofocus>{text(locale, "keys.close")}</button>
          : <a class="btn" href="/">{text(locale, "keys.close")}</a>}
      </footer>
    </section>
  );
}
