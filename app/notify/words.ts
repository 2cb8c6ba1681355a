/** Drafts in words: a title, a few facts, the first lines of an error, in the target's language. */
import { toldText } from "../locale/sentence.ts";
import type { EpochMs } from "../base/time.ts";
import type { RunReader } from "../contracts.ts";
import { localDateTime } from "../base/time_zone.ts";
import { duration } from "../locale/format.ts";
import { isTextKey, list, text, type TextKey } from "../locale/locale.ts";
import type { Locale } from "../model/locale.ts";
import { durationOf } from "../model/run.ts";
import { clipChars } from "./clip.ts";
import { oneLine, shownText } from "./shown_text.ts";
import type { Delivery } from "./delivery.ts";
import type { Fact, Message, MessageEvent, Tone } from "./message.ts";
import type { Notice, NoticeKind } from "./notice.ts";
import type { Item } from "./incident.ts";
import { headlineOf } from "./headline.ts";
import { type RunStory, storyOf } from "./run_facts.ts";
import type { Target } from "./target.ts";

export interface WordsParts {
  readonly reader: RunReader;
  readonly titleOf: (taskId: string, locale: Locale) => string;
  /** Zone in which a task's times are shown. */
  readonly zoneOf: (taskId: string) => string;
  /** When a task's file was written last; undefined where nobody knows. */
  readonly changedAt: (taskId: string) => Promise<EpochMs | undefined>;
  /** `[server] base_url`, or empty. */
  readonly baseUrl: string;
  /** This machine's name. */
  readonly machine: string;
  /** Zone of what belongs to no task. */
  readonly timezone: string;
}

const TONES: Readonly<Partial<Record<NoticeKind, Tone>>> = {
  backfill_started: "info",
  backfill_ended: "info",
  recovered: "good",
  too_long: "warn",
  late: "warn",
  skipped: "warn",
  awaiting_approval: "info",
  digest: "info",
  test: "info",
};
const DETAIL_LINES = 15;
const DETAIL_CHARS = 2_000;
const SHORT_CHARS = 160;
const TITLE_CHARS = 300;
const FACT_CHARS = 1_000;
/** Items that a message lists; the others are counted. */
const LISTED = 20;

/** Makes the message that a delivery says. Never rejects because of the history: what it cannot be asked is left out. */
export async function messageOf(
  delivery: Pick<Delivery, "id" | "at" | "draft" | "failedAt">,
  target: Target,
  parts: WordsParts,
): Promise<Message> {
  const { id, at, draft, failedAt } = delivery;
  const { locale } = target;
  const [first] = draft.items;
  if (!first) throw new Error(`message ${id} says nothing`);
  const single = draft.items.length === 1 && draft.more === 0;
  const body = single
    ? await oneItem(first, locale, parts)
    : manyItems(draft.items, draft.more, locale, parts);
  const facts: Fact[] = [
    ...body.facts,
    ...(failedAt.length === 0
      ? []
      : [{ name: text(locale, "notice.not_by"), value: list(locale, failedAt) }]),
    { name: text(locale, "notice.server"), value: parts.baseUrl === "" ? parts.machine : parts.baseUrl },
  ];
  return {
    id,
    at,
    locale,
    tone: toneOf(draft.items),
    subject: single ? first.notice.subject : "carillon",
    linkText: text(locale, "notice.open"),
    events: draft.items.map(eventOf),
    title: clipChars(oneLine(body.title), TITLE_CHARS),
    facts: facts.map(({ name, value }) => ({
      name: clipChars(oneLine(name), FACT_CHARS),
      value: clipChars(shownText(value), FACT_CHARS),
    })),
    detail: body.detail,
    link: body.link,
  };
}

type Body = Pick<Message, "title" | "facts" | "detail" | "link">;

async function oneItem(item: Item, locale: Locale, parts: WordsParts): Promise<Body> {
  const { notice } = item;
  const zone = notice.task === undefined ? parts.timezone : parts.zoneOf(notice.task);
  const fact = (key: TextKey, value: string): Fact => ({ name: text(locale, key), value });
  const story = notice.kind === "failed" && notice.run !== undefined
    ? await storyOf(parts.reader, notice.run, parts.changedAt).catch(() => undefined)
    : undefined;
  return {
    title: headlineOf(item, locale, parts),
    facts: [
      ...(notice.task === undefined ? [] : [fact("notice.task", notice.task)]),
      fact("notice.at", `${localDateTime(notice.at, zone)} ${zone}`),
      ...(item.count > 1
        ? [
          fact(
            "notice.times",
            text(locale, "notice.times_value", { n: item.count, since: localDateTime(item.since, zone) }),
          ),
        ]
        : []),
      ...(notice.kind === "recovered"
        ? [fact("notice.lasted", duration(notice.at - item.since, locale))]
        : []),
      ...(story ? storyFacts(story, locale, zone) : []),
    ],
    detail: detailOf(notice, locale),
    link: linkTo(notice, parts.baseUrl),
  };
}

