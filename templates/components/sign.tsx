/** Signs: one shape for each state, always with its word. */
import type { Child } from "hono/jsx";
import { raw } from "hono/html";
import type { RunStatus } from "../../app/model/run.ts";
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import { shapeOf } from "./shapes.ts";

/** Filled signs ask for a person, lines do not. */
export type SignName =
  | "s-bad"
  | "s-ok"
  | "s-run"
  | "s-ask"
  | "s-file"
  | "s-int"
  | "s-skip"
  | "s-miss"
  | "s-due"
  | "s-pause"
  | "s-turned";

export type IconName = `i-${string}` | `n-${string}`;

export type Tone = "bad" | "ok" | "busy" | "warn" | "none";

export const STATUS_SIGNS: Readonly<Record<RunStatus, { readonly sign: SignName; readonly tone: Tone }>> = {
  awaiting_approval: { sign: "s-ask", tone: "warn" },
  queued: { sign: "s-due", tone: "busy" },
  running: { sign: "s-run", tone: "busy" },
  succeeded: { sign: "s-ok", tone: "ok" },
  failed: { sign: "s-bad", tone: "bad" },
  timed_out: { sign: "s-bad", tone: "bad" },
  interrupted: { sign: "s-int", tone: "bad" },
  cancelled: { sign: "s-skip", tone: "none" },
  skipped: { sign: "s-skip", tone: "none" },
  missed: { sign: "s-miss", tone: "warn" },
};

export function Sign({ name, tone = "" }: { name: SignName; tone?: string }) {
  return <Drawing name={name} look={`sign ${tone}`.trim()} />;
}

export function Icon({ name }: { name: IconName }) {
  return <Drawing name={name} />;
}

function Drawing({ name, look }: { name: string; look?: string }) {
  const { viewBox, markup } = shapeOf(name);
  return (
    <svg class={look} viewBox={viewBox} aria-hidden="true">
      {raw(markup)}
    </svg>
  );
}

/** A status by sign and word; `address` makes it a link. */
export function State(
  { status, locale, address, children }: {
    status: RunStatus;
    locale: Locale;
    address?: string | undefined;
    /** Stands in the place of the status's own word. */
    children?: Child;
  },
) {
  const { sign, tone } = STATUS_SIGNS[status];
  const content = (
    <>
      <Sign name={sign} />
      {children ?? text(locale, `status.${status}`)}
    </>
  );
  const look = `state ${tone} status-${status}`;
  return address === undefined
    ? <span class={look}>{content}</span>
    : <a class={look} href={address}>{content}</a>;
}
