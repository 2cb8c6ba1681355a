/** Runs that wait for the word of another person, as Today lists them. */
import type { EpochMs } from "../../app/base/time.ts";
import { text } from "../../app/locale/locale.ts";
import type { ViewerView } from "../views.ts";
import { Moment } from "./basics.tsx";
import { Sign } from "./sign.tsx";

export interface AwaitingView {
  readonly title: string;
  /** Of its page, where it is decided. */
  readonly address: string;
  readonly askedBy: string;
  readonly role: string;
  readonly note?: string | undefined;
  readonly expiresAt: EpochMs;
  /** True where whoever looks may decide. */
  readonly isYours: boolean;
}

export interface AwaitingProps {
  readonly viewer: ViewerView;
  readonly awaiting: readonly AwaitingView[];
  readonly awaitingCount: number;
  /** Address of all of them. */
  readonly awaitingAll: string;
}

export function Awaiting({ viewer, awaiting, awaitingCount, awaitingAll }: AwaitingProps) {
  const { locale } = viewer;
  if (awaiting.length === 0) return null;
  return (
    <section id="awaiting" aria-labelledby="awaiting-title">
      <div class="bar needs-head">
        <h2 id="awaiting-title">
          {text(locale, "outcome.awaiting_approval")} <a href={awaitingAll}>{awaitingCount}</a>
        </h2>
      </div>
      <ul class="sheet causes">
        {awaiting.map((each) => <Line run={each} viewer={viewer} />)}
      </ul>
    </section>
  );
}

function Line({ run, viewer }: { run: AwaitingView; viewer: ViewerView }) {
  const { title, address, askedBy, role, note, expiresAt, isYours } = run;
  const { locale } = viewer;
  const word = text(locale, isYours ? "awaiting.decide" : "needs.show");
  return (
    <li id={`awaiting-${address}`} class="cause">
      <span class={isYours ? "warn" : "quiet"}>
        <Sign name="s-ask" />
      </span>
      <div class="cut" title={note}>
        <a href={address}>{title}</a>
        {note === undefined ? null : <span class="quiet note">{note}</span>}
      </div>
      <div class="who cut">
        <span class="quiet">{text(locale, "awaiting.asked", { by: askedBy, role })}</span>
      </div>
      <div class="when">
        {text(locale, "awaiting.until")} <Moment at={expiresAt} timezone={viewer.zone} viewer={viewer} />
      </div>
      <div class="act">
        <a class={isYours ? "btn s main" : "btn s"} href={address} aria-label={`${word} ${title}`}>{word}</a>
      </div>
    </li>
  );
}
