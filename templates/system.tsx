/** How Carillon itself is. */
import type { EpochMs } from "../app/time.ts";
import { duration } from "../app/locale/format.ts";
import { type Locale, text, type TextKey } from "../app/locale/locale.ts";
import type { BrokenFile } from "../app/task/registry.ts";
import { BrokenFiles, Countdown, Live, Moment, SLOW } from "./parts.tsx";
import type { ViewerView } from "./views.ts";

export interface SystemView {
  readonly facts: readonly (readonly [TextKey, string])[];
  /** How late runs began, in milliseconds; undefined where none has. */
  readonly lateness: {
    readonly count: number;
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
  } | undefined;
  readonly next: readonly {
    readonly id: string;
    readonly title: string;
    readonly at: EpochMs;
    readonly timezone: string;
  }[];
  readonly broken: readonly BrokenFile[];
  readonly history: {
    /** Empty where there is none. */
    readonly file: string;
    readonly size?: string;
    readonly reason?: string;
    readonly setAside?: string;
  };
}

export interface DatabasesView {
  readonly file: string;
  readonly all: readonly { readonly name: string; readonly type: string }[];
  readonly problem?: string;
}

export function System({ viewer, system }: { viewer: ViewerView; system: SystemView }) {
  const { locale } = viewer;
  const { facts, lateness, next, broken, history } = system;
  return (
    <Live address="/system" seconds={SLOW}>
      <BrokenFiles files={broken} locale={locale} />
      <div class="columns">
        <dl class="facts">
          {facts.map(([key, value]) => (
            <>
              <dt>{text(locale, key)}</dt>
              <dd>{value}</dd>
            </>
          ))}
          <dt>{text(locale, "system.lateness")}</dt>
          <dd>
            {lateness === undefined ? "–" : text(locale, "system.lateness_value", {
              n: lateness.count,
              p50: duration(lateness.p50, locale),
              p95: duration(lateness.p95, locale),
              p99: duration(lateness.p99, locale),
            })}
          </dd>
          <dt>{text(locale, "system.history")}</dt>
          <dd>
            {history.file === "" ? text(locale, "system.history_none") : (
              <>
                <code>{history.file}</code> {history.size}
              </>
            )}
            {history.reason === undefined ? null : (
              <span class="warning">
                {text(locale, "page.history_trouble", { reason: history.reason })}
              </span>
            )}
            {history.setAside === undefined ? null : (
              <span class="warning">
                {text(locale, "page.history_set_aside", { file: history.setAside })}
              </span>
            )}
          </dd>
        </dl>
        <section aria-labelledby="next-title">
          <h2 id="next-title">{text(locale, "system.next")}</h2>
          {next.length === 0 ? <p class="quiet">–</p> : (
            <ol class="bare">
              {next.map(({ id, title, at, timezone }) => (
                <li>
                  <a href={`/tasks/${encodeURIComponent(id)}`}>{title}</a>{" "}
                  <Moment at={at} timezone={timezone} viewer={viewer} /> <Countdown at={at} />
                </li>
              ))}
            </ol>
          )}
        </section>
      </div>
    </Live>
  );
}

/** Stands below what is refreshed: the file is read when the page is opened. */
export function Databases({ locale, databases }: { locale: Locale; databases: DatabasesView }) {
  return (
    <>
      <h2>{text(locale, "system.databases")}</h2>
      <p class="quiet">
        <code>{databases.file}</code>
      </p>
      {databases.problem === undefined ? null : <p class="notice notice-bad preserve">{databases.problem}</p>}
      {databases.all.length === 0 && databases.problem === undefined
        ? <p class="quiet">{text(locale, "system.no_databases")}</p>
        : (
          <ul class="bare databases">
            {databases.all.map(({ name, type }) => (
              <li>
                <code>{name}</code> <span class="quiet">{type}</span>
                <form
                  method="post"
                  action={`/system/databases/${encodeURIComponent(name)}/test`}
                  hx-post={`/system/databases/${encodeURIComponent(name)}/test`}
                  hx-target="find .result"
                  hx-swap="innerHTML"
                  hx-disable="find button"
                >
                  <button type="submit" class="plain" aria-label={text(locale, "system.test_of", { name })}>
                    {text(locale, "system.test")}
                  </button>
                  <span class="result" role="status"></span>
                </form>
              </li>
            ))}
          </ul>
        )}
    </>
  );
}

/** Whether a database answered. */
export function DatabaseResult(
  { locale, name, result }: {
    locale: Locale;
    name: string;
    result:
      | { readonly ok: true; readonly version: string; readonly ms: number }
      | { readonly ok: false; readonly message: string };
  },
) {
  if (!result.ok) return <span class="problem preserve">{result.message}</span>;
  const { version, ms } = result;
  return <span class="good">{text(locale, "system.answers", { name, version, ms: ms.toFixed(1) })}</span>;
}
