/** What is different from the last run that went well: where one looks for why this one did not. */
import type { Child } from "hono/jsx";
import { paramText } from "../../app/locale/format.ts";
import { text } from "../../app/locale/locale.ts";
import { shortDuration } from "../../app/locale/moments.ts";
import { Moment } from "../components/basics.tsx";
import { CodeDiff, type CodeDiffView } from "../components/code_diff.tsx";
import type { RunLink, ViewerView } from "../views.ts";

export interface RunChangesView {
  readonly good: RunLink;
  readonly timezone: string;
  /** Files of the code that are not the same; undefined where that is not known. */
  readonly code: readonly CodeDiffView[] | undefined;
  readonly params: readonly { readonly name: string; readonly before: unknown; readonly now: unknown }[];
  readonly tookMs: { readonly before: number | undefined; readonly now: number | undefined };
  readonly line?: {
    readonly address: string;
    readonly number: number;
    readonly before: string | undefined;
    readonly now: string | undefined;
  } | undefined;
  /** Who or what started the two, where that is not the same. */
  readonly cause?: Before | undefined;
  /** The machine and the Carillon that ran the two, where they are not the same. */
  readonly host?: Before | undefined;
  readonly carillon?: Before | undefined;
}

interface Before {
  readonly before: string;
  readonly now: string;
}

export function RunChanges(
  { viewer, good, timezone, code, params, tookMs, line, cause, host, carillon }: RunChangesView & {
    viewer: ViewerView;
  },
) {
  const { locale } = viewer;
  const value = (given: unknown) => given === undefined ? "–" : paramText(given);
  return (
    <section class="twins-one">
      <h2 class="sub">
        {text(locale, "changes.title")}{" "}
        <a class="quiet" href={good.address}>
          <Moment at={good.at} timezone={timezone} viewer={viewer} />
        </a>
      </h2>
      <dl class="changes sheet">
        <dt>{text(locale, "changes.code")}</dt>
        <dd>
          {code === undefined
            ? <span class="quiet">{text(locale, "changes.code_unknown")}</span>
            : code.length === 0
            ? <span class="quiet">{text(locale, "changes.same")}</span>
            : code.map((file, i) => <CodeDiff file={file} open={i === 0} locale={locale} />)}
        </dd>
        <dt>{text(locale, "task.params")}</dt>
        <dd class="mono">
          {params.length === 0
            ? <span class="quiet">{text(locale, "changes.same")}</span>
            : params.map(({ name, before, now }) => (
              <span class="change">
                {name} <Change before={value(before)} now={value(now)} />
              </span>
            ))}
        </dd>
        <Row name={text(locale, "run.cause")} change={cause} />
        <Row name={text(locale, "changes.host")} change={host} />
        <Row name={text(locale, "changes.carillon")} change={carillon} />
        <dt>{text(locale, "task.took")}</dt>
        <dd>
          <Change
            before={tookMs.before === undefined ? "–" : shortDuration(tookMs.before, locale)}
            now={tookMs.now === undefined ? "–" : shortDuration(tookMs.now, locale)}
          />
        </dd>
        <dt>{text(locale, "run.log")}</dt>
        <dd class="mono">
          {line === undefined ? <span class="quiet">{text(locale, "changes.same")}</span> : (
            <>
              <a href={line.address}>{text(locale, "changes.from_line", { n: line.number })}</a>{" "}
              {line.before === undefined ? null : <del class="minus">{line.before}</del>}{" "}
              {line.now === undefined ? null : <ins class="plus">{line.now}</ins>}
            </>
          )}
        </dd>
      </dl>
    </section>
  );
}

function Row({ name, change }: { name: string; change: Before | undefined }) {
  if (change === undefined) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <Change {...change} />
      </dd>
    </>
  );
}

function Change({ before, now }: { before: Child; now: Child }) {
  return (
    <>
      {before} <span class="quiet" aria-hidden="true">→</span> <b>{now}</b>
    </>
  );
}
