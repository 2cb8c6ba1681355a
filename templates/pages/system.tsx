/** How Carillon itself is: what is wrong first. */
import type { EpochMs } from "../../app/base/time.ts";
import { duration } from "../../app/locale/format.ts";
import { text, type TextKey } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import { Countdown, counted, Live, Moment, SLOW } from "../components/basics.tsx";
import { BrokenFiles, type BrokenFileView } from "../components/broken_files.tsx";
import { Sign } from "../components/sign.tsx";
import type { ViewerView } from "../views.ts";

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
  readonly broken: readonly BrokenFileView[];
  readonly history: {
    /** Empty where there is none. */
    readonly file: string;
    readonly size?: string | undefined;
    readonly reason?: string | undefined;
    readonly setAside?: string | undefined;
    /** Those whose runs and logs take the most, largest first; none until all has been counted once. */
    readonly tasks: readonly { readonly id: string; readonly title: string; readonly size: string }[];
  };
  /** Undefined for whoever may not read it. */
  readonly audit?: { readonly trouble?: string | undefined } | undefined;
}

export interface DatabasesView {
  readonly file: string;
  readonly all: readonly { readonly name: string; readonly type: string }[];
  readonly problem?: string | undefined;
}

export function System({ viewer, system }: { viewer: ViewerView; system: SystemView }) {
  const { locale } = viewer;
  const { broken, history } = system;
  const ill = [
    ...broken.length === 0
      ? []
      : [<span class="warn">{counted(locale, "broken.title", broken.length)}</span>],
    ...history.reason === undefined ? [] : [<span class="bad">{text(locale, "system.history_ill")}</span>],
  ];
  return (
    <Live address="/system" seconds={SLOW}>
      <h1>
        {ill.length === 0
          ? (
            <>
              <Sign name="s-ok" tone="good big" /> {text(locale, "system.well")}
            </>
          )
          : ill.map((each, i) => (
            <>
              {i === 0 ? null : text(locale, "list.comma")}
              {each}
            </>
          ))}
      </h1>
      <div class="with-rail system">
        <div>
          <BrokenFiles files={broken} locale={locale} title={text(locale, "broken.files")} />
          <Facts viewer={viewer} system={system} />
        </div>
        <aside class="rail" aria-labelledby="next-title">
          <section>
            <h2 id="next-title">{text(locale, "system.next")}</h2>
            {system.next.length === 0 ? <p class="quiet">–</p> : (
              <ol class="next-list">
                {system.next.map(({ id, title, at, timezone }) => (
                  <li id={`next-${id}`}>
                    <span class="quiet">
                      <Moment at={at} timezone={timezone} viewer={viewer} />
                    </span>
                    <a class="cut" href={`/tasks/${encodeURIComponent(id)}`}>{title}</a>
                    <Countdown at={at} />
                  </li>
                ))}
              </ol>
            )}
          </section>
        </aside>
      </div>
    </Live>
  );
}

function Facts({ viewer: { locale, may }, system }: { viewer: ViewerView; system: SystemView }) {
  const { facts, lateness, history } = system;
  return (
    <dl class="pairs system-facts">
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
        {history.reason === undefined
          ? null
          : <p class="warn">{text(locale, "page.history_trouble", { reason: history.reason })}</p>}
        {history.setAside === undefined
          ? null
          : <p class="warn">{text(locale, "page.history_set_aside", { file: history.setAside })}</p>}
      </dd>
      {history.tasks.length === 0 ? null : (
        <>
          <dt>{text(locale, "system.history_tasks")}</dt>
          <dd>
            <ul>
              {history.tasks.map(({ id, title, size }) => (
                <li>
                  <a href={`/tasks/${encodeURIComponent(id)}`}>{title}</a> {size}
                </li>
              ))}
            </ul>
          </dd>
        </>
      )}
      {may("users")
        ? (
          <>
            <dt>{text(locale, "users.title")}</dt>
            <dd>
              <a href="/system/users">{text(locale, "users.manage")}</a>
            </dd>
          </>
        )
        : null}
      {system.audit === undefined ? null : (
        <>
          <dt>{text(locale, "page.audit")}</dt>
          <dd>
            <a href="/audit">{text(locale, "audit.look")}</a>
            {system.audit.trouble === undefined ? null : <p class="warn">{system.audit.trouble}</p>}
          </dd>
        </>
      )}
    </dl>
  );
}

/** Stands below what is refreshed: the file is read when the page is opened. */
export function Databases({ locale, databases }: { locale: Locale; databases: DatabasesView }) {
  const { file, all, problem } = databases;
  return (
    <section>
      <div class="bar sub">
        <h2>{text(locale, "system.databases")}</h2>
        <code class="quiet">{file}</code>
        <span class="grow"></span>
        {all.length < 2
          ? null
          : (
            <button type="button" class="btn s" data-click=".databases button" hidden data-script-only>
              {text(locale, "system.test_all")}
            </button>
          )}
      </div>
      {problem === undefined ? null : <p class="alarm preserve">{problem}</p>}
      {all.length === 0 && problem === undefined
        ? <p class="quiet">{text(locale, "system.no_databases")}</p>
        : (
          <ul class="databases sheet">
            {all.map(({ name, type }) => (
              <li>
                <b>{name}</b> <span class="quiet">{type}</span>
                <form
                  method="post"
                  action={`/system/databases/${encodeURIComponent(name)}/test`}
                  hx-post={`/system/databases/${encodeURIComponent(name)}/test`}
                  hx-target="find .result"
                  hx-swap="innerHTML"
                  hx-disable="find button"
                >
                  <span class="result" role="status"></span>
                  <button type="submit" class="btn s" aria-label={text(locale, "system.test_of", { name })}>
                    {text(locale, "system.test")}
                  </button>
                </form>
              </li>
            ))}
          </ul>
        )}
    </section>
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
