/** What a run that another person has to approve shows: who asked why, what the last such run did, and who decided how. */
import type { EpochMs } from "../../app/base/time.ts";
import { text } from "../../app/locale/locale.ts";
import type { RunStatus } from "../../app/model/run.ts";
import { Moment } from "../components/basics.tsx";
import { AskButton } from "../components/buttons.tsx";
import { Sign, State } from "../components/sign.tsx";
import type { RunView, ViewerView } from "../views.ts";

export interface RunApprovalView {
  /** Undefined while nobody has decided. */
  readonly decision?: {
    readonly kind: "approved" | "declined";
    readonly by: string;
    readonly at: EpochMs;
    readonly note?: string | undefined;
  } | undefined;
  readonly isWaiting: boolean;
  readonly role: string;
  readonly askedBy: string;
  readonly expiresAt: EpochMs;
  /** True where the task's code is another one than when the run was asked for. */
  readonly isChanged: boolean;
  /** Why whoever looks cannot decide, in words. */
  readonly whyNot?: string | undefined;
  /** The last run that somebody asked for. */
  readonly last?: {
    readonly address: string;
    readonly status: RunStatus;
    readonly at: EpochMs;
    readonly said: string;
    readonly hasSameParams: boolean;
  } | undefined;
}

/** Why somebody wanted the run, in their words. */
export function RunNote({ run: { note, by }, viewer: { locale } }: { run: RunView; viewer: ViewerView }) {
  if (note === undefined) return null;
  return (
    <p class="preserve run-note">
      <b>{by === undefined ? text(locale, "run.note") : text(locale, "run.note_of", { by })}</b>
      {text(locale, "list.colon")}
      {note}
    </p>
  );
}

export function RunApproval(
  { run, approval, viewer }: { run: RunView; approval: RunApprovalView; viewer: ViewerView },
) {
  const { locale } = viewer;
  if (!approval.isWaiting) return <Decided run={run} approval={approval} viewer={viewer} />;
  const { role, askedBy, expiresAt, isChanged, whyNot, last } = approval;
  return (
    <section class="sheet approval" aria-label={text(locale, "outcome.awaiting_approval")}>
      <p>
        <Sign name="s-ask" tone="warn" /> {text(locale, "approval.waits", { by: askedBy, role })}{" "}
        <Moment at={expiresAt} timezone={run.timezone} viewer={viewer} />
      </p>
      {isChanged ? <p class="warn">{text(locale, "approval.changed")}</p> : null}
      {last === undefined ? <p class="quiet">{text(locale, "approval.no_last")}</p> : (
        <p>
          {text(locale, "approval.last")}{" "}
          <State status={last.status} locale={locale} address={last.address} />{" "}
          <Moment at={last.at} timezone={run.timezone} viewer={viewer} />
          {last.said === ""
            ? null
            : <span class="preserve">{`${text(locale, "list.colon")}${last.said}`}</span>}{" "}
          <span class="quiet">
            {text(locale, last.hasSameParams ? "approval.same_params" : "approval.other_params")}
          </span>
        </p>
      )}
      {whyNot === undefined
        ? (
          <div class="btns">
            <AskButton
              address={`/runs/${run.id}/approve`}
              label={text(locale, "approval.approve")}
              look="btn main"
            />
            <AskButton
              address={`/runs/${run.id}/decline`}
              label={text(locale, "approval.decline")}
              look="btn danger"
            />
          </div>
        )
        : <p class="quiet">{whyNot}</p>}
    </section>
  );
}

function Decided(
  { run, approval: { decision }, viewer }: { run: RunView; approval: RunApprovalView; viewer: ViewerView },
) {
  if (!decision) return null;
  const { kind, by, at, note } = decision;
  const { locale } = viewer;
  return (
    <p class="preserve">
      {text(locale, kind === "approved" ? "approval.approved_by" : "approval.declined_by", { by })}{" "}
      <Moment at={at} timezone={run.timezone} viewer={viewer} />
      {note === undefined ? null : `${text(locale, "list.colon")}${note}`}
    </p>
  );
}