function storyFacts(
  { run, lastGood, alike, otherParams, changedAt }: RunStory,
  locale: Locale,
  zone: string,
): Fact[] {
  const facts: Fact[] = [];
  const add = (key: TextKey, value: string) => facts.push({ name: text(locale, key), value });
  const took = durationOf(run, run.finishedAt ?? run.queuedAt);
  if (took !== undefined) add("notice.took", duration(took, locale));
  if (run.attempt > 1) add("notice.attempts", String(run.attempt));
  if (alike > 0) add("notice.alike", text(locale, "notice.alike_value", { n: alike }));
  add(
    "notice.last_good",
    lastGood ? localDateTime(lastGood.finishedAt ?? lastGood.queuedAt, zone) : text(locale, "notice.never"),
  );
  if (changedAt !== undefined) {
    add("notice.changed", text(locale, "notice.changed_file", { at: localDateTime(changedAt, zone) }));
  }
  if (otherParams.length > 0) {
    add(
      "notice.changed",
      text(locale, "notice.changed_params", { names: list(locale, otherParams.slice(0, 10)) }),
    );
  }
  return facts;
}

/** Many things in one message: a line each. */
function manyItems(items: readonly Item[], more: number, locale: Locale, parts: WordsParts): Body {
  const kinds = new Set(items.map(({ notice: { kind } }) => kind));
  const total = items.length + more;
  const [kind] = kinds;
  const plural = kinds.size === 1 ? `notice.many.${kind}` : "";
  const listed = items.slice(0, LISTED).map((item): Fact => {
    const { notice } = item;
    const times = item.count > 1 ? ` ×${item.count}` : "";
    return { name: headlineOf(item, locale, parts) + times, value: shortOf(notice, locale) };
  });
  const rest = total - listed.length;
  return {
    title: text(locale, isTextKey(plural) ? plural : "notice.many", { n: total }),
    facts: [
      ...listed,
      ...(rest > 0
        ? [{ name: text(locale, "notice.more"), value: text(locale, "notice.more_value", { n: rest }) }]
        : []),
    ],
    link: parts.baseUrl === "" ? undefined : `${parts.baseUrl.replace(/\/$/, "")}/`,
  };
}

/** What a delivery says, in one line. */
export function headline(
  { draft: { items, more } }: Pick<Delivery, "draft">,
  locale: Locale,
  parts: WordsParts,
): string {
  const [first] = items;
  if (!first) return "";
  return items.length === 1 && more === 0
    ? headlineOf(first, locale, parts)
    : manyItems(items, more, locale, parts).title;
}

/** The first lines of an error. */
function detailOf(notice: Notice, locale: Locale): string | undefined {
  if (notice.error === undefined || notice.kind === "watch") return undefined;
  const lines = shownText(errorText(notice, locale)).trimEnd().split("\n");
  const kept = lines.slice(0, DETAIL_LINES).join("\n");
  return clipChars(lines.length > DETAIL_LINES ? `${kept}\n…` : kept, DETAIL_CHARS);
}

function shortOf(notice: Notice, locale: Locale): string {
  return clipChars(oneLine(errorText(notice, locale).split("\n", 1)[0] ?? ""), SHORT_CHARS);
}

function errorText({ error: message = "", sentence }: Notice, locale: Locale): string {
  return toldText({ message, sentence }, locale);
}

function linkTo({ task, run, kind, subject }: Notice, baseUrl: string): string | undefined {
  if (baseUrl === "") return undefined;
  const base = baseUrl.replace(/\/$/, "");
  if (run !== undefined) return `${base}/runs/${encodeURIComponent(run)}`;
  const [, backfill] = /^backfill\/(.*)$/.exec(subject) ?? [];
  if (backfill !== undefined) return `${base}/backfills/${encodeURIComponent(backfill)}`;
  if (task !== undefined && kind !== "broken") return `${base}/tasks/${encodeURIComponent(task)}`;
  return `${base}/`;
}

/** The worst of what is said. */
function toneOf(items: readonly Item[]): Tone {
  const tones = items.map(({ notice: { kind }, over }) => TONES[kind] ?? (over ? "warn" : "bad"));
  return (["bad", "warn", "good", "info"] as const).find((tone) => tones.includes(tone)) ?? "info";
}

function eventOf({ notice: { kind, at, task, run, error }, count }: Item): MessageEvent {
  return { kind, at, task, run, count, error };
}
