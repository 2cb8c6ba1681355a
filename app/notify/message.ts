/** What is sent, before any channel gives it its own form: short texts in one language. */
import type { EpochMs } from "../base/time.ts";
import type { Locale } from "../model/locale.ts";
import type { NoticeKind } from "./notice.ts";

/** Colour and urgency: something is wrong, something is odd, it is over, for information only. */
export type Tone = "bad" | "warn" | "good" | "info";

export interface Message {
  /** The same for every try of it: `webhook-id`, and the left half of the Message-ID. */
  readonly id: string;
  readonly at: EpochMs;
  readonly tone: Tone;
  readonly locale: Locale;
  /** One line. */
  readonly title: string;
  /** What it is about in a few lines, each a name and a value. */
  readonly facts: readonly Fact[];
  /** The first lines of the error; not to be read as markup. */
  readonly detail?: string | undefined;
  /** Address of the page that shows more; only where `[server] base_url` is set. */
  readonly link?: string | undefined;
  readonly linkText: string;
  /** What it is about, such as `task/sync_orders`: messages of one subject belong together. */
  readonly subject: string;
  /** The same for programs. */
  readonly events: readonly MessageEvent[];
}

export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** One thing that happened, as a webhook is given it. */
export interface MessageEvent {
  readonly kind: NoticeKind;
  readonly at: EpochMs;
  readonly task?: string | undefined;
  readonly run?: string | undefined;
  /** How often it has happened since the last message about it. */
  readonly count: number;
  readonly error?: string | undefined;
}

/** The message without any markup: facts a line each, then the error, then the link. */
export function plainText({ facts, detail, link }: Message): string {
  const lines = facts.map(({ name, value }) => `${name}: ${value}`);
  return [
    lines.join("\n"),
    ...(detail === undefined ? [] : [detail]),
    ...(link === undefined ? [] : [link]),
  ].filter((part) => part !== "").join("\n\n");
}
