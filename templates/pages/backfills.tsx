/** Backfills: all that are kept, and one with what became of its runs. */
import type { EpochMs } from "../../app/base/time.ts";
import { text } from "../../app/locale/locale.ts";
import { shortMoment } from "../../app/locale/moments.ts";
import type { BackfillState } from "../../app/model/backfill.ts";
import type { RunStatus } from "../../app/model/run.ts";
import { Live, QUICK, SLOW } from "../components/basics.tsx";
import { AskButton } from "../components/buttons.tsx";
import { State } from "../components/sign.tsx";
import type { ViewerView } from "../views.ts";

export interface BackfillView {
  readonly id: string;
  readonly state: BackfillState;
  /** Its task, by id, by name and by address. */
  readonly taskId: string;
  readonly title: string;
  readonly task: string;
  readonly address: string;
  readonly zone: string;
  readonly range: string;
  readonly askedAt: EpochMs;
  readonly by?: string | undefined;
  readonly total: number;
  readonly waiting: number;
  readonly going: readonly { readonly id: string; readonly address: string }[];
  readonly done: number;
  readonly ended: readonly { readonly status: RunStatus; readonly n: number }[];
  readonly failed: readonly {
    readonly status: RunStatus;
    readonly address: string;
    readonly at: string;
  }[];
  /** Address of all its runs. */
  readonly runs: string;
}

export function Backfills(
  { viewer, backfills, address }: {
    viewer: ViewerView;
    backfills: readonly BackfillView[];
    address: string;
  },
) {
  const { locale } = viewer;
  const busy = backfills.some(({ state }) => state === "going");
  return (
    <Live address={address} seconds={busy ? QUICK : SLOW}>
      <h1>{text(locale, "backfill.page")}</h1>
      {backfills.length === 0
        ? <p class="quiet">{text(locale, "backfill.none")}</p>
        : (
          <ul class="sheet causes">
            {backfills.map((each) => (
              <li class="backfill-line">
                <a href={each.address}>{each.title}</a>
                <span class="quiet mono">{each.range}</span>
                <Progress backfill={each} viewer={viewer} />
              </li>
            ))}
          </ul>
        )}
    </Live>
  );
}

function Progress({ backfill, viewer: { locale } }: { backfill: BackfillView; viewer: ViewerView }) {
  const { state, done, total, waiting } = backfill;
  return (
    <span class="progress-line">
      <progress max={String(total)} value={String(done)} aria-label={text(locale, "run.progress")}></progress>
      {" "}
      {text(locale, "backfill.progress", { done, total })} <b>{text(locale, `backfill.${state}`)}</b>
      {state !== "going" || waiting === 0
        ? null
        : <span class="quiet">{text(locale, "backfill.waiting", { n: waiting })}</span>}
    </span>
  );
}

export function Backfill({ viewer, backfill }: { viewer: ViewerView; backfill: BackfillView }) {
  const { locale, now, zone } = viewer;
  const { title, task, address, range, state, askedAt, by, going, ended, failed, runs } = backfill;
  return (
    <Live address={address} seconds={state === "going" ? QUICK : undefined}>
      <div class="bar head">
        <div class="grow">
          <h1>
            {text(locale, "backfill.page")}
            {text(locale, "list.colon")}
            <a href={task}>{title}</a>
          </h1>
          <div class="facts state-line">
            <span>
              {text(locale, "backfill.range")} <b class="mono">{range}</b>{" "}
              <span class="quiet">{backfill.zone}</span>
            </span>
            <span>
              {text(locale, "backfill.asked", {
                at: shortMoment(askedAt, now, zone, locale),
                by: by === undefined ? "" : text(locale, "backfill.by", { name: by }),
              })}
            </span>
          </div>
        </div>
        <div class="btns">
          {state !== "going" || !viewer.may("cancel", backfill.taskId) ? null : (
            <AskButton
              address={`${address}/cancel`}
              label={text(locale, "backfill.cancel")}
              look="btn danger"
            />
          )}
          <a class="btn" href={runs}>{text(locale, "backfill.all_runs")}</a>
        </div>
      </div>
      <p role="status">
        <Progress backfill={backfill} viewer={viewer} />
      </p>
      <p class="facts">
        {ended.map(({ status, n }) => (
          <span>
            <State status={status} locale={locale} /> <b>{n}</b>
          </span>
        ))}
        {going.map(({ id, address: run }) => (
          <a href={run}>
            {text(locale, "status.running")} <span class="mono">{id.slice(-6)}</span>
          </a>
        ))}
      </p>
      {failed.length === 0 ? null : (
        <section>
          <h2 class="sub">{text(locale, "backfill.failed")}</h2>
          <ul class="bare">
            {failed.map(({ status, address: run, at }) => (
              <li>
                <State status={status} locale={locale} address={run} /> <span class="mono">{at}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </Live>
  );
}
